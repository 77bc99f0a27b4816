from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('chat', '0002_handover')]

    initial = False

    operations = [
        ops.CreateModel(
            name='UnansweredQuestion',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('wording', fields.CharField(unique=True, max_length=100)),
                ('text', fields.CharField(max_length=100)),
                ('times', fields.IntField()),
                ('near', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('first_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('last_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('state', fields.CharField(max_length=9)),
                ('item', fields.CharField(null=True, max_length=64)),
                ('reason', fields.CharField(null=True, max_length=200)),
                ('settled_by', fields.UUIDField(null=True)),
                ('settled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'unanswered_question', 'app': 'chat', 'indexes': [PostgreSQLIndex(fields=['state', 'times'])], 'pk_attr': 'id', 'table_description': 'A question that the guides had no answer to (没答上的问题), each wording once.'},
            bases=['Model'],
        ),
    ]
