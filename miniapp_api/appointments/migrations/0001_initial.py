from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Slot',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('hall', fields.CharField(max_length=64)),
                ('queue', fields.CharField(max_length=64)),
                ('starts_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('capacity', fields.IntField()),
                ('remaining', fields.IntField()),
            ],
            options={'table': 'slot', 'app': 'appointments', 'unique_together': (('hall', 'queue', 'starts_at'),), 'pk_attr': 'id', 'table_description': 'A time slot (号源时段) of a queue: `remaining` of `capacity` seats are free.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Appointment',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('slot', fields.ForeignKeyField('appointments.Slot', source_field='slot_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('citizen', fields.UUIDField()),
                ('item', fields.CharField(max_length=64)),
                ('day', fields.DateField()),
                ('attendee', fields.CharField(max_length=16)),
                ('status', fields.CharField(max_length=16)),
                ('reference', fields.CharField(unique=True, max_length=12)),
                ('hold_expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'appointment', 'app': 'appointments', 'indexes': [PostgreSQLIndex(fields=['hold_expires_at'], condition={'status': 'held'}), PostgreSQLIndex(fields=['citizen', 'day']), PostgreSQLIndex(fields=['slot_id'])], 'pk_attr': 'id', 'table_description': "A citizen's seat in a slot (预约): first held, then confirmed."},
            bases=['Model'],
        ),
        # Tortoise's CreateModel writes no constraints: they are added here, each by its own step.
        ops.AddConstraint('Slot', CheckConstraint(check='remaining >= 0 AND remaining <= capacity', name='slot_seats')),
        ops.AddConstraint('Slot', CheckConstraint(check='ends_at > starts_at', name='slot_order')),
        ops.AddConstraint('Appointment', UniqueConstraint(fields=('citizen', 'item', 'day'), name='appointment_one_active', condition="status IN ('held', 'confirmed')")),
    ]
