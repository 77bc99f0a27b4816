from tortoise import migrations
from tortoise.migrations import operations as ops
from miniapp_api.platform.sealing import SealedField
from orjson import loads
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

# What waits for a clerk, per department, the most urgent first; the rest is out of its way.
BY_HAND = [
    "CREATE SEQUENCE application_number",
    """
    CREATE INDEX application_inbox ON application (department, act_by, id)
    WHERE state IN ('accepted', 'decision', 'denied', 'granted', 'issued', 'pre_review', 'review',
                    'special', 'submitted')
    """,
    "CREATE INDEX application_correction ON application (act_by) WHERE state = 'correction'",
    """
    CREATE INDEX application_closed ON application (department, since)
    WHERE state IN ('archived', 'delivered', 'refused')
    """,
]


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Application',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('number', fields.CharField(unique=True, max_length=17)),
                ('citizen', fields.UUIDField()),
                ('kind', fields.CharField(max_length=16)),
                ('applicant', fields.UUIDField()),
                ('grant', fields.UUIDField(null=True)),
                ('item', fields.CharField(max_length=64)),
                ('item_name', fields.CharField(max_length=200)),
                ('item_version', fields.IntField()),
                ('department', fields.CharField(max_length=64)),
                ('hall', fields.CharField(max_length=64)),
                ('form_version', fields.CharField(max_length=12)),
                ('options', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('answers_sealed', SealedField()),
                ('applicant_sealed', SealedField()),
                ('applicant_masked', fields.CharField(max_length=80)),
                ('delivery', fields.CharField(null=True, max_length=16)),
                ('channel', fields.CharField(max_length=16)),
                ('state', fields.CharField(max_length=16)),
                ('version', fields.IntField()),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('submitted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('act_by', fields.DateField()),
                ('accepted_on', fields.DateField(null=True)),
                ('promised_days', fields.IntField(null=True)),
                ('statutory_days', fields.IntField(null=True)),
                ('statutory_working', fields.BooleanField()),
                ('yellow_on', fields.DateField(null=True)),
                ('red_on', fields.DateField(null=True)),
                ('due_on', fields.DateField(null=True)),
                ('statutory_on', fields.DateField(null=True)),
                ('corrections', fields.IntField()),
                ('correct_until', fields.DateField(null=True)),
                ('assigned_to', fields.UUIDField(null=True)),
                ('lease_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('fee_fen', fields.IntField()),
                ('fee_due', fields.CharField(max_length=16)),
                ('result_certificate', fields.UUIDField(null=True)),
                ('sampled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'application', 'app': 'applications', 'indexes': [PostgreSQLIndex(fields=['citizen', 'submitted_at']), PostgreSQLIndex(fields=['applicant', 'submitted_at'])], 'pk_attr': 'id', 'table_description': 'A case (办件): what was applied for, where it stands, who has it, until when.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Attachment',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('draft', fields.UUIDField()),
                ('material', fields.CharField(max_length=12)),
                ('blob', fields.CharField(null=True, max_length=128)),
                ('certificate', fields.UUIDField(null=True)),
                ('media_type', fields.CharField(null=True, max_length=40)),
                ('size', fields.BigIntField(null=True)),
                ('sha256', fields.CharField(null=True, max_length=64)),
                ('pages', fields.IntField(null=True)),
                ('name_sealed', SealedField(null=True)),
                ('round', fields.IntField()),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'attachment', 'app': 'applications', 'indexes': [PostgreSQLIndex(fields=['draft'])], 'pk_attr': 'id', 'table_description': 'A file or an electronic certificate handed in for a material (材料附件).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CaseEvent',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('application', fields.UUIDField()),
                ('version', fields.IntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('action', fields.CharField(max_length=24)),
                ('before', fields.CharField(null=True, max_length=16)),
                ('after', fields.CharField(max_length=16)),
                ('actor_kind', fields.CharField(max_length=16)),
                ('actor', fields.UUIDField(null=True)),
                ('detail', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('note_sealed', SealedField(null=True)),
            ],
            options={'table': 'case_event', 'app': 'applications', 'unique_together': (('application', 'version'),), 'pk_attr': 'id', 'table_description': 'A step of a case (办件环节): what happened, who did it; never changed.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CaseNote',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('application', fields.UUIDField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('author', fields.UUIDField()),
                ('asked', fields.UUIDField(null=True)),
                ('text_sealed', SealedField()),
            ],
            options={'table': 'case_note', 'app': 'applications', 'indexes': [PostgreSQLIndex(fields=['application']), PostgreSQLIndex(fields=['asked'])], 'pk_attr': 'id', 'table_description': 'A word between colleagues about a case (同事会商); the citizen does not see it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Draft',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('citizen', fields.UUIDField()),
                ('kind', fields.CharField(max_length=16)),
                ('applicant', fields.UUIDField()),
                ('grant', fields.UUIDField(null=True)),
                ('item', fields.CharField(max_length=64)),
                ('form_version', fields.CharField(max_length=12)),
                ('options', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('answers_sealed', SealedField()),
                ('delivery', fields.CharField(null=True, max_length=16)),
                ('revision', fields.IntField()),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('submitted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'draft', 'app': 'applications', 'indexes': [PostgreSQLIndex(fields=['citizen', 'updated_at'])], 'pk_attr': 'id', 'table_description': "An application that is being filled in (草稿); its id is the case's, once submitted."},
            bases=['Model'],
        ),
        ops.AddConstraint(
            model_name='Draft',
            constraint=UniqueConstraint(fields=('citizen', 'applicant', 'item'), name='draft_one_open', condition='submitted_at IS NULL'),
        ),
        ops.RunSQL(BY_HAND),
    ]
