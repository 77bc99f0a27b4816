"""Tables of guides: what editors write in the browser."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class GuideVersion(models.Model):
    """A version of a guide or a notice (指南版本), from the first draft to what replaced it."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=8)  # items or notices
    code = fields.CharField(max_length=64)
    name = fields.CharField(max_length=200)
    state = fields.CharField(max_length=12)
    origin = fields.CharField(max_length=8)  # editor, rollback, or file: a copy of what git had
    revision = fields.IntField()  # grows with every save
    text = fields.TextField()
    base_version = fields.IntField()  # what citizens saw when it was last saved
    version = fields.IntField(null=True)  # given at publication
    authors = ArrayField("uuid")  # everybody who saved it: none of them approves it
    created_at = fields.DatetimeField()
    saved_by = fields.UUIDField(null=True)
    saved_at = fields.DatetimeField()
    why = fields.CharField(max_length=500, null=True)
    submitted_by = fields.UUIDField(null=True)
    submitted_at = fields.DatetimeField(null=True)
    approved_by = fields.UUIDField(null=True)
    approved_at = fields.DatetimeField(null=True)
    publish_on = fields.DateField(null=True)
    published_at = fields.DatetimeField(null=True)
    closed_by = fields.UUIDField(null=True)
    closed_at = fields.DatetimeField(null=True)
    remark = fields.CharField(max_length=500, null=True)  # why it was rejected or withdrawn

    class Meta:
        """Table options."""

        table = "guide_version"
        constraints = (
            CheckConstraint(
                check="approved_by IS NULL OR NOT approved_by = ANY(authors)",
                name="guide_version_four_eyes",
            ),
            CheckConstraint(
                check="(state IN ('published', 'superseded')) = (version IS NOT NULL)",
                name="guide_version_numbered",
            ),
            UniqueConstraint(
                fields=("kind", "code"),
                name="guide_version_one_open",
                condition="state IN ('draft', 'submitted', 'scheduled')",
            ),
            UniqueConstraint(
                fields=("kind", "code"),
                name="guide_version_one_published",
                condition="state = 'published'",
            ),
            UniqueConstraint(fields=("kind", "code", "version"), name="guide_version_number"),
        )
        indexes = (PostgreSQLIndex(fields=("state",), condition={"state": "scheduled"}),)


class GuideSave(models.Model):
    """A text as it was saved (保存记录): nothing that an editor saved is ever lost."""

    id = fields.BigIntField(primary_key=True)
    version: fields.ForeignKeyRelation[GuideVersion] = fields.ForeignKeyField(
        "guides.GuideVersion", on_delete=fields.CASCADE
    )
    revision = fields.IntField()
    text = fields.TextField()
    saved_by = fields.UUIDField()
    saved_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "guide_save"
        unique_together = (("version", "revision"),)
