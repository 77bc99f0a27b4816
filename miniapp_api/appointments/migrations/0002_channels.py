from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

SEATS_OF_BEFORE = [
    "UPDATE slot SET released_at = starts_at - interval '60 days', pooled_at = now()",
    "INSERT INTO allotment (slot_id, channel, capacity, remaining) "
    "SELECT id, 'pool', capacity, remaining FROM slot",
    "UPDATE appointment a SET principal = a.citizen, channel = 'pool', nth = 1, counted = false, "
    "materials_ready = false, hall = s.hall, queue = s.queue, starts_at = s.starts_at, "
    "ends_at = s.ends_at FROM slot s WHERE s.id = a.slot_id",
    "INSERT INTO seat (appointment_id, allotment_id) SELECT a.id, l.id FROM appointment a "
    "JOIN allotment l ON l.slot_id = a.slot_id WHERE a.status IN ('held', 'confirmed')",
]


class Migration(migrations.Migration):
    dependencies = [('appointments', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Allotment',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('slot', fields.ForeignKeyField('appointments.Slot', source_field='slot_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('channel', fields.CharField(max_length=16)),
                ('capacity', fields.IntField()),
                ('remaining', fields.IntField()),
            ],
            options={'table': 'allotment', 'app': 'appointments', 'unique_together': (('slot', 'channel'),), 'constraints': [CheckConstraint(check='remaining >= 0 AND remaining <= capacity', name='allotment_seats')], 'pk_attr': 'id', 'table_description': 'The seats of a slot for one channel (渠道号源): `remaining` of `capacity` are free.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Closure',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('hall', fields.CharField(max_length=64)),
                ('queue', fields.CharField(null=True, max_length=64)),
                ('starts_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reason', fields.CharField(max_length=200)),
                ('created_by', fields.UUIDField(null=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('lifted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'closure', 'app': 'appointments', 'constraints': [CheckConstraint(check='ends_at > starts_at', name='closure_order')], 'pk_attr': 'id', 'table_description': 'A time in which a hall or one of its queues is closed out of schedule (临时停办).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='HallPlan',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('hall', fields.CharField(max_length=64)),
                ('version', fields.IntField()),
                ('body', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('created_by', fields.UUIDField()),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'hall_plan', 'app': 'appointments', 'unique_together': (('hall', 'version'),), 'pk_attr': 'id', 'table_description': "A version of a hall's rules and schedules (排班与规则); the latest is in force."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Seat',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('appointment', fields.ForeignKeyField('appointments.Appointment', source_field='appointment_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('allotment', fields.ForeignKeyField('appointments.Allotment', source_field='allotment_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'seat', 'app': 'appointments', 'unique_together': (('appointment', 'allotment'),), 'indexes': [PostgreSQLIndex(fields=['allotment_id'])], 'pk_attr': 'id', 'table_description': 'A seat that an appointment takes (占用的号): deleted when it is given back.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Suspension',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('principal', fields.UUIDField()),
                ('hall', fields.CharField(max_length=64)),
                ('cause', fields.CharField(max_length=16)),
                ('starts_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('appeal', fields.CharField(null=True, max_length=500)),
                ('appeal_status', fields.CharField(null=True, max_length=16)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('lifted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'suspension', 'app': 'appointments', 'indexes': [PostgreSQLIndex(fields=['principal', 'hall'])], 'pk_attr': 'id', 'table_description': 'A time in which a person may not book (暂停预约), and his appeal (申诉).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='UsedToken',
            fields=[
                ('jti', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'used_token', 'app': 'appointments', 'pk_attr': 'jti', 'table_description': 'A check-in code (签到码) that was shown once and is worth nothing any more.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Waiting',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('citizen', fields.UUIDField()),
                ('principal', fields.UUIDField()),
                ('grant_id', fields.UUIDField(null=True)),
                ('organisation', fields.CharField(null=True, max_length=18)),
                ('attendee', fields.CharField(max_length=16)),
                ('hall', fields.CharField(max_length=64)),
                ('queue', fields.CharField(max_length=64)),
                ('item', fields.CharField(max_length=64)),
                ('channel', fields.CharField(max_length=16)),
                ('first_day', fields.DateField()),
                ('last_day', fields.DateField()),
                ('status', fields.CharField(max_length=16)),
                ('position_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('offers', fields.IntField(default=0)),
                ('appointment_id', fields.UUIDField(null=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'waiting', 'app': 'appointments', 'constraints': [CheckConstraint(check='last_day >= first_day', name='waiting_order'), UniqueConstraint(fields=('principal', 'item', 'hall', 'first_day'), name='waiting_one_live', condition="status IN ('waiting', 'offered')")], 'indexes': [PostgreSQLIndex(fields=['hall', 'queue', 'position_at'], condition={'status': 'waiting'}), PostgreSQLIndex(fields=['citizen'])], 'pk_attr': 'id', 'table_description': 'A place on the waiting list (候补) of a queue for a day or a range of days.'},
            bases=['Model'],
        ),
        # Tortoise's CreateModel writes no constraints: they are added here, each by its own step.
        ops.AddConstraint('Allotment', CheckConstraint(check='remaining >= 0 AND remaining <= capacity', name='allotment_seats')),
        ops.AddConstraint('Closure', CheckConstraint(check='ends_at > starts_at', name='closure_order')),
        ops.AddConstraint('Waiting', CheckConstraint(check='last_day >= first_day', name='waiting_order')),
        ops.AddConstraint('Waiting', UniqueConstraint(fields=('principal', 'item', 'hall', 'first_day'), name='waiting_one_live', condition="status IN ('waiting', 'offered')")),
        ops.RemoveConstraint(
            model_name='Appointment',
            name='appointment_one_active',
            fields=None,
        ),
        ops.AlterModelOptions(
            name='Appointment',
            options={'table': 'appointment', 'app': 'appointments', 'constraints': [UniqueConstraint(fields=('principal', 'item', 'day', 'nth'), name='appointment_one_live', condition="status IN ('held', 'confirmed', 'displaced', 'checked_in')")], 'indexes': [PostgreSQLIndex(fields=['hold_expires_at'], condition={'status': 'held'}), PostgreSQLIndex(fields=['citizen', 'day']), PostgreSQLIndex(fields=['principal', 'day']), PostgreSQLIndex(fields=['document_index', 'day']), PostgreSQLIndex(fields=['slot_id']), PostgreSQLIndex(fields=['ends_at'], condition={'status': 'confirmed'})], 'pk_attr': 'id', 'table_description': 'A visit to the hall (预约): first held, then confirmed.'},
        ),
        ops.AddField(
            model_name='Appointment',
            name='channel',
            field=fields.CharField(null=True, max_length=16),
        ),
        ops.AddField(
            model_name='Appointment',
            name='checked_in_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Appointment',
            name='document_index',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Appointment',
            name='finished_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Appointment',
            name='grant_id',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Appointment',
            name='materials_ready',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.AddField(
            model_name='Appointment',
            name='hall',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Appointment',
            name='queue',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Appointment',
            name='starts_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Appointment',
            name='ends_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Appointment',
            name='counted',
            field=fields.BooleanField(null=True, default=False),
        ),
        ops.AddField(
            model_name='Appointment',
            name='nth',
            field=fields.SmallIntField(null=True),
        ),
        ops.AddField(
            model_name='Appointment',
            name='organisation',
            field=fields.CharField(null=True, max_length=18),
        ),
        ops.AddField(
            model_name='Appointment',
            name='principal',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Appointment',
            name='waiting_id',
            field=fields.UUIDField(null=True),
        ),
        ops.AddIndex(
            model_name='Appointment',
            index=PostgreSQLIndex(fields=['principal', 'day']),
        ),
        ops.AddIndex(
            model_name='Appointment',
            index=PostgreSQLIndex(fields=['document_index', 'day']),
        ),
        ops.AddIndex(
            model_name='Appointment',
            index=PostgreSQLIndex(fields=['ends_at'], condition={'status': 'confirmed'}),
        ),
        ops.RemoveConstraint(
            model_name='Slot',
            name='slot_seats',
            fields=None,
        ),
        ops.AlterModelOptions(
            name='Slot',
            options={'table': 'slot', 'app': 'appointments', 'unique_together': (('hall', 'queue', 'starts_at'),), 'constraints': [CheckConstraint(check='ends_at > starts_at', name='slot_order')], 'pk_attr': 'id', 'table_description': 'A time slot (号源时段) of a queue; its row is the mutex of its seats.'},
        ),
        ops.AddField(
            model_name='Slot',
            name='closure',
            field=fields.ForeignKeyField('appointments.Closure', source_field='closure_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name='Slot',
            name='pooled_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Slot',
            name='released_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        # Bookings of before: every seat of a slot is common to all channels, who booked comes himself.
        ops.RunSQL(SEATS_OF_BEFORE),
        ops.AlterField(
            model_name='Appointment',
            name='channel',
            field=fields.CharField(max_length=16),
        ),
        ops.AlterField(
            model_name='Appointment',
            name='principal',
            field=fields.UUIDField(),
        ),
        ops.AlterField(
            model_name='Appointment',
            name='hall',
            field=fields.CharField(max_length=64),
        ),
        ops.AlterField(
            model_name='Appointment',
            name='queue',
            field=fields.CharField(max_length=64),
        ),
        ops.AlterField(
            model_name='Appointment',
            name='starts_at',
            field=fields.DatetimeField(auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='Appointment',
            name='ends_at',
            field=fields.DatetimeField(auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='Appointment',
            name='counted',
            field=fields.BooleanField(default=False),
        ),
        ops.AlterField(
            model_name='Appointment',
            name='nth',
            field=fields.SmallIntField(),
        ),
        ops.AlterField(
            model_name='Appointment',
            name='materials_ready',
            field=fields.BooleanField(default=False),
        ),
        ops.AlterField(
            model_name='Slot',
            name='released_at',
            field=fields.DatetimeField(auto_now=False, auto_now_add=False),
        ),
        ops.AddConstraint(
            model_name='Appointment',
            constraint=UniqueConstraint(fields=('principal', 'item', 'day', 'nth'), name='appointment_one_live', condition="status IN ('held', 'confirmed', 'displaced', 'checked_in')"),
        ),
        ops.RemoveField(model_name='Slot', name='capacity'),
        ops.RemoveField(model_name='Slot', name='remaining'),
    ]
