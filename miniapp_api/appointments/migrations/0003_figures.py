from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.indexes import PostgreSQLIndex

class Migration(migrations.Migration):
    dependencies = [('appointments', '0002_channels')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='Appointment',
            index=PostgreSQLIndex(fields=['hall', 'day', 'channel', 'status']),
        ),
    ]
