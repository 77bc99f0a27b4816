from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [('staff', '0004_administration')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LoginFailure',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('subject', fields.CharField(max_length=64)),
                ('hall', fields.CharField(null=True, max_length=64)),
                ('began_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('first_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('last_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('password', fields.IntField()),
                ('code', fields.IntField()),
                ('disabled', fields.IntField()),
                ('lapsed', fields.IntField()),
                ('locked', fields.IntField()),
            ],
            options={'table': 'login_failure', 'app': 'staff', 'unique_together': (('subject', 'began_at'),), 'pk_attr': 'id', 'table_description': 'Failed log-ins of an account in a period (登录失败), until the audit trail was told.'},
            bases=['Model'],
        ),
    ]
