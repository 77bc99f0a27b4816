"""`shenban openapi`: the OpenAPI document, which the client's types are generated from."""

from __future__ import annotations

import json
from pathlib import Path

from miniapp_api.app import create_app
from miniapp_api.commands.common import checked_settings
from miniapp_api.platform import openapi


def write(out: Path) -> None:
    """Write the document, unless the file says the same already: what is built from it stays."""
    document = openapi.build(create_app(checked_settings()))
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    if not out.is_file() or out.read_text(encoding="utf-8") != text:
        out.write_text(text, encoding="utf-8")
