from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Citizen',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('phone_index', fields.CharField(unique=True, max_length=64)),
                ('phone_masked', fields.CharField(max_length=16)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'citizen', 'app': 'identity', 'pk_attr': 'id', 'table_description': 'A citizen (市民), known by a phone number that is kept only as a keyed hash and a mask.'},
            bases=['Model'],
        ),
    ]
