from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('messages', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='MessageDelivery',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('notice', fields.BigIntField()),
                ('citizen', fields.UUIDField(db_index=True)),
                ('kind', fields.CharField(max_length=40)),
                ('channel', fields.CharField(max_length=12)),
                ('template', fields.CharField(null=True, max_length=64)),
                ('about', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(max_length=12)),
                ('reason', fields.CharField(max_length=24)),
                ('attempts', fields.SmallIntField(default=0)),
                ('receipt', fields.CharField(null=True, max_length=64)),
                ('created_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('due_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('valid_until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'message_delivery', 'app': 'messages', 'constraints': [UniqueConstraint(fields=('notice', 'channel'), name='delivery_once_a_channel')], 'indexes': [PostgreSQLIndex(fields=['due_at', 'id'])], 'pk_attr': 'id', 'table_description': 'A message on its way out of the inbox, on one channel (消息送达记录).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MessagePreference',
            fields=[
                ('citizen', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('sms', fields.BooleanField()),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'message_preference', 'app': 'messages', 'pk_attr': 'citizen', 'table_description': 'How a citizen wants to be told (提醒设置); without a row by SMS too.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Subscription',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('citizen', fields.UUIDField()),
                ('template', fields.CharField(max_length=64)),
                ('by_client', fields.IntField(default=0)),
                ('by_wechat', fields.IntField(default=0)),
                ('used', fields.IntField(default=0)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'subscription', 'app': 'messages', 'constraints': [UniqueConstraint(fields=('citizen', 'template'), name='subscription_of_template')], 'pk_attr': 'id', 'table_description': 'What a citizen accepted of a template (订阅消息授权): how often, and how much is used up.'},
            bases=['Model'],
        ),
        # Tortoise's CreateModel writes no constraints: they are added here, each by its own step.
        ops.AddConstraint('MessageDelivery', UniqueConstraint(fields=('notice', 'channel'), name='delivery_once_a_channel')),
        ops.AddConstraint('Subscription', UniqueConstraint(fields=('citizen', 'template'), name='subscription_of_template')),
    ]
