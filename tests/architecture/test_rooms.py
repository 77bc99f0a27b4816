"""The house keeps its walls: who may import whom, and what every room must have."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = sorted(
    path.name
    for path in (ROOT / "miniapp_api").iterdir()
    if path.is_dir() and path.name not in {"platform", "commands", "__pycache__"}
)
COMPOSITION = {"app.py", "settings.py", "tables.py"}  # besides commands/


def _files(folder: str) -> list[Path]:
    return [p for p in (ROOT / folder).rglob("*.py") if ".venv" not in p.parts]


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _offences(folder: str, pattern: str, but_for: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _files(folder)
        if path.name not in but_for
        for name in _imports(path)
        if re.match(pattern, name)
    ]


def test_intents_stands_alone() -> None:
    assert _offences("intents", r"(miniapp_api|bot|sanic|rasa|tortoise|redis)\b") == []


def test_the_bot_reaches_the_api_over_http_only() -> None:
    assert _offences("bot", r"miniapp_api\b") == []


def test_nothing_imports_the_bot() -> None:
    assert _offences("miniapp_api", r"bot\b") + _offences("intents", r"bot\b") == []


def test_platform_knows_no_domain() -> None:
    assert _offences("miniapp_api/platform", rf"miniapp_api\.({'|'.join(DOMAINS)})\b") == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_never_reads_the_tables_of_another(domain: str) -> None:
    others = "|".join(d for d in DOMAINS if d != domain)
    assert _offences(f"miniapp_api/{domain}", rf"miniapp_api\.({others})\.(store|models)\b") == []


def _queries(path: Path) -> bool:
    return path.name == "models.py" or path.stem.split("_")[-1] == "store"


def test_only_stores_query() -> None:
    """A query is SQL in a constant or a Tortoise model: neither stands outside a store."""
    sql = re.compile(
        r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b .*\b(FROM|VALUES|SET|WHERE)\b", re.S
    )
    found = []
    for path in _files("miniapp_api"):
        if _queries(path) or {"platform", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and sql.search(node.value)
            ):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_nothing_below_the_routes_sees_a_request() -> None:
    for path in _files("miniapp_api"):
        if path.name in {"service.py", "rules.py", "models.py"} or _queries(path):
            assert "Request" not in path.read_text().split(), path


def test_rules_are_pure() -> None:
    allowed = (
        r"(__future__|collections|dataclasses|datetime|enum|hashlib|hmac|itertools|math|re|secrets"
        r"|statistics|typing|unicodedata|uuid|miniapp_api\.\w+\.(rules|plan|plan_schemas)$)"
    )
    for path in _files("miniapp_api"):
        if path.name in {"rules.py", "plan.py", "plan_faults.py"}:
            assert [n for n in _imports(path) if not re.match(allowed, n)] == [], path


def test_the_environment_is_read_in_one_place_a_runtime() -> None:
    found = [
        str(path.relative_to(ROOT))
        for folder in ("miniapp_api", "intents", "bot")
        for path in _files(folder)
        # Setting a variable for a library, or passing all of them to a child, is not reading.
        if re.search(r"environ(\[|\.get|\)| if)|getenv", path.read_text())
    ]
    passing_on_search_paths = {"intents/aspects.py", "miniapp_api/commands/serve.py"}
    assert set(found) - passing_on_search_paths == {"bot/settings.py", "miniapp_api/settings.py"}


def test_files_stay_small() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for folder in ("miniapp_api", "intents", "bot")
        for path in _files(folder)
        if "migrations" not in path.parts and (lines := path.read_text().count("\n")) > 450
    ]
    assert long == []


def test_both_runtimes_are_locked() -> None:
    assert (ROOT / "uv.lock").is_file()
    assert (ROOT / "bot" / "uv.lock").is_file()
