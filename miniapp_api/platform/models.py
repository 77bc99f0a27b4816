"""Tables of the platform: they know no domain."""

from __future__ import annotations

from tortoise import fields, models


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
