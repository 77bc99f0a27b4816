"""Tables of payments. The database itself forbids two live orders and refunding too much."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from miniapp_api.payments.rules import LIVE, MOST_PARTS


class PayOrder(models.Model):
    """An order (缴费单): what a citizen pays for one subject.

    held_fen: what was refunded or is being refunded; refunded_fen: what really went back.
    """

    id = fields.UUIDField(primary_key=True)
    out_trade_no = fields.CharField(max_length=32, unique=True)
    citizen = fields.UUIDField(db_index=True)
    subject = fields.CharField(max_length=100, db_index=True)
    amount_fen = fields.BigIntField()
    description = fields.CharField(max_length=127)
    status = fields.CharField(max_length=16)
    prepay_id = fields.CharField(max_length=64, null=True)
    transaction_id = fields.CharField(max_length=64, null=True)
    receipt_number = fields.CharField(max_length=32, null=True, unique=True)
    held_fen = fields.BigIntField(default=0)
    refunded_fen = fields.BigIntField(default=0)
    refund_parts = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    asked_at = fields.DatetimeField(null=True)  # WeChat may know the order from here on
    prepaid_at = fields.DatetimeField(null=True)
    paid_at = fields.DatetimeField(null=True, db_index=True)
    closed_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField()
    check_at = fields.DatetimeField(null=True, db_index=True)  # when to ask what became of it

    class Meta:
        """Table options."""

        table = "pay_order"
        indexes = (PostgreSQLIndex(fields=("created_at", "id")),)
        constraints = (
            UniqueConstraint(
                fields=("subject",),
                name="pay_order_one_live",
                condition="status IN ({})".format(", ".join(f"'{s}'" for s in LIVE)),
            ),
            CheckConstraint(
                check=(
                    "amount_fen > 0 AND refunded_fen >= 0 AND refunded_fen <= held_fen"
                    " AND held_fen <= amount_fen"
                ),
                name="pay_order_amounts",
            ),
            CheckConstraint(
                check=f"refund_parts >= 0 AND refund_parts <= {MOST_PARTS}", name="pay_order_parts"
            ),
        )


class Refund(models.Model):
    """A refund (退款), whole or in part; always retried under the same number."""

    id = fields.UUIDField(primary_key=True)
    out_refund_no = fields.CharField(max_length=32, unique=True)
    order: fields.ForeignKeyRelation[PayOrder] = fields.ForeignKeyField(
        "payments.PayOrder", on_delete=fields.RESTRICT
    )
    amount_fen = fields.BigIntField()
    reason = fields.CharField(max_length=80)
    status = fields.CharField(max_length=16)
    staff = fields.UUIDField(null=True)  # None: we did it ourselves, for a late or a void order
    refund_id = fields.CharField(max_length=64, null=True)
    requested_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True, db_index=True)
    done_at = fields.DatetimeField(null=True)
    check_at = fields.DatetimeField(null=True, db_index=True)  # when to ask what became of it

    class Meta:
        """Table options."""

        table = "pay_refund"
        indexes = (PostgreSQLIndex(fields=("order_id",)),)
        constraints = (CheckConstraint(check="amount_fen > 0", name="pay_refund_amount"),)


class PayEvent(models.Model):
    """A notification (支付通知) and what we made of it.

    A forged one has no number: what it claims to be must not stand in the way of the real one.
    """

    id = fields.BigIntField(primary_key=True)
    notification = fields.CharField(max_length=36, null=True, unique=True)
    kind = fields.CharField(max_length=32, null=True)
    number = fields.CharField(max_length=64, null=True)  # out_trade_no or out_refund_no
    verdict = fields.CharField(max_length=16)
    received_at = fields.DatetimeField(db_index=True)

    class Meta:
        """Table options."""

        table = "pay_event"


class Reconciliation(models.Model):
    """A comparison of WeChat's bill of a day with our books (对账单)."""

    id = fields.BigIntField(primary_key=True)
    day = fields.DateField()
    made_at = fields.DatetimeField()
    made_by = fields.UUIDField(null=True)  # None: we did it ourselves
    body: dict = fields.JSONField()

    class Meta:
        """Table options."""

        table = "pay_reconciliation"
        indexes = (("day", "id"),)


class BillDay(models.Model):
    """A day whose bill we compare with our books by ourselves (每日对账)."""

    day = fields.DateField(primary_key=True)
    check_at = fields.DatetimeField(null=True, db_index=True)  # None: done

    class Meta:
        """Table options."""

        table = "pay_bill_day"
