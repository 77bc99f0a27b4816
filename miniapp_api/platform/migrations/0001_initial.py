from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='IdempotentAnswer',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('owner', fields.UUIDField()),
                ('action', fields.CharField(max_length=40)),
                ('key', fields.CharField(max_length=64)),
                ('fingerprint', fields.BinaryField()),
                ('answer', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('created_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'idempotent_answer', 'app': 'platform', 'unique_together': (('owner', 'action', 'key'),), 'pk_attr': 'id', 'table_description': 'The answer once given under an Idempotency-Key (幂等键), to be given again.'},
            bases=['Model'],
        ),
    ]
