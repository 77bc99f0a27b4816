from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index

# Whoever has an account chose his password, and opened whatever window was free.
FILL = ["UPDATE staff_account SET windows = '{}', version = 1"]


class Migration(migrations.Migration):
    dependencies = [('staff', '0003_skills')]

    initial = False

    operations = [
        ops.AddField(model_name='StaffAccount', name='windows', field=ArrayField(null=True, element_type='text')),
        ops.AddField(model_name='StaffAccount', name='version', field=fields.IntField(null=True)),
        ops.AddField(model_name='StaffAccount', name='first_password_until', field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
        ops.RunSQL(FILL),
        ops.AlterField(model_name='StaffAccount', name='windows', field=ArrayField(element_type='text')),
        ops.AlterField(model_name='StaffAccount', name='version', field=fields.IntField()),
        ops.CreateModel(
            name='AuditCheck',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('started_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('started_by', fields.UUIDField()),
                ('entries', fields.BigIntField()),
                ('done', fields.BigIntField()),
                ('seen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('last_entry_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('faults', ArrayField(element_type='text')),
                ('faults_found', fields.IntField()),
                ('witness', fields.CharField(max_length=64)),
            ],
            options={'table': 'audit_check', 'app': 'staff', 'indexes': [Index(fields=['started_at'])], 'pk_attr': 'id', 'table_description': 'A check of the whole audit trail (审计核验), and how far it is.'},
            bases=['Model'],
        ),
    ]
