"""The mini-program as it is built: what WeChat's developer tool would look at, without it."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from miniapp_api.platform import openapi
from miniapp_api.settings import ROOT

SOURCE = ROOT / "miniapp" / "src"
BUILT = ROOT / "miniapp" / "dist" / "build" / "mp-weixin"
PACKAGE_BYTES = 2 * 1024 * 1024  # WeChat's limit of a package
OUR_OWN = re.compile(r"https?://(127\.0\.0\.1|localhost)[:/]")
# Names of XML vocabularies, and pages that messages of Vue and uni-app point developers to.
NAMES_ONLY = re.compile(r"https?://(www\.w3\.org|vuejs\.org|uniapp\.dcloud\.(io|net\.cn))[:/]")
WECHAT_TAGS = frozenset(
    [
        *("view", "text", "button", "input", "textarea", "image", "icon", "progress", "label"),
        *("picker", "picker-view", "picker-view-column", "scroll-view", "swiper", "swiper-item"),
        *("radio", "radio-group", "checkbox", "checkbox-group", "switch", "slider", "form"),
        *("navigator", "map", "canvas", "video", "camera", "web-view", "rich-text"),
        *("block", "slot", "template", "page-meta"),
    ]
)
PAGE = re.compile(r"pages/[a-z-]+/[a-z-]+")


@pytest.fixture(scope="module")
def built() -> Path:
    if not (BUILT / "app.json").is_file():
        pytest.fail("the mini-program is not built: run `make miniapp/dist/build/mp-weixin/.done`")
    return BUILT


@cache
def _pages() -> list[str]:
    return [page["path"] for page in json.loads((SOURCE / "pages.json").read_text())["pages"]]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _ours(built: Path) -> list[Path]:
    """The emitted scripts of our own sources; uni-app and Vue are in common/."""
    return [path for path in built.rglob("*.js") if "common" not in path.parts]


def test_every_page_is_emitted_with_its_four_files(built: Path) -> None:
    assert _json(built / "app.json")["pages"] == _pages()
    for page in _pages():
        for suffix in ("js", "json", "wxml", "wxss"):
            file = built / f"{page}.{suffix}"
            assert file.is_file() or suffix == "wxss", file  # a page may have no style of its own


def test_it_fits_into_one_package(built: Path) -> None:
    size = sum(path.stat().st_size for path in built.rglob("*") if path.is_file())
    assert size < PACKAGE_BYTES


def test_the_project_names_its_app_and_keeps_wechats_check_of_domains(built: Path) -> None:
    project = _json(built / "project.config.json")
    assert re.fullmatch(r"wx[0-9a-f]{16}", project["appid"])
    assert project["setting"]["urlCheck"] is True


def test_every_script_is_one_that_an_engine_reads(built: Path) -> None:
    scripts = [str(path) for path in built.rglob("*.js")]
    assert len(scripts) > len(_pages())
    found = subprocess.run(
        [ROOT / "scripts" / "find-node"], capture_output=True, text=True, check=True
    )
    node = f"{found.stdout.strip()}/node"
    check = (
        "const fs = require('fs'), vm = require('vm');"
        "for (const filename of process.argv.slice(1))"
        " new vm.Script(fs.readFileSync(filename, 'utf8'), {filename})"
    )
    done = subprocess.run(
        [node, "-e", check, *scripts], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_template_is_balanced_and_uses_tags_that_exist(built: Path) -> None:
    templates = sorted(built.rglob("*.wxml"))
    assert len(templates) >= len(_pages())
    for path in templates:
        reader = Tags()
        reader.feed(path.read_text(encoding="utf-8"))
        assert reader.open == [], path
        declared = set(_json(path.with_suffix(".json")).get("usingComponents", {}))
        assert reader.seen - WECHAT_TAGS - declared == set(), path


def test_declared_components_are_emitted(built: Path) -> None:
    for path in built.rglob("*.json"):
        if path.name in {"app.json", "project.config.json", "theme.json"}:
            continue
        for place in _json(path).get("usingComponents", {}).values():
            found = built / place.lstrip("/") if place.startswith("/") else path.parent / place
            assert Path(f"{found}.wxml").is_file(), (path, place)


def test_no_script_knows_another_host(built: Path) -> None:
    found = {
        address
        for path in built.rglob("*.js")
        for address in re.findall(r"https?://[\w.:/-]+", path.read_text(encoding="utf-8"))
        if not OUR_OWN.match(address) and not NAMES_ONLY.match(address)
    }
    assert found == set()


def test_every_request_is_one_that_the_api_offers(built: Path, app: Any) -> None:
    offered = set(openapi.build(app)["paths"])
    rooms = {path.split("/")[1] for path in offered}
    asked = {
        text
        for path in _ours(built)
        for text in re.findall(r"""["'`](/[a-z][a-z-]*(?:/[\w{}.-]+)*)["'`?$]""", path.read_text())
        if text.split("/")[1] in rooms and not text.startswith("/pages/")
    }
    assert len(asked) > 20, asked
    assert asked - offered == set()


def test_every_page_that_the_client_opens_is_there(built: Path) -> None:
    named = {name for path in _ours(built) for name in PAGE.findall(path.read_text())}
    assert named - set(_pages()) == set()


def test_every_page_that_the_api_and_the_assistant_link_to_is_there() -> None:
    named = {
        name: path
        for folder in ("miniapp_api", "bot")
        for path in (ROOT / folder).rglob("*.py")
        if ".venv" not in path.parts
        for name in PAGE.findall(path.read_text(encoding="utf-8"))
    }
    assert "pages/booking/mine" in named
    assert {name: str(path) for name, path in named.items() if name not in _pages()} == {}


def test_reminders_are_asked_for_in_wechat_only(built: Path) -> None:
    asking = [path for path in _ours(built) if "requestSubscribeMessage" in path.read_text()]
    assert [path.name for path in asking] == ["reminding.js"]
    # WeChat opens its dialog only straight from a tap: the templates are there before.
    assert "/messages/subscriptions" in asking[0].read_text()
    for page in ("booking/detail", "queue/mine", "case/detail"):
        assert "AppRemind" in _components(built, built / f"pages/{page}.json"), page


def _components(built: Path, place: Path) -> str:
    """Return the places of all components that a page is made of."""
    found = []
    for each in _json(place).get("usingComponents", {}).values():
        name = f"{each}.json".lstrip("/")
        inner = built / name if each.startswith("/") else (place.parent / name).resolve()
        found += [each, _components(built, inner)]
    return " ".join(found)


class Tags(HTMLParser):
    """Reads a template's tags: which are used, and which stay open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open[-1] == tag, (self.open, tag)
        self.open.pop()
