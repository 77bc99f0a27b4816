from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.fields import ArrayField

# Clerks so far handled whatever their departments have.
FILL = ["UPDATE staff_account SET skills = '{}'"]


class Migration(migrations.Migration):
    dependencies = [('staff', '0002_second_factor')]

    initial = False

    operations = [
        ops.AddField(model_name='StaffAccount', name='skills', field=ArrayField(null=True, element_type='text')),
        ops.RunSQL(FILL),
        ops.AlterField(model_name='StaffAccount', name='skills', field=ArrayField(element_type='text')),
    ]
