from tortoise import migrations
from tortoise.migrations import operations as ops
from miniapp_api.platform.sealing import SealedField
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('identity', '0002_grants')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CitizenSession',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('citizen', fields.UUIDField(db_index=True)),
                ('label', fields.CharField(max_length=40)),
                ('channel', fields.CharField(max_length=8)),
                ('generation', fields.IntField()),
                ('retry', fields.CharField(null=True, max_length=64)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'citizen_session', 'app': 'identity', 'pk_attr': 'id', 'table_description': "A device that is logged in (登录设备): its refresh token's generation says which one counts."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ConsentRecord',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('citizen', fields.UUIDField()),
                ('purpose', fields.CharField(max_length=32)),
                ('version', fields.CharField(max_length=16)),
                ('given_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('withdrawn_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'consent_record', 'app': 'identity', 'constraints': [UniqueConstraint(fields=('citizen', 'purpose'), name='consent_one_live', condition='withdrawn_at IS NULL')], 'pk_attr': 'id', 'table_description': 'A consent to use personal data (个人信息处理同意), one row for each time it was given.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Enterprise',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('uscc', fields.CharField(unique=True, max_length=18)),
                ('name', fields.CharField(max_length=100)),
                ('representative', fields.UUIDField(db_index=True)),
                ('representative_index', fields.CharField(max_length=64)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('verified_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'enterprise', 'app': 'identity', 'pk_attr': 'id', 'table_description': 'An enterprise (法人账号), opened by its legal representative (法定代表人).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Delegation',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('enterprise', fields.ForeignKeyField('identity.Enterprise', source_field='enterprise_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('delegate', fields.UUIDField(db_index=True)),
                ('scopes', ArrayField(element_type='TEXT')),
                ('phone_masked', fields.CharField(max_length=16)),
                ('offered_by', fields.UUIDField()),
                ('offered_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('accepted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'delegation', 'app': 'identity', 'constraints': [UniqueConstraint(fields=('enterprise_id', 'delegate'), name='delegation_one_live', condition='revoked_at IS NULL')], 'pk_attr': 'id', 'table_description': 'Leave to act for an enterprise (企业授权), in force once the delegate accepted it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Profile',
            fields=[
                ('citizen', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('name_sealed', SealedField(null=True)),
                ('id_number_sealed', SealedField(null=True)),
                ('id_index', fields.CharField(null=True, unique=True, max_length=64)),
                ('address_sealed', SealedField(null=True)),
                ('assurance', fields.SmallIntField()),
                ('verified_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('restricted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'profile', 'app': 'identity', 'constraints': [CheckConstraint(check='assurance BETWEEN 1 AND 3', name='profile_assurance')], 'pk_attr': 'citizen', 'table_description': 'Who a citizen is (个人信息): verified name and identity number, and his address.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WechatAccount',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('openid_index', fields.CharField(unique=True, max_length=64)),
                ('openid_sealed', SealedField()),
                ('citizen', fields.UUIDField(db_index=True)),
                ('linked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'wechat_account', 'app': 'identity', 'pk_attr': 'id', 'table_description': 'A WeChat user of the mini-program (微信账号) and the citizen he is.'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Citizen',
            options={'table': 'citizen', 'app': 'identity', 'pk_attr': 'id', 'table_description': 'A citizen (市民), known by a phone number: an index to find it, a mask to show, sealed.'},
        ),
        ops.AlterField(
            model_name='Citizen',
            name='phone_index',
            field=fields.CharField(null=True, unique=True, max_length=64),
        ),
        ops.AddField(
            model_name='Citizen',
            name='erased_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Citizen',
            name='phone_sealed',
            field=SealedField(null=True),
        ),
        # Tortoise's CreateModel writes no constraints: they are added here, each by its own step.
        ops.AddConstraint('ConsentRecord', UniqueConstraint(fields=('citizen', 'purpose'), name='consent_one_live', condition='withdrawn_at IS NULL')),
        ops.AddConstraint('Delegation', UniqueConstraint(fields=('enterprise_id', 'delegate'), name='delegation_one_live', condition='revoked_at IS NULL')),
        ops.AddConstraint('Profile', CheckConstraint(check='assurance BETWEEN 1 AND 3', name='profile_assurance')),
    ]
