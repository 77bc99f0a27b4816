"""Tables of identity."""

from __future__ import annotations

from tortoise import fields, models


class Citizen(models.Model):
    """A citizen (市民), known by a phone number that is kept only as a keyed hash and a mask."""

    id = fields.UUIDField(primary_key=True)
    phone_index = fields.CharField(max_length=64, unique=True)
    phone_masked = fields.CharField(max_length=16)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        """Table options."""

        table = "citizen"
