from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

# What a link says, as text: the same in the trigger and in platform/audit_chain.py.
TEXT = """
concat_ws(E'\\x1f', e.id, e.link, (extract(epoch FROM e.at) * 1000000)::bigint, e.actor_kind,
          coalesce(e.actor::text, ''), e.action, e.subject, coalesce(e.hall, ''), e.detail::text)
"""
# A chain of its own for every backend: a backend runs one transaction at a time, so that chains
# need no lock that two transactions could wait for.
CHAINS = [
    f"""
    CREATE FUNCTION audit_entry_hash(before bytea, e audit_entry) RETURNS bytea
    LANGUAGE sql STABLE AS $$ SELECT sha256(before || convert_to({TEXT}, 'UTF8')) $$
    """,
    """
    CREATE FUNCTION audit_entry_links() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE head audit_chain%ROWTYPE;
    BEGIN
        NEW.chain := CASE WHEN TG_OP = 'INSERT' THEN pg_backend_pid() ELSE 0 END;
        SELECT * INTO head FROM audit_chain WHERE chain = NEW.chain;
        NEW.link := coalesce(head.link, 0) + 1;
        NEW.hash := audit_entry_hash(coalesce(head.hash, ''::bytea), NEW);
        INSERT INTO audit_chain (chain, link, hash) VALUES (NEW.chain, NEW.link, NEW.hash)
        ON CONFLICT (chain) DO UPDATE SET link = excluded.link, hash = excluded.hash;
        RETURN NEW;
    END $$
    """,
    # Entries from before the chains become the first chain, in their order.
    "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_stays",
    """
    CREATE TRIGGER audit_entry_links BEFORE INSERT OR UPDATE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_links()
    """,
    """
    DO $$ DECLARE each bigint; BEGIN
        FOR each IN SELECT id FROM audit_entry ORDER BY id LOOP
            UPDATE audit_entry SET action = action WHERE id = each;
        END LOOP;
    END $$
    """,
    "DROP TRIGGER audit_entry_links ON audit_entry",
    """
    CREATE TRIGGER audit_entry_links BEFORE INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_links()
    """,
    "ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_stays",
]


class Migration(migrations.Migration):
    dependencies = [('platform', '0002_audit_outbox')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AuditChain',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('chain', fields.IntField(unique=True)),
                ('link', fields.BigIntField()),
                ('hash', fields.BinaryField()),
            ],
            options={'table': 'audit_chain', 'app': 'platform', 'pk_attr': 'id', 'table_description': "The last link of a chain of the audit trail (审计链); the trail's trigger writes it."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='DataKey',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('purpose', fields.CharField(max_length=16)),
                ('algorithm', fields.CharField(max_length=16)),
                ('wrapped', fields.BinaryField()),
                ('active', fields.BooleanField()),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'data_key', 'app': 'platform', 'pk_attr': 'id', 'table_description': 'A key that seals columns or files (数据密钥), wrapped with the master key.'},
            bases=['Model'],
        ),
        ops.AddConstraint(
            model_name='DataKey',
            constraint=UniqueConstraint(fields=('purpose',), name='data_key_one_active', condition='active'),
        ),
        ops.AddField(model_name='AuditEntry', name='chain', field=fields.IntField(null=True)),
        ops.AddField(model_name='AuditEntry', name='hash', field=fields.BinaryField(null=True)),
        ops.AddField(model_name='AuditEntry', name='link', field=fields.BigIntField(null=True)),
        ops.RunSQL(CHAINS),
        ops.AlterField(model_name='AuditEntry', name='chain', field=fields.IntField()),
        ops.AlterField(model_name='AuditEntry', name='hash', field=fields.BinaryField()),
        ops.AlterField(model_name='AuditEntry', name='link', field=fields.BigIntField()),
        ops.AddConstraint(
            model_name='AuditEntry',
            constraint=UniqueConstraint(fields=('chain', 'link'), name=None),
        ),
    ]
