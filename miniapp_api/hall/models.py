"""Tables of the hall: everything that a restart must not lose."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import UniqueConstraint


class QueueDay(models.Model):
    """A queue on a day: its last number, and the mutex of its calls."""

    id = fields.BigIntField(primary_key=True)
    hall = fields.CharField(max_length=64)
    queue = fields.CharField(max_length=64)
    day = fields.DateField()
    last_number = fields.IntField()
    called = fields.IntField()

    class Meta:
        """Table options."""

        table = "queue_day"
        unique_together = (("hall", "queue", "day"),)


class Ticket(models.Model):
    """A ticket (排队号)."""

    id = fields.UUIDField(primary_key=True)
    hall = fields.CharField(max_length=64)
    queue = fields.CharField(max_length=64)
    day = fields.DateField()
    first_queue = fields.CharField(max_length=64)  # which gave the number
    sequence = fields.IntField()
    number = fields.CharField(max_length=12)
    kind = fields.CharField(max_length=16)
    priority = fields.CharField(max_length=16, null=True)
    appointment_id = fields.UUIDField(null=True)
    citizen = fields.UUIDField(null=True)
    item = fields.CharField(max_length=64, null=True)
    status = fields.CharField(max_length=16)
    arrived_at = fields.DatetimeField()
    booked_for = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField()
    window = fields.CharField(max_length=8, null=True)
    calls = fields.IntField(default=0)
    requeues = fields.IntField(default=0)
    warned = fields.BooleanField(default=False)  # told that the turn is near
    called_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "ticket"
        unique_together = (("hall", "first_queue", "day", "sequence"),)
        indexes = (
            PostgreSQLIndex(fields=("hall", "day", "queue", "status")),
            PostgreSQLIndex(fields=("citizen", "day")),
        )
        constraints = (
            UniqueConstraint(
                fields=("appointment_id",),
                name="ticket_one_live",
                condition="appointment_id IS NOT NULL",
            ),
        )


class WindowSession(models.Model):
    """A clerk at a window (窗口上岗), with the ticket in hand."""

    id = fields.UUIDField(primary_key=True)
    hall = fields.CharField(max_length=64)
    window = fields.CharField(max_length=8)
    queue = fields.CharField(max_length=64)
    staff = fields.UUIDField()
    state = fields.CharField(max_length=16)  # open, paused
    ticket: fields.ForeignKeyNullableRelation[Ticket] = fields.ForeignKeyField(
        "hall.Ticket", on_delete=fields.SET_NULL, null=True
    )
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "window_session"
        constraints = (
            UniqueConstraint(
                fields=("hall", "window"),
                name="window_one_live",
                condition="closed_at IS NULL",
            ),
            UniqueConstraint(
                fields=("staff",),
                name="window_staff_one_live",
                condition="closed_at IS NULL",
            ),
        )


class CallEvent(models.Model):
    """What the hall's screen shows, in order (叫号记录), and a ticket's history."""

    id = fields.BigIntField(primary_key=True)
    hall = fields.CharField(max_length=64)
    at = fields.DatetimeField()
    kind = fields.CharField(max_length=16)
    ticket_id = fields.UUIDField(db_index=True)
    number = fields.CharField(max_length=12)
    queue = fields.CharField(max_length=64)
    window = fields.CharField(max_length=8, null=True)

    class Meta:
        """Table options."""

        table = "call_event"
        indexes = (PostgreSQLIndex(fields=("hall", "id")),)
