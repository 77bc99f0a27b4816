"""WeChat Pay's cryptography against known answers."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from miniapp_api.payments import wechat_pay_crypto as crypto


@pytest.fixture(scope="module")
def vectors(shared: Path) -> Any:
    return json.loads((shared / "wechat_vectors.json").read_text())


@pytest.fixture(scope="module")
def private(vectors: Any) -> RSAPrivateKey:
    key = load_pem_private_key(vectors["pay_v3_rsa_sign"]["private_key_pem"].encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def test_a_message_is_signed_as_the_sdk_signs_it(vectors: Any, private: RSAPrivateKey) -> None:
    vector = vectors["pay_v3_rsa_sign"]
    assert crypto.sign(private, vector["message"].encode()) == vector["signature_b64"]


def test_pay_sign(vectors: Any, private: RSAPrivateKey) -> None:
    vector = vectors["derived_pay_v3_paysign_mp"]
    appid, timestamp, nonce, package = vector["message"].rstrip("\n").split("\n")
    signed = crypto.pay_sign(private, appid, timestamp, nonce, package)
    assert signed == vector["signature_b64"]


def test_the_message_of_pay_sign_is_the_official_one(vectors: Any, private: RSAPrivateKey) -> None:
    message = vectors["official_paysign_no_key"]["message"]
    appid, timestamp, nonce, package = message.rstrip("\n").split("\n")
    signature = base64.b64decode(crypto.pay_sign(private, appid, timestamp, nonce, package))
    private.public_key().verify(signature, message.encode(), PKCS1v15(), SHA256())


@pytest.mark.parametrize("name", ["pay_v3_aes_gcm", "derived_pay_v3_transaction_32byte"])
def test_a_resource_is_unsealed(vectors: Any, name: str) -> None:
    vector = vectors[name]
    key = vector["apiv3_key"].encode()
    sealed = (vector["nonce"], vector["associated_data"], vector["ciphertext"])
    assert crypto.unseal(key, *sealed).decode() == vector["plaintext"]
    wrong = vector.get("wrong_key", "x" * len(key)).encode()
    with pytest.raises(crypto.Forged):
        crypto.unseal(wrong, *sealed)


def test_a_notification_of_the_sdk_verifies_in_its_five_minutes_only(vectors: Any) -> None:
    vector = vectors["pay_v3_notify"]
    certificate = x509.load_pem_x509_certificate(vector["platform_cert_pem"].encode())
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    headers, body = vector["headers"], vector["body"].encode()
    platform = {headers["Wechatpay-Serial"]: key}
    at = int(vector["fake_now"])
    crypto.verify(platform, headers, body, datetime.fromtimestamp(at, UTC))
    for now, changed in ((at + 300, body), (at - 300, body), (at, body + b" ")):
        with pytest.raises(crypto.Forged):
            crypto.verify(platform, headers, changed, datetime.fromtimestamp(now, UTC))
    resource = json.loads(body)["resource"]
    plain = crypto.unseal(
        vector["apiv3_key"].encode(),
        resource["nonce"],
        resource["associated_data"],
        resource["ciphertext"],
    )
    assert json.loads(plain) == json.loads(vector["plaintext"])
