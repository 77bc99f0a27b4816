from tortoise import migrations
from tortoise.migrations import operations as ops
from miniapp_api.platform.sealing import SealedField
from orjson import loads
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('chat', '0003_unanswered')]

    initial = False

    operations = [
        ops.CreateModel(
            name='WeChatTalk',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('openid_index', fields.CharField(unique=True, max_length=64)),
                ('openid_sealed', SealedField()),
                ('conversation', fields.CharField(db_index=True, max_length=64)),
                ('choices', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('said_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('greeted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('news', fields.IntField()),
                ('due_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('lease', fields.UUIDField(null=True)),
                ('lease_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'wechat_talk', 'app': 'chat', 'pk_attr': 'id', 'table_description': "A WeChat user's talk with us (微信会话): his conversation, and who works on it."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WeChatPiece',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('talk', fields.ForeignKeyField('chat.WeChatTalk', source_field='talk_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('body', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(max_length=8)),
                ('attempts', fields.IntField()),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('reason', fields.CharField(null=True, max_length=16)),
            ],
            options={'table': 'wechat_piece', 'app': 'chat', 'indexes': [PostgreSQLIndex(fields=['talk_id', 'state', 'id'])], 'pk_attr': 'id', 'table_description': 'A customer message to a WeChat user (客服消息), and what became of it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WeChatPush',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('key', fields.CharField(unique=True, max_length=64)),
                ('talk', fields.ForeignKeyField('chat.WeChatTalk', source_field='talk_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharField(max_length=8)),
                ('text', fields.TextField(unique=False)),
                ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('answered', fields.BooleanField()),
                ('attempts', fields.IntField()),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'wechat_push', 'app': 'chat', 'indexes': [PostgreSQLIndex(fields=['talk_id', 'answered', 'id'])], 'pk_attr': 'id', 'table_description': 'A message or event that WeChat pushed (微信推送), once.'},
            bases=['Model'],
        ),
    ]
