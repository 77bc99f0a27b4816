from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from miniapp_api.platform.sealing import SealedField

# Who is logged in did so with a password alone; clerks so far worked for no department.
FILL = [
    "UPDATE staff_account SET departments = '{}'",
    "UPDATE staff_session SET second_factor = false",
]


class Migration(migrations.Migration):
    dependencies = [('staff', '0001_initial')]

    initial = False

    operations = [
        ops.AddField(model_name='StaffAccount', name='departments', field=ArrayField(null=True, element_type='text')),
        ops.AddField(model_name='StaffAccount', name='totp_sealed', field=SealedField(null=True)),
        ops.AddField(model_name='StaffAccount', name='totp_confirmed_at', field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
        ops.AddField(model_name='StaffAccount', name='totp_step', field=fields.BigIntField(null=True)),
        ops.AddField(model_name='StaffSession', name='second_factor', field=fields.BooleanField(null=True)),
        ops.RunSQL(FILL),
        ops.AlterField(model_name='StaffAccount', name='departments', field=ArrayField(element_type='text')),
        ops.AlterField(model_name='StaffSession', name='second_factor', field=fields.BooleanField()),
    ]
