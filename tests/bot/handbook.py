"""A small handbook for the bot's tests, so that they do not change with the city's."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

ID_CARD = "id-card-lost-replacement"
BIRTH = "household-birth"
PASSPORT_FIRST = "passport-first"
PASSPORT_LOST = "passport-lost"
PENSION = "pension-start"
RESIDENCE = "residence-permit-application"
FOOD = "food-business-licence"
CAR = "car-registration"

ITEMS: dict[str, dict[str, Any]] = {
    ID_CARD: {
        "name": "居民身份证丢失补领",
        "aliases": ["身份证丢了", "补办身份证", "身份证挂失", "身份证没了"],
    },
    BIRTH: {"name": "新生儿出生登记", "aliases": ["给孩子上户口", "孩子落户", "新生儿上户口"]},
    PASSPORT_FIRST: {"name": "普通护照首次申领", "aliases": ["护照", "第一次办护照"]},
    PASSPORT_LOST: {"name": "普通护照遗失补发", "aliases": ["护照", "护照丢了"]},
    PENSION: {"name": "养老金待遇申领", "aliases": ["办退休", "领养老金"]},
    RESIDENCE: {"name": "居住证申领", "aliases": ["居住证", "办居住证", "暂住证"]},
    FOOD: {"name": "食品经营许可", "aliases": ["食品经营许可证", "开饭店", "卫生许可证"]},
    CAR: {"name": "机动车注册登记", "aliases": ["新车上牌", "车辆上牌照"]},
}


def write(folder: Path, calendar: Path) -> Path:
    """Writes the handbook's files."""
    items = folder / "items" / "household-id"
    items.mkdir(parents=True, exist_ok=True)
    for code, each in ITEMS.items():
        body = {"code": code, **each, "themes": ["household-id"]}
        text = yaml.safe_dump(body, allow_unicode=True, sort_keys=False)
        (items / f"{code}.yaml").write_text(text, encoding="utf-8")
    shutil.copy(calendar, folder / "calendar.yaml")
    return folder
