from tortoise import migrations
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [('messages', '0002_delivery')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='MessageDelivery',
            index=PostgreSQLIndex(fields=['changed_at'], condition={'state': 'failed'}),
        ),
    ]
