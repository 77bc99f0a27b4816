from tortoise import fields, migrations
from tortoise.migrations import operations as ops

# What was decided in a hall on some days is counted by an index, without looking at the cases.
BY_HAND = [
    """
    UPDATE case_event e SET hall = a.hall FROM application a
    WHERE a.id = e.application AND e.action IN ('deny', 'grant')
    """,
    "DROP INDEX case_event_decided",
    "CREATE INDEX case_event_decided ON case_event (hall, at) WHERE action IN ('deny', 'grant')",
]


class Migration(migrations.Migration):
    dependencies = [('applications', '0006_figures')]

    initial = False

    operations = [
        ops.AddField(model_name='CaseEvent', name='hall', field=fields.CharField(null=True, max_length=64)),
        ops.RunSQL(BY_HAND),
    ]
