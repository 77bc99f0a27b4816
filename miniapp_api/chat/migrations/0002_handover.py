from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('chat', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Agent',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('staff', fields.UUIDField(unique=True)),
                ('seen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'chat_agent', 'app': 'chat', 'pk_attr': 'id', 'table_description': 'A human agent (人工坐席): his number for citizens, and when he was last at his desk.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Feedback',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('message', fields.OneToOneField('chat.Message', source_field='message_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('helpful', fields.BooleanField()),
                ('reason', fields.CharField(null=True, max_length=16)),
                ('text', fields.CharField(null=True, max_length=200)),
                ('item', fields.CharField(null=True, max_length=64)),
                ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'answer_feedback', 'app': 'chat', 'pk_attr': 'id', 'table_description': 'Whether an answer helped (👍👎).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Handover',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('conversation', fields.ForeignKeyField('chat.Conversation', source_field='conversation_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('state', fields.CharField(max_length=8)),
                ('question', fields.CharField(max_length=500)),
                ('item', fields.CharField(null=True, max_length=64)),
                ('case_id', fields.UUIDField(null=True)),
                ('candidates', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('promised_for', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('sorry_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('staff', fields.UUIDField(null=True)),
                ('taken_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended', fields.CharField(null=True, max_length=12)),
            ],
            options={'table': 'handover', 'app': 'chat', 'constraints': [UniqueConstraint(fields=('conversation_id',), name='handover_one_open', condition="state <> 'closed'")], 'indexes': [PostgreSQLIndex(fields=['state', 'asked_at'])], 'pk_attr': 'id', 'table_description': 'A conversation that a person shall answer (转人工): at most one is open in each.'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Message',
            options={'table': 'message', 'app': 'chat', 'unique_together': (('conversation', 'key'),), 'indexes': [PostgreSQLIndex(fields=['conversation_id', 'id']), PostgreSQLIndex(fields=['reply_to'])], 'pk_attr': 'id', 'table_description': 'What a citizen or an agent said, or what was answered to it.'},
        ),
        ops.AddField(
            model_name='Message',
            name='agent',
            field=fields.IntField(null=True),
        ),
        # Tortoise's CreateModel writes no constraints: they are added here, each by its own step.
        ops.AddConstraint('Handover', UniqueConstraint(fields=('conversation_id',), name='handover_one_open', condition="state <> 'closed'")),
    ]
