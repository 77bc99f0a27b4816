from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('payments', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='BillDay',
            fields=[
                ('day', fields.DateField(primary_key=True, unique=True, db_index=True)),
                ('check_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'pay_bill_day', 'app': 'payments', 'pk_attr': 'day', 'table_description': 'A day whose bill we compare with our books by ourselves (每日对账).'},
            bases=['Model'],
        ),
        ops.AddIndex(
            model_name='PayOrder',
            index=PostgreSQLIndex(fields=['created_at', 'id']),
        ),
    ]
