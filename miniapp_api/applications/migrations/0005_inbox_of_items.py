from tortoise import migrations
from tortoise.migrations import operations as ops

# A window serves a few items: each one's most urgent cases are found without reading the others'.
BY_HAND = [
    """
    CREATE INDEX application_inbox_item ON application (item, act_by, id, state)
    WHERE state IN ('accepted', 'decision', 'denied', 'granted', 'issued', 'pre_review', 'review',
                    'special', 'submitted')
    """,
]


class Migration(migrations.Migration):
    dependencies = [('applications', '0004_inbox_indexes')]

    initial = False

    operations = [ops.RunSQL(BY_HAND)]
