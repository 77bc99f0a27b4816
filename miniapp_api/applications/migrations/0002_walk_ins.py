from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('applications', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='WalkIn',
            fields=[
                ('draft', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('citizen', fields.UUIDField()),
                ('ticket', fields.UUIDField()),
                ('number', fields.CharField(max_length=12)),
                ('clerk', fields.UUIDField()),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'walk_in', 'app': 'applications', 'pk_attr': 'draft', 'table_description': "A draft that a clerk fills in for whoever is at his window (现场受理)."},
            bases=['Model'],
        ),
    ]
