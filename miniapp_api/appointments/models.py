"""Tables of appointments. The database itself forbids overselling and double booking."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from miniapp_api.appointments.rules import LIVE


class Closure(models.Model):
    """A time in which a hall, a queue or some windows are closed out of schedule (临时停办)."""

    id = fields.BigIntField(primary_key=True)
    hall = fields.CharField(max_length=64)
    queue = fields.CharField(max_length=64, null=True)  # None: the whole hall
    windows = ArrayField("text", null=True)  # of the queue; None: all of them
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    reason = fields.CharField(max_length=200)
    created_by = fields.UUIDField(null=True)  # None: a change of the plan
    created_at = fields.DatetimeField()
    lifted_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "closure"
        constraints = (
            CheckConstraint(check="ends_at > starts_at", name="closure_order"),
            CheckConstraint(check="windows IS NULL OR queue IS NOT NULL", name="closure_windows"),
        )


class HallPlan(models.Model):
    """A version of a hall's rules and schedules (排班与规则); the latest is in force."""

    id = fields.BigIntField(primary_key=True)
    hall = fields.CharField(max_length=64)
    version = fields.IntField()
    body: dict = fields.JSONField()
    created_by = fields.UUIDField()
    created_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "hall_plan"
        unique_together = (("hall", "version"),)


class Slot(models.Model):
    """A time slot (号源时段) of a queue; its row is the mutex of its seats."""

    id = fields.BigIntField(primary_key=True)
    hall = fields.CharField(max_length=64)
    queue = fields.CharField(max_length=64)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    released_at = fields.DatetimeField()  # 放号
    pooled_at = fields.DatetimeField(null=True)  # when what was left became common to all channels
    closure: fields.ForeignKeyNullableRelation[Closure] = fields.ForeignKeyField(
        "appointments.Closure", on_delete=fields.RESTRICT, null=True
    )

    class Meta:
        """Table options."""

        table = "slot"
        unique_together = (("hall", "queue", "starts_at"),)
        constraints = (CheckConstraint(check="ends_at > starts_at", name="slot_order"),)


class Allotment(models.Model):
    """The seats of a slot for one channel (渠道号源): `remaining` of `capacity` are free."""

    id = fields.BigIntField(primary_key=True)
    slot: fields.ForeignKeyRelation[Slot] = fields.ForeignKeyField(
        "appointments.Slot", on_delete=fields.CASCADE
    )
    channel = fields.CharField(max_length=16)
    capacity = fields.IntField()
    remaining = fields.IntField()

    class Meta:
        """Table options."""

        table = "allotment"
        unique_together = (("slot", "channel"),)
        constraints = (
            CheckConstraint(
                check="remaining >= 0 AND remaining <= capacity", name="allotment_seats"
            ),
        )


class Appointment(models.Model):
    """A visit to the hall (预约): first held, then confirmed."""

    id = fields.UUIDField(primary_key=True)
    slot: fields.ForeignKeyRelation[Slot] = fields.ForeignKeyField(
        "appointments.Slot", on_delete=fields.RESTRICT
    )  # the first, when it takes several
    citizen = fields.UUIDField()  # who booked (预约人)
    principal = fields.UUIDField()  # whose matter it is (办理人)
    grant_id = fields.UUIDField(null=True)  # the principal's consent (代办授权)
    organisation = fields.CharField(max_length=18, null=True)
    item = fields.CharField(max_length=64)
    hall = fields.CharField(max_length=64)
    queue = fields.CharField(max_length=64)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    day = fields.DateField()
    nth = fields.SmallIntField()  # of the person's live bookings of the item on the day
    attendee = fields.CharField(max_length=16)
    status = fields.CharField(max_length=16)
    channel = fields.CharField(max_length=16)
    reference = fields.CharField(max_length=12, unique=True)
    document_index = fields.CharField(max_length=64, null=True)  # keyed hash of an ID number
    materials_ready = fields.BooleanField(default=False)
    waiting_id = fields.UUIDField(null=True)  # a held seat that was offered from the waiting list
    hold_expires_at = fields.DatetimeField()
    counted = fields.BooleanField(default=False)  # a cancellation that counts toward the limit
    checked_in_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "appointment"
        indexes = (
            PostgreSQLIndex(fields=("hold_expires_at",), condition={"status": "held"}),
            PostgreSQLIndex(fields=("citizen", "day")),
            PostgreSQLIndex(fields=("principal", "day")),
            PostgreSQLIndex(fields=("document_index", "day")),
            PostgreSQLIndex(fields=("hall", "day", "channel", "status")),  # the figures read no row
            PostgreSQLIndex(fields=("slot_id",)),
            PostgreSQLIndex(fields=("ends_at",), condition={"status": "confirmed"}),
        )
        constraints = (
            UniqueConstraint(
                fields=("principal", "item", "day", "nth"),
                name="appointment_one_live",
                condition="status IN ({})".format(", ".join(f"'{s}'" for s in LIVE)),
            ),
        )


class Seat(models.Model):
    """A seat that an appointment takes (占用的号): deleted when it is given back.

    For every allotment, its seats and its `remaining` add up to its `capacity`.
    """

    id = fields.BigIntField(primary_key=True)
    appointment: fields.ForeignKeyRelation[Appointment] = fields.ForeignKeyField(
        "appointments.Appointment", on_delete=fields.CASCADE
    )
    allotment: fields.ForeignKeyRelation[Allotment] = fields.ForeignKeyField(
        "appointments.Allotment", on_delete=fields.RESTRICT
    )

    class Meta:
        """Table options."""

        table = "seat"
        unique_together = (("appointment", "allotment"),)
        indexes = (PostgreSQLIndex(fields=("allotment_id",)),)


class Waiting(models.Model):
    """A place on the waiting list (候补) of a queue for a day or a range of days."""

    id = fields.UUIDField(primary_key=True)
    citizen = fields.UUIDField()
    principal = fields.UUIDField()
    grant_id = fields.UUIDField(null=True)
    organisation = fields.CharField(max_length=18, null=True)
    attendee = fields.CharField(max_length=16)
    hall = fields.CharField(max_length=64)
    queue = fields.CharField(max_length=64)
    item = fields.CharField(max_length=64)
    channel = fields.CharField(max_length=16)
    first_day = fields.DateField()
    last_day = fields.DateField()
    status = fields.CharField(max_length=16)  # waiting, offered, booked, left, ended
    position_at = fields.DatetimeField()  # who is earlier is served earlier
    offers = fields.IntField(default=0)
    appointment_id = fields.UUIDField(null=True)  # the seat that is offered
    created_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "waiting"
        indexes = (
            PostgreSQLIndex(
                fields=("hall", "queue", "position_at"), condition={"status": "waiting"}
            ),
            PostgreSQLIndex(fields=("citizen",)),
        )
        constraints = (
            CheckConstraint(check="last_day >= first_day", name="waiting_order"),
            UniqueConstraint(
                fields=("principal", "item", "hall", "first_day"),
                name="waiting_one_live",
                condition="status IN ('waiting', 'offered')",
            ),
        )


class Suspension(models.Model):
    """A time in which a person may not book (暂停预约), and his appeal (申诉)."""

    id = fields.UUIDField(primary_key=True)
    principal = fields.UUIDField()
    hall = fields.CharField(max_length=64)
    cause = fields.CharField(max_length=16)  # no_shows, cancellations
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    appeal = fields.CharField(max_length=500, null=True)
    appeal_status = fields.CharField(max_length=16, null=True)  # open, granted, refused
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    lifted_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "suspension"
        indexes = (PostgreSQLIndex(fields=("principal", "hall")),)


class UsedToken(models.Model):
    """A check-in code (签到码) that was shown once and is worth nothing any more."""

    jti = fields.CharField(max_length=64, primary_key=True)
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        """Table options."""

        table = "used_token"
