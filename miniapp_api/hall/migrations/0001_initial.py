from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='CallEvent',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('hall', fields.CharField(max_length=64)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('kind', fields.CharField(max_length=16)),
                ('ticket_id', fields.UUIDField(db_index=True)),
                ('number', fields.CharField(max_length=12)),
                ('queue', fields.CharField(max_length=64)),
                ('window', fields.CharField(null=True, max_length=8)),
            ],
            options={'table': 'call_event', 'app': 'hall', 'indexes': [PostgreSQLIndex(fields=['hall', 'id'])], 'pk_attr': 'id', 'table_description': "What the hall's screen shows, in order (叫号记录), and a ticket's history."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='QueueDay',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('hall', fields.CharField(max_length=64)),
                ('queue', fields.CharField(max_length=64)),
                ('day', fields.DateField()),
                ('last_number', fields.IntField()),
                ('called', fields.IntField()),
            ],
            options={'table': 'queue_day', 'app': 'hall', 'unique_together': (('hall', 'queue', 'day'),), 'pk_attr': 'id', 'table_description': 'A queue on a day: its last number, and the mutex of its calls.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Ticket',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('hall', fields.CharField(max_length=64)),
                ('queue', fields.CharField(max_length=64)),
                ('day', fields.DateField()),
                ('first_queue', fields.CharField(max_length=64)),
                ('sequence', fields.IntField()),
                ('number', fields.CharField(max_length=12)),
                ('kind', fields.CharField(max_length=16)),
                ('priority', fields.CharField(null=True, max_length=16)),
                ('appointment_id', fields.UUIDField(null=True)),
                ('citizen', fields.UUIDField(null=True)),
                ('item', fields.CharField(null=True, max_length=64)),
                ('status', fields.CharField(max_length=16)),
                ('arrived_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('booked_for', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('window', fields.CharField(null=True, max_length=8)),
                ('calls', fields.IntField(default=0)),
                ('requeues', fields.IntField(default=0)),
                ('warned', fields.BooleanField(default=False)),
                ('called_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('started_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'ticket', 'app': 'hall', 'unique_together': (('hall', 'first_queue', 'day', 'sequence'),), 'constraints': [UniqueConstraint(fields=('appointment_id',), name='ticket_one_live', condition='appointment_id IS NOT NULL')], 'indexes': [PostgreSQLIndex(fields=['hall', 'day', 'queue', 'status']), PostgreSQLIndex(fields=['citizen', 'day'])], 'pk_attr': 'id', 'table_description': 'A ticket (排队号).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WindowSession',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('hall', fields.CharField(max_length=64)),
                ('window', fields.CharField(max_length=8)),
                ('queue', fields.CharField(max_length=64)),
                ('staff', fields.UUIDField()),
                ('state', fields.CharField(max_length=16)),
                ('ticket', fields.ForeignKeyField('hall.Ticket', source_field='ticket_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.SET_NULL)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'window_session', 'app': 'hall', 'constraints': [UniqueConstraint(fields=('hall', 'window'), name='window_one_live', condition='closed_at IS NULL'), UniqueConstraint(fields=('staff',), name='window_staff_one_live', condition='closed_at IS NULL')], 'pk_attr': 'id', 'table_description': 'A clerk at a window (窗口上岗), with the ticket in hand.'},
            bases=['Model'],
        ),
        # Tortoise's CreateModel writes no constraints: they are added here, each by its own step.
        ops.AddConstraint('Ticket', UniqueConstraint(fields=('appointment_id',), name='ticket_one_live', condition='appointment_id IS NOT NULL')),
        ops.AddConstraint('WindowSession', UniqueConstraint(fields=('hall', 'window'), name='window_one_live', condition='closed_at IS NULL')),
        ops.AddConstraint('WindowSession', UniqueConstraint(fields=('staff',), name='window_staff_one_live', condition='closed_at IS NULL')),
    ]
