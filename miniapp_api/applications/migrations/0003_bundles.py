from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
# What waits for joint acceptance, per leading department.
BY_HAND = [
    """
    CREATE INDEX bundle_joint ON bundle (lead, submitted_at)
    WHERE submitted_at IS NOT NULL AND concluded_at IS NULL
    """,
]


class Migration(migrations.Migration):
    dependencies = [('applications', '0002_walk_ins')]

    initial = False

    operations = [
        ops.CreateModel(
            name='BundleApplication',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('number', fields.CharField(null=True, unique=True, max_length=20)),
                ('citizen', fields.UUIDField()),
                ('kind', fields.CharField(max_length=16)),
                ('applicant', fields.UUIDField()),
                ('grant', fields.UUIDField(null=True)),
                ('code', fields.CharField(max_length=64)),
                ('name', fields.CharField(max_length=200)),
                ('lead', fields.CharField(max_length=64)),
                ('departments', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('revision', fields.IntField()),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('submitted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('concluded_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'bundle', 'app': 'applications', 'indexes': [PostgreSQLIndex(fields=['citizen', 'updated_at'])], 'pk_attr': 'id', 'table_description': 'Several items applied for as one (一件事联办): what holds their drafts, and then cases.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='BundleMember',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('bundle', fields.UUIDField()),
                ('item', fields.CharField(max_length=64)),
                ('position', fields.IntField()),
                ('chosen', fields.BooleanField()),
                ('waits_for', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'bundle_member', 'app': 'applications', 'unique_together': (('bundle', 'item'),), 'pk_attr': 'id', 'table_description': "An item of a bundle application; its id is the draft's, and then the case's."},
            bases=['Model'],
        ),
        ops.AddConstraint(
            model_name='BundleApplication',
            constraint=UniqueConstraint(fields=('citizen', 'applicant', 'code'), name='bundle_one_open', condition='submitted_at IS NULL'),
        ),
        ops.RemoveConstraint(
            model_name='Draft',
            name='draft_one_open',
            fields=None,
        ),
        ops.AddField(
            model_name='Draft',
            name='bundle',
            field=fields.UUIDField(null=True),
        ),
        ops.AddConstraint(
            model_name='Draft',
            constraint=UniqueConstraint(fields=('citizen', 'applicant', 'item'), name='draft_one_open', condition='submitted_at IS NULL AND bundle IS NULL'),
        ),
        ops.RunSQL(BY_HAND),
    ]
