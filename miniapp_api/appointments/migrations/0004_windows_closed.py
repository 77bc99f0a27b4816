from tortoise import migrations
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint


class Migration(migrations.Migration):
    dependencies = [('appointments', '0003_figures')]

    initial = False

    operations = [
        ops.AddField(model_name='Closure', name='windows', field=ArrayField(null=True, element_type='text')),
        ops.AddConstraint(
            model_name='Closure',
            constraint=CheckConstraint(check='windows IS NULL OR queue IS NOT NULL', name='closure_windows'),
        ),
        ops.AlterModelOptions(
            name='Closure',
            options={'table': 'closure', 'app': 'appointments', 'constraints': [CheckConstraint(check='ends_at > starts_at', name='closure_order'), CheckConstraint(check='windows IS NULL OR queue IS NOT NULL', name='closure_windows')], 'pk_attr': 'id', 'table_description': 'A time in which a hall, a queue or some windows are closed out of schedule (临时停办).'},
        ),
    ]
