from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('identity', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ProxyGrant',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('agent', fields.UUIDField()),
                ('principal', fields.UUIDField()),
                ('relation', fields.CharField(max_length=16)),
                ('label', fields.CharField(max_length=8)),
                ('organisation', fields.CharField(null=True, max_length=18)),
                ('phone_masked', fields.CharField(null=True, max_length=16)),
                ('consent', fields.CharField(max_length=16)),
                ('granted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'proxy_grant', 'app': 'identity', 'constraints': [UniqueConstraint(fields=('agent', 'principal'), name='proxy_grant_one_live', condition='revoked_at IS NULL')], 'indexes': [PostgreSQLIndex(fields=['principal'])], 'pk_attr': 'id', 'table_description': "A person's consent that somebody books for him (代办授权)."},
            bases=['Model'],
        ),
        # Tortoise's CreateModel writes no constraints: they are added here, each by its own step.
        ops.AddConstraint('ProxyGrant', UniqueConstraint(fields=('agent', 'principal'), name='proxy_grant_one_live', condition='revoked_at IS NULL')),
    ]
