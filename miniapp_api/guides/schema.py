"""handbook/schema.json (数据格式), generated from the models, for editors' tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from miniapp_api.guides import terms
from miniapp_api.guides.announcements import Announcement
from miniapp_api.guides.bundles import Bundle
from miniapp_api.guides.forms import FormBook
from miniapp_api.guides.item import HandbookItem
from miniapp_api.guides.places import Departments, Hall, HotList, NamedList, Windows, Years

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _WithTerms(GenerateJsonSchema):
    """Adds the Chinese term of every enumerated value, which editors show while completing."""

    def enum_schema(self, schema: Any) -> JsonSchemaValue:
        result = super().enum_schema(schema)
        members = schema["members"]
        if issubclass(schema["cls"], terms.Term):
            result["enumDescriptions"] = [member.term for member in members]
            listed = "、".join(f"{member.value} {member.term}" for member in members)
            result["description"] = listed
        return result


def handbook_schema() -> dict[str, Any]:
    """Build the schema: an item at the top, every other file under $defs."""
    models: list[type[BaseModel]] = [
        HandbookItem,
        Announcement,
        Bundle,
        Departments,
        FormBook,
        Hall,
        HotList,
        NamedList,
        Windows,
        Years,
    ]
    _, schema = models_json_schema(
        [(model, "validation") for model in models], schema_generator=_WithTerms
    )
    definitions = schema["$defs"]
    item = definitions.pop("HandbookItem")
    return {
        "$schema": DIALECT,
        "$id": "urn:shenban:handbook",
        "description": "items/主题/编码.yaml 的格式;其他文件见 $defs。由程序生成,不要手改。",
        **item,
        "$defs": definitions,
    }


def schema_text() -> bytes:
    """Return schema.json's content."""
    return orjson.dumps(handbook_schema(), option=orjson.OPT_INDENT_2) + b"\n"


def write_schema(folder: Path) -> Path:
    """Write handbook/schema.json anew."""
    path = folder / "schema.json"
    path.write_bytes(schema_text())
    return path


def schema_is_current(folder: Path) -> bool:
    """Tell whether handbook/schema.json matches the models."""
    path = folder / "schema.json"
    return path.exists() and path.read_bytes() == schema_text()
