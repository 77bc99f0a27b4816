"""Tables of chat."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.indexes import PostgreSQLIndex


class Conversation(models.Model):
    """A conversation (会话); once a citizen logs in in it, it is his alone."""

    id = fields.CharField(max_length=64, primary_key=True)
    citizen = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    last_at = fields.DatetimeField(db_index=True)

    class Meta:
        """Table options."""

        table = "conversation"


class Message(models.Model):
    """What a citizen said, or what was answered to it."""

    id = fields.BigIntField(primary_key=True)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "chat.Conversation", on_delete=fields.CASCADE
    )
    author = fields.CharField(max_length=8)
    text = fields.TextField()
    answers: list | None = fields.JSONField(null=True)
    via = fields.CharField(max_length=8, null=True)
    reply_to = fields.BigIntField(null=True)
    key = fields.CharField(max_length=64, null=True)
    created_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "message"
        unique_together = (("conversation", "key"),)
        indexes = (
            PostgreSQLIndex(fields=("conversation_id", "id")),
            PostgreSQLIndex(fields=("reply_to",)),
        )
