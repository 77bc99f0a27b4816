"""Tables of identity."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import UniqueConstraint


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
    """A citizen (市民), known by a phone number that is kept only as a keyed hash and a mask."""

    id = fields.UUIDField(primary_key=True)
    phone_index = fields.CharField(max_length=64, unique=True)
    phone_masked = fields.CharField(max_length=16)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        """Table options."""

        table = "citizen"
