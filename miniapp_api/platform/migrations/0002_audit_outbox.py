from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

# PostgreSQL itself keeps the trail: an entry is written once and stays.
APPEND_ONLY = [
    """
    CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
    """,
    """
    CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_stays()
    """,
]


class Migration(migrations.Migration):
    dependencies = [('platform', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor_kind', fields.CharField(max_length=16)),
                ('actor', fields.UUIDField(null=True)),
                ('action', fields.CharField(max_length=64)),
                ('subject', fields.CharField(max_length=128)),
                ('hall', fields.CharField(null=True, max_length=64)),
                ('detail', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'audit_entry', 'app': 'platform', 'indexes': [Index(fields=['hall', 'id'])], 'pk_attr': 'id', 'table_description': 'A change that somebody made (审计日志); a trigger refuses to change or delete it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Outbox',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('topic', fields.CharField(max_length=40)),
                ('body', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('attempts', fields.IntField()),
                ('key', fields.CharField(null=True, unique=True, max_length=128)),
                ('error', fields.CharField(null=True, max_length=64)),
                ('done_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('dead_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'outbox', 'app': 'platform', 'indexes': [Index(fields=['done_at', 'due_at'])], 'pk_attr': 'id', 'table_description': 'Work to do after a commit (发件箱).'},
            bases=['Model'],
        ),
        ops.RunSQL(APPEND_ONLY),
    ]
