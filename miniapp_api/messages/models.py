"""Tables of messages."""

from __future__ import annotations

from tortoise import fields, models


class Notice(models.Model):
    """A message in a citizen's inbox (消息)."""

    id = fields.BigIntField(primary_key=True)
    citizen = fields.UUIDField()
    kind = fields.CharField(max_length=40)
    title = fields.CharField(max_length=60)
    text = fields.CharField(max_length=500)
    page = fields.CharField(max_length=200, null=True)
    created_at = fields.DatetimeField(db_index=True)
    read_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "notice"
        indexes = (("citizen", "id"),)
