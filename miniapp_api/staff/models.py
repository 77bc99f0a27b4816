"""Tables of staff."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.fields import ArrayField

from miniapp_api.platform.sealing import SealedField


class StaffAccount(models.Model):
    """An account of a member of staff (工作人员账号) or of a device of the hall (取号机)."""

    id = fields.UUIDField(primary_key=True)
    login = fields.CharField(max_length=40, unique=True)
    name = fields.CharField(max_length=40)
    hall = fields.CharField(max_length=64)
    roles = ArrayField("text")
    departments = ArrayField("text")  # whose cases a clerk may handle
    skills = ArrayField("text")  # themes of items that he handles; none means every one
    password_hash = fields.CharField(max_length=200)
    totp_sealed = SealedField(null=True)  # the second factor's secret
    totp_confirmed_at = fields.DatetimeField(null=True)
    totp_step = fields.BigIntField(null=True)  # of the last code that was used
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
    second_factor = fields.BooleanField()

    class Meta:
        """Table options."""

        table = "staff_session"
