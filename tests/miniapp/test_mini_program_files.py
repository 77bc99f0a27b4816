"""Papers and pictures in the mini-program: its own built code, in a WeChat that is played."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from miniapp_api.settings import ROOT
from tests.miniapp.test_mini_program import BUILT

WECHAT = Path(__file__).with_name("wechat.cjs")
RECEIPT = "http://127.0.0.1:8000/applications/1/receipt"
FINE = {"statusCode": 200, "text": "%PDF"}
TOO_OLD = {"statusCode": 401, "text": json.dumps({"code": "session_expired", "detail": "过期"})}
RENEWED = {"token": "second", "refresh_token": "r", "citizen": {"phone_masked": "138****8000"}}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built code, where nothing says that its scripts are modules."""
    if not (BUILT / "app.json").is_file():
        pytest.fail("the mini-program is not built: run `make miniapp/dist/build/mp-weixin/.done`")
    copy = tmp_path_factory.mktemp("mini-program") / "built"
    shutil.copytree(BUILT, copy)
    return copy


@pytest.fixture
def play(built: Path) -> Any:
    """Calls a function of the built files; returns what WeChat was asked for, and the fault."""
    found = subprocess.run(
        [ROOT / "scripts" / "find-node"], capture_output=True, text=True, check=True
    )

    def play(call: str, *given: str, **script: Any) -> tuple[list[Any], str | None]:
        told = json.dumps({"call": call, "given": given, **script})
        done = subprocess.run(
            [f"{found.stdout.strip()}/node", WECHAT, built, told],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        heard = json.loads(done.stdout)
        return heard["asked"], heard["failed"]

    return play


def _names(asked: list[Any]) -> list[str]:
    return [name for name, _ in asked]


def test_a_receipt_is_fetched_with_the_session_in_its_header_and_opened_as_a_pdf(play: Any) -> None:
    asked, failed = play("openPaper", RECEIPT, "回执.pdf", downloads=[FINE])
    assert failed is None
    (_, fetched), (name, opened) = asked
    assert fetched["url"] == RECEIPT
    assert fetched["header"] == {"Authorization": "Bearer first"}
    assert name == "openDocument"
    assert opened["fileType"] == "pdf"
    assert opened["showMenu"] is True  # to pass it on, or to keep it


def test_a_session_that_is_too_old_is_renewed_and_the_paper_fetched_again(play: Any) -> None:
    asked, failed = play(
        "openPaper", RECEIPT, "回执.pdf", downloads=[TOO_OLD, FINE], refreshed=RENEWED
    )
    assert failed is None
    assert _names(asked) == ["downloadFile", "request", "downloadFile", "openDocument"]
    assert asked[2][1]["header"] == {"Authorization": "Bearer second"}


def test_a_refusal_says_what_the_api_said(play: Any) -> None:
    gone = {"code": "application_not_found", "detail": "没有找到这个办件"}
    answer = {"statusCode": 404, "text": json.dumps(gone)}
    asked, failed = play("openPaper", RECEIPT, "回执.pdf", downloads=[answer])
    assert failed == "没有找到这个办件"
    assert _names(asked) == ["downloadFile"]


def test_a_lost_network_says_so(play: Any) -> None:
    _, failed = play("openPaper", RECEIPT, "回执.pdf", downloads=[])
    assert failed.startswith("网络好像断了")


def test_a_phone_that_cannot_open_a_pdf_says_so(play: Any) -> None:
    _, failed = play("openPaper", RECEIPT, "回执.pdf", downloads=[FINE], opens=False)
    assert failed.startswith("这台手机打不开这个文件")


def test_a_picture_is_fetched_the_same_way_and_shown(play: Any) -> None:
    asked, failed = play("bring", RECEIPT, downloads=[FINE])
    assert failed is None
    assert asked[0][1]["header"] == {"Authorization": "Bearer first"}
    asked, failed = play("showPicture", "wxfile://tmp_0", downloads=[])
    assert (asked, failed) == ([["previewImage", {"urls": ["wxfile://tmp_0"]}]], None)
