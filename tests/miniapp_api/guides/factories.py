"""Items and handbook files made for one test."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from miniapp_api.guides.item import HandbookItem

HANDBOOK = Path(__file__).resolve().parents[3] / "handbook"

FOREIGN_ROW = {
    "code": "11440000X",
    "name": "粤地某事项",
    "alias_daily": "无",
    "short": "无",
    "type": "公共服务",
    "dept": "广东省某厅",
    "objects": ["自然人"],
    "themes": ["其他"],
    "condition": "无",
    "materials": "无",
    "legal_limit": "20(工作日)",
    "promise_limit": "无",
    "visits": "1",
    "location": "无",
    "phone": "无",
    "online": "0",
}


def item_values(**changes: Any) -> dict[str, Any]:
    """A whole item of ours, with these fields changed."""
    values: dict[str, Any] = {
        "code": "test-item",
        "name": "测试事项办理",
        "aliases": ["办测试", "测试的事"],
        "type": "public_service",
        "case_type": "promised",
        "department": "public-security",
        "objects": ["personal"],
        "themes": ["household-id"],
        "life_events": [],
        "conditions": ["本市户籍。"],
        "circumstances": [
            {
                "id": "applicant",
                "question": "给谁办?",
                "options": [
                    {"id": "adult", "label": "本人办", "default": True},
                    {"id": "child", "label": "给孩子办", "tags": ["for_child", "minor"]},
                ],
            }
        ],
        "materials": [
            {"name": "户口簿", "form": "original", "count": 1, "required": True},
            {
                "name": "出生证明",
                "form": "copy",
                "count": 2,
                "required": True,
                "when": {"applicant": ["child"]},
                "certificate": "birth-certificate",
            },
        ],
        "steps": [{"name": "申请", "detail": "到窗口。"}],
        "limits": {"statutory": 60, "promised": 20},
        "visits": 1,
        "fee": {"free": False, "text": "每证40元", "basis": "某文件"},
        "place": {"kind": "hall", "queue": "public-security", "note": None},
        "hours": None,
        "phone": "024-12345",
        "online": {"depth": "partial", "note": None},
        "appointment": "optional",
        "duration_minutes": 15,
        "result": {"name": "证件", "delivery": ["window"]},
        "proxy": {"allowed": False, "note": None},
        "legal_basis": ["《某法》"],
        "faqs": [{"q": "急用怎么办?", "a": "可以先办临时的。"}],
        "related": [],
        "version": 3,
        "effective": date(2026, 1, 1),
        "review_by": date(2027, 6, 30),
        "source": {"kind": "compiled", "note": None},
        "verified": False,
        "placeholders": ["phone", "limits.promised"],
    }
    return values | changes


def make_item(**changes: Any) -> HandbookItem:
    """Validate item_values."""
    return HandbookItem.model_validate(item_values(**changes))


def write_yaml(path: Path, value: Any) -> None:
    """Write one YAML file."""
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8")


def write_item(folder: Path, values: dict[str, Any]) -> Path:
    """Write an item where its code and theme say."""
    path = folder / "items" / values["themes"][0] / f"{values['code']}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_yaml(path, values)
    return path
