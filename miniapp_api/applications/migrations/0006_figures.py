from tortoise import migrations
from tortoise.migrations import operations as ops

# The manager's figures count days of a hall; what is overdue is looked for among what runs.
BY_HAND = [
    "CREATE INDEX application_accepted ON application (hall, accepted_on)",
    """
    CREATE INDEX application_due ON application (hall, due_on, department)
    WHERE state IN ('accepted', 'decision', 'review')
    """,
    "CREATE INDEX case_event_decided ON case_event (at, application) WHERE action IN ('deny', 'grant')",
]


class Migration(migrations.Migration):
    dependencies = [('applications', '0005_inbox_of_items')]

    initial = False

    operations = [ops.RunSQL(BY_HAND)]
