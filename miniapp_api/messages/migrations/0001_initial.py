from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Notice',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('citizen', fields.UUIDField()),
                ('kind', fields.CharField(max_length=40)),
                ('title', fields.CharField(max_length=60)),
                ('text', fields.CharField(max_length=500)),
                ('page', fields.CharField(null=True, max_length=200)),
                ('created_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('read_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'notice', 'app': 'messages', 'indexes': [Index(fields=['citizen', 'id'])], 'pk_attr': 'id', 'table_description': "A message in a citizen's inbox (消息)."},
            bases=['Model'],
        ),
    ]
