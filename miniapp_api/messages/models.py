"""Tables of messages."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import UniqueConstraint


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


class Subscription(models.Model):
    """What a citizen accepted of a template (订阅消息授权): how often, and how much is used up.

    A one-time subscription (一次性订阅) is good for one message. The client and WeChat both report
    the same acceptance, and either report may be lost: the larger count is what was accepted.
    """

    id = fields.BigIntField(primary_key=True)
    citizen = fields.UUIDField()
    template = fields.CharField(max_length=64)
    by_client = fields.IntField(default=0)
    by_wechat = fields.IntField(default=0)
    used = fields.IntField(default=0)
    updated_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "subscription"
        constraints = (
            UniqueConstraint(fields=("citizen", "template"), name="subscription_of_template"),
        )


class MessageDelivery(models.Model):
    """A message on its way out of the inbox, on one channel (消息送达记录)."""

    id = fields.BigIntField(primary_key=True)
    notice = fields.BigIntField()
    citizen = fields.UUIDField(db_index=True)
    kind = fields.CharField(max_length=40)
    channel = fields.CharField(max_length=12)
    template = fields.CharField(max_length=64, null=True)
    about: dict = fields.JSONField()  # the facts that it says, nothing about the person
    state = fields.CharField(max_length=12)
    reason = fields.CharField(max_length=24)
    attempts = fields.SmallIntField(default=0)
    receipt = fields.CharField(max_length=64, null=True)  # WeChat's id of the message
    created_at = fields.DatetimeField(db_index=True)
    changed_at = fields.DatetimeField()
    due_at = fields.DatetimeField(null=True)  # when it is looked at next; empty when it is over
    valid_until = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "message_delivery"
        indexes = (
            PostgreSQLIndex(fields=("due_at", "id")),
            PostgreSQLIndex(fields=("changed_at",), condition={"state": "failed"}),
        )
        constraints = (
            UniqueConstraint(fields=("notice", "channel"), name="delivery_once_a_channel"),
        )


class MessagePreference(models.Model):
    """How a citizen wants to be told (提醒设置); without a row by SMS too."""

    citizen = fields.UUIDField(primary_key=True)
    sms = fields.BooleanField()
    updated_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "message_preference"
