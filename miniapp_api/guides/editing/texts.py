"""Sentences of editing (给编辑看的话)."""

from __future__ import annotations

from typing import Final

STATE_NAMES: Final = {
    "draft": "草稿",
    "submitted": "待审批",
    "scheduled": "已批准,待发布",
    "published": "在用",
    "superseded": "已被新版替代",
    "rejected": "已退回",
    "withdrawn": "已撤回",
}
KIND_NAMES: Final = {"items": "办事指南", "notices": "通知公告"}
ORIGIN_NAMES: Final = {"editor": "编辑", "rollback": "恢复旧版", "file": "手册文件"}

ROLL_BACK: Final = "恢复第{version}版:{why}"
DUE_BUT_FAULTY: Final = "到了发布的日子,但检查没有通过:{fault}"
DUE_BUT_MOVED: Final = "到了发布的日子,但在用的版本已经变了,没有覆盖它"
HEADER: Final = "# 第{version}版,由程序写出,不要手改:{id}"

NEW_ITEM: Final = """\
code: {code}
name: ""
aliases: []
type: public_service
case_type: promised
department: ""
objects: [personal]
themes: []
life_events: []
conditions: []
circumstances: []
materials: []
steps: []
limits: {{statutory: null, promised: null}}
visits: 1
fee: {{free: true, text: 不收费, basis: null}}
place: {{kind: hall, queue: null, note: null}}
hours: null
phone: ""
online: {{depth: none, note: null}}
appointment: optional
duration_minutes: 15
result: {{name: "", delivery: [window]}}
proxy: {{allowed: false, note: null}}
legal_basis: []
faqs: []
related: []
version: 1
effective: {today}
review_by: {review_by}
source: {{kind: compiled, note: null}}
verified: false
placeholders: []
"""
NEW_NOTICE: Final = """\
id: {code}
title: ""
text: ""
from: {today}
until: null
hall: null
items: []
important: false
version: 1
source: {{kind: compiled, note: null}}
verified: false
"""
NEW: Final = {"items": NEW_ITEM, "notices": NEW_NOTICE}
