"""Tables of staff."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.fields import ArrayField


class StaffAccount(models.Model):
    """An account of a member of staff (工作人员账号) or of a device of the hall (取号机)."""

    id = fields.UUIDField(primary_key=True)
    login = fields.CharField(max_length=40, unique=True)
    name = fields.CharField(max_length=40)
    hall = fields.CharField(max_length=64)
    roles = ArrayField("text")
    password_hash = fields.CharField(max_length=200)
    disabled_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "staff_account"


class StaffSession(models.Model):
    """A staff session: in PostgreSQL, because a hall does not stop when Redis is away."""

    token_hash = fields.CharField(max_length=64, primary_key=True)
    account: fields.ForeignKeyRelation[StaffAccount] = fields.ForeignKeyField(
        "staff.StaffAccount", on_delete=fields.CASCADE
    )
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        """Table options."""

        table = "staff_session"
