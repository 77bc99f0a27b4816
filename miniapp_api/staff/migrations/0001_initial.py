from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='StaffAccount',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('login', fields.CharField(unique=True, max_length=40)),
                ('name', fields.CharField(max_length=40)),
                ('hall', fields.CharField(max_length=64)),
                ('roles', ArrayField(element_type='TEXT')),
                ('password_hash', fields.CharField(max_length=200)),
                ('disabled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'staff_account', 'app': 'staff', 'pk_attr': 'id', 'table_description': 'An account of a member of staff (工作人员账号) or of a device of the hall (取号机).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StaffSession',
            fields=[
                ('token_hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('account', fields.ForeignKeyField('staff.StaffAccount', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'staff_session', 'app': 'staff', 'pk_attr': 'token_hash', 'table_description': 'A staff session: in PostgreSQL, because a hall does not stop when Redis is away.'},
            bases=['Model'],
        ),
    ]
