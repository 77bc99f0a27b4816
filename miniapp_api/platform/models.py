"""Tables of the platform: they know no domain."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.migrations.constraints import UniqueConstraint


class IdempotentAnswer(models.Model):
    """The answer once given under an Idempotency-Key (幂等键), to be given again."""

    id = fields.BigIntField(primary_key=True)
    owner = fields.UUIDField()
    action = fields.CharField(max_length=40)
    key = fields.CharField(max_length=64)
    fingerprint = fields.BinaryField()
    answer: dict | None = fields.JSONField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True, db_index=True)

    class Meta:
        """Table options."""

        table = "idempotent_answer"
        unique_together = (("owner", "action", "key"),)


class AuditEntry(models.Model):
    """A change that somebody made (审计日志); a trigger refuses to change or delete it."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    actor_kind = fields.CharField(max_length=16)
    actor = fields.UUIDField(null=True)
    action = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=128)
    hall = fields.CharField(max_length=64, null=True)
    detail: dict = fields.JSONField()
    chain = fields.IntField()
    link = fields.BigIntField()
    hash = fields.BinaryField()

    class Meta:
        """Table options."""

        table = "audit_entry"
        # The trail of a hall, and in it what somebody did, what was done to something, and when.
        indexes = (("hall", "id"), ("actor", "id"), ("subject", "id"), ("action", "id"), ("at",))
        unique_together = (("chain", "link"),)


class DataKey(models.Model):
    """A key that seals columns or files (数据密钥), wrapped with the master key."""

    id = fields.IntField(primary_key=True)
    purpose = fields.CharField(max_length=16)
    algorithm = fields.CharField(max_length=16)
    wrapped = fields.BinaryField()
    active = fields.BooleanField()
    created_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "data_key"
        constraints = (
            UniqueConstraint(fields=("purpose",), name="data_key_one_active", condition="active"),
        )


class AuditChain(models.Model):
    """The last link of a chain of the audit trail (审计链); the trail's trigger writes it."""

    id = fields.IntField(primary_key=True)
    chain = fields.IntField(unique=True)
    link = fields.BigIntField()
    hash = fields.BinaryField()

    class Meta:
        """Table options."""

        table = "audit_chain"


class Outbox(models.Model):
    """Work to do after a commit (发件箱)."""

    id = fields.BigIntField(primary_key=True)
    topic = fields.CharField(max_length=40)
    body: dict = fields.JSONField()
    due_at = fields.DatetimeField()
    attempts = fields.IntField()
    key = fields.CharField(max_length=128, null=True, unique=True)
    error = fields.CharField(max_length=64, null=True)  # the type of the last failure
    done_at = fields.DatetimeField(null=True)
    dead_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "outbox"
        indexes = (("done_at", "due_at"),)
