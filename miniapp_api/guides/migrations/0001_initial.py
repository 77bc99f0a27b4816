from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='GuideVersion',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=8)),
                ('code', fields.CharField(max_length=64)),
                ('name', fields.CharField(max_length=200)),
                ('state', fields.CharField(max_length=12)),
                ('origin', fields.CharField(max_length=8)),
                ('revision', fields.IntField()),
                ('text', fields.TextField(unique=False)),
                ('base_version', fields.IntField()),
                ('version', fields.IntField(null=True)),
                ('authors', ArrayField(element_type='UUID')),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('saved_by', fields.UUIDField(null=True)),
                ('saved_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('why', fields.CharField(null=True, max_length=500)),
                ('submitted_by', fields.UUIDField(null=True)),
                ('submitted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('approved_by', fields.UUIDField(null=True)),
                ('approved_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('publish_on', fields.DateField(null=True)),
                ('published_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('closed_by', fields.UUIDField(null=True)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('remark', fields.CharField(null=True, max_length=500)),
            ],
            options={'table': 'guide_version', 'app': 'guides', 'constraints': [CheckConstraint(check='approved_by IS NULL OR NOT approved_by = ANY(authors)', name='guide_version_four_eyes'), CheckConstraint(check="(state IN ('published', 'superseded')) = (version IS NOT NULL)", name='guide_version_numbered'), UniqueConstraint(fields=('kind', 'code'), name='guide_version_one_open', condition="state IN ('draft', 'submitted', 'scheduled')"), UniqueConstraint(fields=('kind', 'code'), name='guide_version_one_published', condition="state = 'published'"), UniqueConstraint(fields=('kind', 'code', 'version'), name='guide_version_number')], 'indexes': [PostgreSQLIndex(fields=['state'], condition={'state': 'scheduled'})], 'pk_attr': 'id', 'table_description': 'A version of a guide or a notice (指南版本), from the first draft to what replaced it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='GuideSave',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('version', fields.ForeignKeyField('guides.GuideVersion', source_field='version_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('revision', fields.IntField()),
                ('text', fields.TextField(unique=False)),
                ('saved_by', fields.UUIDField()),
                ('saved_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'guide_save', 'app': 'guides', 'unique_together': (('version', 'revision'),), 'pk_attr': 'id', 'table_description': 'A text as it was saved (保存记录): nothing that an editor saved is ever lost.'},
            bases=['Model'],
        ),
        # Tortoise's CreateModel writes no constraints: they are added here, each by its own step.
        ops.AddConstraint('GuideVersion', CheckConstraint(check='approved_by IS NULL OR NOT approved_by = ANY(authors)', name='guide_version_four_eyes')),
        ops.AddConstraint('GuideVersion', CheckConstraint(check="(state IN ('published', 'superseded')) = (version IS NOT NULL)", name='guide_version_numbered')),
        ops.AddConstraint('GuideVersion', UniqueConstraint(fields=('kind', 'code'), name='guide_version_one_open', condition="state IN ('draft', 'submitted', 'scheduled')")),
        ops.AddConstraint('GuideVersion', UniqueConstraint(fields=('kind', 'code'), name='guide_version_one_published', condition="state = 'published'")),
        ops.AddConstraint('GuideVersion', UniqueConstraint(fields=('kind', 'code', 'version'), name='guide_version_number')),
    ]
