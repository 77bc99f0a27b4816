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
    windows = ArrayField("text")  # that he may open; none means every one
    password_hash = fields.CharField(max_length=200)  # empty: none was given out yet
    # Set while he has the password that he was given: it is changed by then, or it is void.
    first_password_until = fields.DatetimeField(null=True)
    totp_sealed = SealedField(null=True)  # the second factor's secret
    totp_confirmed_at = fields.DatetimeField(null=True)
    totp_step = fields.BigIntField(null=True)  # of the last code that was used
    disabled_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    version = fields.IntField()  # counts what administrators changed

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


class LoginFailure(models.Model):
    """Failed log-ins of an account in a period (登录失败), until the audit trail was told."""

    id = fields.BigIntField(primary_key=True)
    subject = fields.CharField(max_length=64)  # as in the trail; all unknown logins are one
    hall = fields.CharField(max_length=64, null=True)
    began_at = fields.DatetimeField()
    first_at = fields.DatetimeField()
    last_at = fields.DatetimeField()
    password = fields.IntField()
    code = fields.IntField()
    disabled = fields.IntField()
    lapsed = fields.IntField()
    locked = fields.IntField()

    class Meta:
        """Table options."""

        table = "login_failure"
        unique_together = (("subject", "began_at"),)


class AuditCheck(models.Model):
    """A check of the whole audit trail (审计核验), and how far it is."""

    id = fields.UUIDField(primary_key=True)
    started_at = fields.DatetimeField()
    started_by = fields.UUIDField()
    entries = fields.BigIntField()  # that there were when it began
    done = fields.BigIntField()
    seen_at = fields.DatetimeField()  # when the process that does it last said so
    ended_at = fields.DatetimeField(null=True)
    last_entry_at = fields.DatetimeField(null=True)  # it vouches for the trail up to here
    faults = ArrayField("text")  # the first ones; they name entries, never what they say
    faults_found = fields.IntField()
    witness = fields.CharField(max_length=64)  # the last checkpoint's hash, empty without one

    class Meta:
        """Table options."""

        table = "audit_check"
        indexes = (("started_at",),)
