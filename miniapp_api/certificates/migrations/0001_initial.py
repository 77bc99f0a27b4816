from tortoise import migrations
from tortoise.migrations import operations as ops
from miniapp_api.platform.sealing import SealedField
from orjson import loads
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Certificate',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('holder_kind', fields.CharField(max_length=16)),
                ('holder', fields.UUIDField()),
                ('certificate_identifier', SealedField()),
                ('certificate_type_no', fields.CharField(max_length=64)),
                ('certificate_number', SealedField()),
                ('certificate_name', fields.CharField(max_length=100)),
                ('certificate_version', fields.CharField(max_length=3)),
                ('certificate_type_name', fields.CharField(max_length=100)),
                ('certificate_type_name_code', fields.CharField(null=True, max_length=64)),
                ('certificate_issuing_authority_date', fields.DateField()),
                ('certificate_issuing_authority_name', fields.CharField(max_length=100)),
                ('certificate_issuing_authority_code', fields.CharField(null=True, max_length=18)),
                ('certificate_validate_start', fields.DateField(null=True)),
                ('certificate_validate_end', fields.DateField(null=True)),
                ('certificate_area_code', fields.CharField(max_length=6)),
                ('certificate_holder_name', SealedField()),
                ('certificate_holder_code', SealedField()),
                ('certificate_holder_type', fields.CharField(max_length=3)),
                ('certificate_holder_type_name', fields.CharField(max_length=40)),
                ('related_item_code', fields.CharField(null=True, max_length=64)),
                ('extend_info', SealedField()),
                ('status', fields.CharField(max_length=16)),
                ('status_reason', SealedField(null=True)),
                ('source', fields.CharField(max_length=16)),
                ('department', fields.CharField(null=True, max_length=32)),
                ('case_id', fields.UUIDField(null=True)),
                ('content_index', fields.CharField(max_length=64)),
                ('fresh_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('superseded_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'certificate', 'app': 'certificates', 'constraints': [UniqueConstraint(fields=('case_id', 'certificate_type_no', 'holder'), name='certificate_one_per_case', condition="source = 'issued'"), UniqueConstraint(fields=('holder_kind', 'holder', 'certificate_type_no'), name='certificate_one_fetched', condition="source = 'fetched' AND superseded_at IS NULL"), CheckConstraint(check='certificate_validate_end >= certificate_validate_start', name='certificate_order'), CheckConstraint(check="(source = 'issued') = (case_id IS NOT NULL AND fresh_until IS NULL)", name='certificate_origin')], 'indexes': [PostgreSQLIndex(fields=['holder', 'certificate_type_no'])], 'pk_attr': 'id', 'table_description': 'A certificate of the vault (电子证照); what tells of its holder is sealed.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='DataAuthorisation',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('citizen', fields.UUIDField()),
                ('holder_kind', fields.CharField(max_length=16)),
                ('holder', fields.UUIDField()),
                ('types', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('purpose', fields.CharField(max_length=16)),
                ('item', fields.CharField(null=True, max_length=64)),
                ('case_id', fields.UUIDField(null=True)),
                ('given_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'data_authorisation', 'app': 'certificates', 'indexes': [PostgreSQLIndex(fields=['citizen', 'given_at'])], 'pk_attr': 'id', 'table_description': "A citizen's authorisation to ask departments (数据授权): for one purpose, for one use."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='DataLedger',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('purpose', fields.CharField(max_length=16)),
                ('asker_kind', fields.CharField(max_length=16)),
                ('asker', fields.UUIDField()),
                ('hall', fields.CharField(null=True, max_length=64)),
                ('window', fields.CharField(null=True, max_length=16)),
                ('holder_kind', fields.CharField(max_length=16)),
                ('holder', fields.UUIDField()),
                ('certificate_type_no', fields.CharField(max_length=64)),
                ('certificate', fields.UUIDField(null=True)),
                ('department', fields.CharField(null=True, max_length=32)),
                ('item', fields.CharField(null=True, max_length=64)),
                ('case_id', fields.UUIDField(null=True)),
                ('authorisation', fields.UUIDField(null=True)),
                ('outcome', fields.CharField(max_length=32)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('code', fields.UUIDField(null=True, unique=True)),
            ],
            options={'table': 'data_ledger', 'app': 'certificates', 'indexes': [PostgreSQLIndex(fields=['holder', 'id']), PostgreSQLIndex(fields=['asker', 'id']), PostgreSQLIndex(fields=['case_id']), PostgreSQLIndex(fields=['at'])], 'pk_attr': 'id', 'table_description': 'The ledger of shared data (数据共享台账): who asked what, when, for which case.'},
            bases=['Model'],
        ),
        # Tortoise's CreateModel writes no constraints: they are added here, each by its own step.
        ops.AddConstraint('Certificate', UniqueConstraint(fields=('case_id', 'certificate_type_no', 'holder'), name='certificate_one_per_case', condition="source = 'issued'")),
        ops.AddConstraint('Certificate', UniqueConstraint(fields=('holder_kind', 'holder', 'certificate_type_no'), name='certificate_one_fetched', condition="source = 'fetched' AND superseded_at IS NULL")),
        ops.AddConstraint('Certificate', CheckConstraint(check='certificate_validate_end >= certificate_validate_start', name='certificate_order')),
        ops.AddConstraint('Certificate', CheckConstraint(check="(source = 'issued') = (case_id IS NOT NULL AND fresh_until IS NULL)", name='certificate_origin')),
    ]
