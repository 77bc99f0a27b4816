from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Conversation',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('citizen', fields.UUIDField(null=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('last_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'conversation', 'app': 'chat', 'pk_attr': 'id', 'table_description': 'A conversation (会话); once a citizen logs in in it, it is his alone.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Message',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('conversation', fields.ForeignKeyField('chat.Conversation', source_field='conversation_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('author', fields.CharField(max_length=8)),
                ('text', fields.TextField(unique=False)),
                ('answers', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('via', fields.CharField(null=True, max_length=8)),
                ('reply_to', fields.BigIntField(null=True)),
                ('key', fields.CharField(null=True, max_length=64)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'message', 'app': 'chat', 'unique_together': (('conversation', 'key'),), 'indexes': [PostgreSQLIndex(fields=['conversation_id', 'id']), PostgreSQLIndex(fields=['reply_to'])], 'pk_attr': 'id', 'table_description': 'What a citizen said, or what was answered to it.'},
            bases=['Model'],
        ),
    ]
