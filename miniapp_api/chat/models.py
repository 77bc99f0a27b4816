"""Tables of chat."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import UniqueConstraint

from miniapp_api.platform.sealing import SealedField


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


class WeChatTalk(models.Model):
    """A WeChat user's talk with us (微信会话): his conversation, and who works on it."""

    id = fields.UUIDField(primary_key=True)
    openid_index = fields.CharField(max_length=64, unique=True)
    openid_sealed = SealedField()
    conversation = fields.CharField(max_length=64, db_index=True)
    choices: list | None = fields.JSONField(null=True)  # what 1, 2, 3 stand for
    said_at = fields.DatetimeField(db_index=True)
    greeted_at = fields.DatetimeField(null=True)
    news = fields.IntField()  # counts what came in: who rests sees whether there is more
    due_at = fields.DatetimeField(null=True, db_index=True)
    lease = fields.UUIDField(null=True)
    lease_until = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "wechat_talk"


class WeChatPush(models.Model):
    """A message or event that WeChat pushed (微信推送), once."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    talk: fields.ForeignKeyRelation[WeChatTalk] = fields.ForeignKeyField(
        "chat.WeChatTalk", on_delete=fields.CASCADE
    )
    kind = fields.CharField(max_length=8)
    text = fields.TextField()  # emptied when it is answered
    at = fields.DatetimeField(db_index=True)
    answered = fields.BooleanField()
    attempts = fields.IntField()
    due_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "wechat_push"
        indexes = (PostgreSQLIndex(fields=("talk_id", "answered", "id")),)


class WeChatPiece(models.Model):
    """A customer message to a WeChat user (客服消息), and what became of it."""

    id = fields.BigIntField(primary_key=True)
    talk: fields.ForeignKeyRelation[WeChatTalk] = fields.ForeignKeyField(
        "chat.WeChatTalk", on_delete=fields.CASCADE
    )
    body: dict = fields.JSONField()  # emptied when it went out
    state = fields.CharField(max_length=8)
    attempts = fields.IntField()
    due_at = fields.DatetimeField()
    at = fields.DatetimeField(db_index=True)
    reason = fields.CharField(max_length=16, null=True)

    class Meta:
        """Table options."""

        table = "wechat_piece"
        indexes = (PostgreSQLIndex(fields=("talk_id", "state", "id")),)


class UnansweredQuestion(models.Model):
    """A question that the guides had no answer to (没答上的问题), each wording once."""

    id = fields.BigIntField(primary_key=True)
    wording = fields.CharField(max_length=100, unique=True)
    text = fields.CharField(max_length=100)  # as it was said first
    times = fields.IntField()
    near: list | None = fields.JSONField(null=True)  # items that came nearest
    first_at = fields.DatetimeField()
    last_at = fields.DatetimeField(db_index=True)
    state = fields.CharField(max_length=9)
    item = fields.CharField(max_length=64, null=True)  # the guide that learnt to say it
    reason = fields.CharField(max_length=200, null=True)
    settled_by = fields.UUIDField(null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "unanswered_question"
        indexes = (PostgreSQLIndex(fields=("state", "times")),)


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
