from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='PayEvent',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('notification', fields.CharField(null=True, unique=True, max_length=36)),
                ('kind', fields.CharField(null=True, max_length=32)),
                ('number', fields.CharField(null=True, max_length=64)),
                ('verdict', fields.CharField(max_length=16)),
                ('received_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'pay_event', 'app': 'payments', 'pk_attr': 'id', 'table_description': 'A notification (支付通知) and what we made of it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PayOrder',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('out_trade_no', fields.CharField(unique=True, max_length=32)),
                ('citizen', fields.UUIDField(db_index=True)),
                ('subject', fields.CharField(db_index=True, max_length=100)),
                ('amount_fen', fields.BigIntField()),
                ('description', fields.CharField(max_length=127)),
                ('status', fields.CharField(max_length=16)),
                ('prepay_id', fields.CharField(null=True, max_length=64)),
                ('transaction_id', fields.CharField(null=True, max_length=64)),
                ('receipt_number', fields.CharField(null=True, unique=True, max_length=32)),
                ('held_fen', fields.BigIntField(default=0)),
                ('refunded_fen', fields.BigIntField(default=0)),
                ('refund_parts', fields.IntField(default=0)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('asked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('prepaid_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('paid_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('check_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'pay_order', 'app': 'payments', 'pk_attr': 'id', 'table_description': 'An order (缴费单): what a citizen pays for one subject.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('day', fields.DateField()),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('made_by', fields.UUIDField(null=True)),
                ('body', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'pay_reconciliation', 'app': 'payments', 'indexes': [Index(fields=['day', 'id'])], 'pk_attr': 'id', 'table_description': "A comparison of WeChat's bill of a day with our books (对账单)."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Refund',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('out_refund_no', fields.CharField(unique=True, max_length=32)),
                ('order', fields.ForeignKeyField('payments.PayOrder', source_field='order_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('amount_fen', fields.BigIntField()),
                ('reason', fields.CharField(max_length=80)),
                ('status', fields.CharField(max_length=16)),
                ('staff', fields.UUIDField(null=True)),
                ('refund_id', fields.CharField(null=True, max_length=64)),
                ('requested_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('accepted_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('done_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('check_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'pay_refund', 'app': 'payments', 'indexes': [PostgreSQLIndex(fields=['order_id'])], 'pk_attr': 'id', 'table_description': 'A refund (退款), whole or in part; always retried under the same number.'},
            bases=['Model'],
        ),
        ops.AddConstraint(model_name='PayOrder', constraint=UniqueConstraint(fields=('subject',), name='pay_order_one_live', condition="status IN ('created', 'prepaid', 'paid', 'partly_refunded')")),
        ops.AddConstraint(model_name='PayOrder', constraint=CheckConstraint(check='amount_fen > 0 AND refunded_fen >= 0 AND refunded_fen <= held_fen AND held_fen <= amount_fen', name='pay_order_amounts')),
        ops.AddConstraint(model_name='PayOrder', constraint=CheckConstraint(check='refund_parts >= 0 AND refund_parts <= 50', name='pay_order_parts')),
        ops.AddConstraint(model_name='Refund', constraint=CheckConstraint(check='amount_fen > 0', name='pay_refund_amount')),
        ops.RunSQL(['CREATE SEQUENCE pay_receipt_number']),
    ]
