"""Tables of appointments. The database itself forbids overselling and double booking."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from miniapp_api.appointments.rules import ACTIVE


class Slot(models.Model):
    """A time slot (号源时段) of a queue: `remaining` of `capacity` seats are free."""

    id = fields.BigIntField(primary_key=True)
    hall = fields.CharField(max_length=64)
    queue = fields.CharField(max_length=64)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    capacity = fields.IntField()
    remaining = fields.IntField()

    class Meta:
        """Table options."""

        table = "slot"
        unique_together = (("hall", "queue", "starts_at"),)
        constraints = (
            CheckConstraint(check="remaining >= 0 AND remaining <= capacity", name="slot_seats"),
            CheckConstraint(check="ends_at > starts_at", name="slot_order"),
        )


class Appointment(models.Model):
    """A citizen's seat in a slot (预约): first held, then confirmed."""

    id = fields.UUIDField(primary_key=True)
    slot: fields.ForeignKeyRelation[Slot] = fields.ForeignKeyField(
        "appointments.Slot", on_delete=fields.RESTRICT
    )
    citizen = fields.UUIDField()
    item = fields.CharField(max_length=64)
    day = fields.DateField()
    attendee = fields.CharField(max_length=16)
    status = fields.CharField(max_length=16)
    reference = fields.CharField(max_length=12, unique=True)
    hold_expires_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "appointment"
        indexes = (
            PostgreSQLIndex(fields=("hold_expires_at",), condition={"status": "held"}),
            PostgreSQLIndex(fields=("citizen", "day")),
            PostgreSQLIndex(fields=("slot_id",)),
        )
        constraints = (
            UniqueConstraint(
                fields=("citizen", "item", "day"),
                name="appointment_one_active",
                condition="status IN ({})".format(", ".join(f"'{s}'" for s in ACTIVE)),
            ),
        )
