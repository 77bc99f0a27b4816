"""Tables of chat."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import UniqueConstraint


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
    """What a citizen or an agent said, or what was answered to it."""

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
    agent = fields.IntField(null=True)  # number of the agent who says it (工号)

    class Meta:
        """Table options."""

        table = "message"
        unique_together = (("conversation", "key"),)
        indexes = (
            PostgreSQLIndex(fields=("conversation_id", "id")),
            PostgreSQLIndex(fields=("reply_to",)),
        )


class Handover(models.Model):
    """A conversation that a person shall answer (转人工): at most one is open in each."""

    id = fields.UUIDField(primary_key=True)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "chat.Conversation", on_delete=fields.CASCADE
    )
    state = fields.CharField(max_length=8)
    question = fields.CharField(max_length=500)
    item = fields.CharField(max_length=64, null=True)
    case_id = fields.UUIDField(null=True)
    candidates: list | None = fields.JSONField(null=True)
    asked_at = fields.DatetimeField()
    promised_for = fields.DatetimeField(null=True)
    sorry_at = fields.DatetimeField(null=True)  # told that it takes long
    staff = fields.UUIDField(null=True)
    taken_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    ended = fields.CharField(max_length=12, null=True)  # the step that ended it

    class Meta:
        """Table options."""

        table = "handover"
        indexes = (PostgreSQLIndex(fields=("state", "asked_at")),)
        constraints = (
            UniqueConstraint(
                fields=("conversation_id",),
                name="handover_one_open",
                condition="state <> 'closed'",
            ),
        )


class Agent(models.Model):
    """A human agent (人工坐席): his number for citizens, and when he was last at his desk."""

    id = fields.IntField(primary_key=True)
    staff = fields.UUIDField(unique=True)
    seen_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "chat_agent"


class Feedback(models.Model):
    """Whether an answer helped (👍👎)."""

    id = fields.BigIntField(primary_key=True)
    message: fields.OneToOneRelation[Message] = fields.OneToOneField(
        "chat.Message", on_delete=fields.CASCADE
    )
    helpful = fields.BooleanField()
    reason = fields.CharField(max_length=16, null=True)
    text = fields.CharField(max_length=200, null=True)
    item = fields.CharField(max_length=64, null=True)
    at = fields.DatetimeField(db_index=True)

    class Meta:
        """Table options."""

        table = "answer_feedback"
