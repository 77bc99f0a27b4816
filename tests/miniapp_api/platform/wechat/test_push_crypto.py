"""The cryptography and the reading of pushes: known vectors, round trips, and what is refused."""

from __future__ import annotations

import base64
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.platform.wechat import crypto, fake_pushing, payload
from miniapp_api.platform.wechat.fake_pushing import Address
from miniapp_api.platform.wechat.pushes import (
    PushGarbled,
    PushQuery,
    PushReader,
    PushRefused,
    PushStale,
)

APPID = "wx0000000000000000"
KEY = bytes(range(32))
NOW = datetime(2026, 11, 24, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
ADDRESS = Address("http://x", "token", KEY, APPID)
READER = PushReader("token", KEY, APPID)


@pytest.fixture(scope="session")
def vectors(shared: Path) -> Any:
    return json.loads((shared / "wechat_vectors.json").read_text())


def test_the_vector_of_the_address_check(vectors: Any) -> None:
    v = vectors["mp_url_verify"]
    reader = PushReader(v["token"], KEY, APPID)
    query = PushQuery(**{name: v[name] for name in ("signature", "timestamp", "nonce", "echostr")})
    then = datetime.fromtimestamp(int(v["timestamp"]), tz=ZoneInfo("UTC"))
    assert reader.echo(query, then) == v["expect_body"]
    with pytest.raises(PushRefused):
        reader.echo(query.model_copy(update={"nonce": "0"}), then)
    with pytest.raises(PushStale):
        reader.echo(query, NOW)


def test_the_vector_of_a_plain_push_is_signed(vectors: Any) -> None:
    v = vectors["mp_push_plain_json"]
    assert crypto.signature(v["token"], v["timestamp"], v["nonce"]) == v["signature"]


def test_the_vector_of_a_sealed_json_push_is_read(vectors: Any) -> None:
    v = vectors["mp_push_aes_json_in"]
    reader = PushReader(v["token"], crypto.aes_key(v["encoding_aes_key"]), v["appid"])
    then = datetime.fromtimestamp(int(v["query"]["timestamp"]), tz=ZoneInfo("UTC"))
    push = reader.read(PushQuery(**v["query"]), json.dumps(v["body"]).encode(), then)
    said = json.loads(v["plaintext"])
    assert (push.openid, push.kind, push.event) == (said["FromUserName"], "event", "debug_demo")


def test_the_vector_of_a_sealed_reply_is_written(vectors: Any) -> None:
    v = vectors["mp_push_aes_json_reply"]
    key, salt = crypto.aes_key(v["encoding_aes_key"]), v["random16"].encode()
    assert crypto.seal(key, v["plaintext"].encode(), v["appid"], salt) == v["encrypt"]
    right = crypto.signature(v["token"], v["timestamp"], v["nonce"], v["encrypt"])
    assert right == v["msg_signature"]


def test_the_vector_of_a_sealed_xml_push_is_read(vectors: Any) -> None:
    v = vectors["oa_push_aes_xml_in"]
    key = crypto.aes_key(v["encoding_aes_key"])
    crypto.check_signature(v["msg_signature"], v["token"], v["timestamp"], v["nonce"], v["encrypt"])
    plain = crypto.unseal(key, v["encrypt"], v["appid"])
    assert plain.decode() == v["plaintext_xml"]
    assert payload.read(plain)["Content"] == "hello"


@pytest.mark.parametrize("name", ["work_encrypt_reply_xml", "work_decrypt_xml"])
def test_the_vectors_of_another_receiver_are_read_for_him_alone(vectors: Any, name: str) -> None:
    v = vectors[name]
    key = crypto.aes_key(v["encoding_aes_key"])
    crypto.check_signature(v["msg_signature"], v["token"], v["timestamp"], v["nonce"], v["encrypt"])
    assert crypto.unseal(key, v["encrypt"], v["receive_id"]).decode() == v["plaintext"]
    with pytest.raises(crypto.PushForged, match="appid"):
        crypto.unseal(key, v["encrypt"], "wxother")


@given(st.binary(max_size=3000), st.text(alphabet="wx0123456789abcdef", max_size=32))
def test_what_was_sealed_opens(message: bytes, appid: str) -> None:
    assert crypto.unseal(KEY, crypto.seal(KEY, message, appid), appid) == message


@given(st.data())
def test_a_sealed_message_with_another_bit_is_never_another_message(data: st.DataObject) -> None:
    sealed = bytearray(base64.b64decode(crypto.seal(KEY, b"hello", APPID)))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    query = fake_pushing.sealed(ADDRESS, fake_pushing.text("o", "hi", 0), NOW.timestamp()).query
    body = json.dumps({"Encrypt": base64.b64encode(sealed).decode()}).encode()
    with pytest.raises(PushRefused):
        READER.read(PushQuery(**query), body, NOW)


@given(st.text(max_size=200))
def test_garbage_for_a_sealed_message_is_refused_by_name(sealed: str) -> None:
    with pytest.raises(crypto.PushForged):
        crypto.unseal(KEY, sealed, APPID)


@given(st.binary(min_size=64, max_size=64))
def test_random_blocks_are_refused_by_name(content: bytes) -> None:
    with pytest.raises(crypto.PushForged):
        crypto.unseal(KEY, base64.b64encode(content).decode(), APPID)


SAID = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=300)


@given(SAID, st.sampled_from(["json", "xml"]))
def test_a_push_says_what_was_written(said: str, format: str) -> None:
    fields = fake_pushing.text("o-wang", said, NOW.timestamp())
    sent = fake_pushing.sealed(ADDRESS, fields, NOW.timestamp(), "ok", format)
    push = READER.read(PushQuery(**sent.query), sent.body, NOW)
    assert (push.openid, push.kind, push.text) == ("o-wang", "text", said)
    assert push.id == str(fields["MsgId"])


@given(st.binary(max_size=500))
def test_any_bytes_are_read_or_refused_by_name(content: bytes) -> None:
    for prefix in (b"", b"<xml>", b"{"):
        try:
            fields = payload.read(prefix + content)
        except payload.Garbled:
            continue
        assert all(isinstance(value, str) for value in fields.values())


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE xml [<!ENTITY a "aaaa">]><xml><Content>&a;</Content></xml>',
        b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>',
        b"<xml><Content>&undefined;</Content></xml>",
        b"<xml><Content>",
        b'<?xml version="1.0" encoding="none-such"?><xml/>',
        b"<x>" * 5000,
        b"[" * 100_000,
        b'{"a":' * 5000,
        b"{} {}",
        b"[]",
        b"null",
        b"",
    ],
)
def test_entities_depth_and_halves_are_refused(content: bytes) -> None:
    with pytest.raises(payload.Garbled):
        payload.read(content)


def test_nested_fields_are_left_out() -> None:
    xml = b"<xml><A>1</A><B><C>2</C></B><D><![CDATA[<3>]]></D></xml>"
    assert payload.read(xml) == {"A": "1", "D": "<3>"}
    assert payload.read(b'{"A": 1, "B": {"C": 2}, "D": true, "E": null}') == {"A": "1"}


@pytest.mark.parametrize(
    ("way", "refusal"),
    [
        ("wrong_signature", PushRefused),
        ("wrong_appid", PushRefused),
        ("stale", PushStale),
        ("plain", PushGarbled),
        ("garbled", PushGarbled),
    ],
)
@pytest.mark.parametrize("format", ["json", "xml"])
def test_what_is_not_from_wechat_is_refused(way: str, refusal: type, format: str) -> None:
    fields = fake_pushing.text("o-wang", "你好", NOW.timestamp())
    sent = fake_pushing.sealed(ADDRESS, fields, NOW.timestamp(), way, format)
    with pytest.raises(refusal):
        READER.read(PushQuery(**sent.query), sent.body, NOW)


def test_an_event_is_known_by_who_and_when() -> None:
    ids = set()
    for openid, at in (("a", 1), ("a", 1), ("a", 2), ("b", 1)):
        fields = fake_pushing.entering(openid, at)
        sent = fake_pushing.sealed(ADDRESS, fields, NOW.timestamp())
        ids.add(READER.read(PushQuery(**sent.query), sent.body, NOW).id)
    assert len(ids) == 3


def test_a_key_has_43_characters() -> None:
    encoded = base64.b64encode(os.urandom(32)).decode().rstrip("=")
    assert len(crypto.aes_key(encoded)) == 32
    for wrong in ("", "short", "a" * 44):
        with pytest.raises(ValueError, match="43"):
            crypto.aes_key(wrong)
