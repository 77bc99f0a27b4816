"""Tables of identity."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from miniapp_api.platform.sealing import SealedField


class ProxyGrant(models.Model):
    """A person's consent that somebody books for him (代办授权).

    A child (孩子) has no phone: the guardian declares it, and the principal is a managed person.
    """

    id = fields.UUIDField(primary_key=True)
    agent = fields.UUIDField()
    principal = fields.UUIDField()
    relation = fields.CharField(max_length=16)
    label = fields.CharField(max_length=8)
    organisation = fields.CharField(max_length=18, null=True)
    phone_masked = fields.CharField(max_length=16, null=True)
    consent = fields.CharField(max_length=16)  # code: by SMS; guardian: declared
    granted_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "proxy_grant"
        indexes = (PostgreSQLIndex(fields=("principal",)),)
        constraints = (
            UniqueConstraint(
                fields=("agent", "principal"),
                name="proxy_grant_one_live",
                condition="revoked_at IS NULL",
            ),
        )


class Citizen(models.Model):
    """A citizen (市民), known by a phone number: an index to find it, a mask to show, sealed.

    All three are empty after he had his data deleted; the id stays, because cases name it.
    """

    id = fields.UUIDField(primary_key=True)
    phone_index = fields.CharField(max_length=64, unique=True, null=True)
    phone_masked = fields.CharField(max_length=16)
    phone_sealed = SealedField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    erased_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "citizen"


class Profile(models.Model):
    """Who a citizen is (个人信息): verified name and identity number, and his address."""

    citizen = fields.UUIDField(primary_key=True)
    name_sealed = SealedField(null=True)
    id_number_sealed = SealedField(null=True)
    id_index = fields.CharField(max_length=64, unique=True, null=True)
    address_sealed = SealedField(null=True)
    assurance = fields.SmallIntField()  # 1 phone, 2 real name, 3 real name and face
    verified_at = fields.DatetimeField(null=True)
    updated_at = fields.DatetimeField()
    restricted_at = fields.DatetimeField(null=True)  # deleted, but the archive must keep it

    class Meta:
        """Table options."""

        table = "profile"
        constraints = (
            CheckConstraint(check="assurance BETWEEN 1 AND 3", name="profile_assurance"),
        )


class WechatAccount(models.Model):
    """A WeChat user of the mini-program (微信账号) and the citizen he is."""

    id = fields.UUIDField(primary_key=True)
    openid_index = fields.CharField(max_length=64, unique=True)
    openid_sealed = SealedField()
    citizen = fields.UUIDField(db_index=True)
    linked_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "wechat_account"


class CitizenSession(models.Model):
    """A device that is logged in (登录设备): its refresh token's generation says which one counts.

    The access token is in Redis, where ending a session deletes it at once.
    """

    id = fields.UUIDField(primary_key=True)
    citizen = fields.UUIDField(db_index=True)
    label = fields.CharField(max_length=40)
    channel = fields.CharField(max_length=8)  # sms or wechat
    generation = fields.IntField()
    retry = fields.CharField(max_length=64, null=True)  # who may ask again for the last answer
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "citizen_session"


class ConsentRecord(models.Model):
    """A consent to use personal data (个人信息处理同意), one row for each time it was given."""

    id = fields.BigIntField(primary_key=True)
    citizen = fields.UUIDField()
    purpose = fields.CharField(max_length=32)
    version = fields.CharField(max_length=16)
    given_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "consent_record"
        constraints = (
            UniqueConstraint(
                fields=("citizen", "purpose"),
                name="consent_one_live",
                condition="withdrawn_at IS NULL",
            ),
        )


class Enterprise(models.Model):
    """An enterprise (法人账号), opened by its legal representative (法定代表人)."""

    id = fields.UUIDField(primary_key=True)
    uscc = fields.CharField(max_length=18, unique=True)  # public, unlike a person's number
    name = fields.CharField(max_length=100)
    representative = fields.UUIDField(db_index=True)
    representative_index = fields.CharField(max_length=64)
    opened_at = fields.DatetimeField()
    verified_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "enterprise"


class Delegation(models.Model):
    """Leave to act for an enterprise (企业授权), in force once the delegate accepted it."""

    id = fields.UUIDField(primary_key=True)
    enterprise: fields.ForeignKeyRelation[Enterprise] = fields.ForeignKeyField(
        "identity.Enterprise", on_delete=fields.CASCADE
    )
    delegate = fields.UUIDField(db_index=True)
    scopes = ArrayField("text")
    phone_masked = fields.CharField(max_length=16)
    offered_by = fields.UUIDField()
    offered_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "delegation"
        constraints = (
            UniqueConstraint(
                fields=("enterprise_id", "delegate"),
                name="delegation_one_live",
                condition="revoked_at IS NULL",
            ),
        )
