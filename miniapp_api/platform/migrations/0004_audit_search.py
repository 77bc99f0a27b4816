from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [('platform', '0003_sealing_chains')]

    initial = False

    operations = [
        ops.AddIndex(model_name='AuditEntry', index=Index(fields=['actor', 'id'])),
        ops.AddIndex(model_name='AuditEntry', index=Index(fields=['subject', 'id'])),
        ops.AddIndex(model_name='AuditEntry', index=Index(fields=['action', 'id'])),
        ops.AddIndex(model_name='AuditEntry', index=Index(fields=['at'])),
    ]
