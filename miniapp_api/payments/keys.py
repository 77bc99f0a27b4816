"""Where the keys of WeChat Pay lie: <data folder>/payments/, made at the first start of the fake.

merchant/<serial>.pem   our private key; its file is named after our certificate's serial
platform/<serial>.pem   WeChat Pay's public keys or certificates, one or, while they change, more
fake/<serial>.pem       the private key of our own fake, never there in production
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from miniapp_api.payments.wechat_pay_crypto import API_KEY_BYTES, Keys
from miniapp_api.settings import Settings, SettingsError

KEY_BITS = 2048


def load(settings: Settings) -> Keys:
    """Return our keys; raise SettingsError naming what is missing."""
    folder = _folder(settings)
    if not settings.payments.url:
        _make(folder)
    serial, private = _single(folder / "merchant")
    platform = {path.stem: _public(path) for path in sorted((folder / "platform").glob("*.pem"))}
    if not platform:
        raise SettingsError(f"{folder / 'platform'}: needs WeChat Pay's public key: <serial>.pem")
    return Keys(serial, private, platform, _api_key(settings))


def load_fake(settings: Settings) -> tuple[str, RSAPrivateKey]:
    """Return the serial and the private key that the fake signs with."""
    _make(_folder(settings))
    return _single(_folder(settings) / "fake")


def _folder(settings: Settings) -> Path:
    return settings.data.folder / "payments"


def _api_key(settings: Settings) -> bytes:
    """The APIv3 key; that of the fake is made of whatever secret there is."""
    secret = settings.secrets.pay_api_key.get_secret_value().encode()
    if len(secret) == API_KEY_BYTES:
        return secret
    if settings.payments.url:
        raise SettingsError(f"secrets.pay_api_key: must have {API_KEY_BYTES} characters")
    return hashlib.sha256(secret).hexdigest()[:API_KEY_BYTES].encode()


def _single(folder: Path) -> tuple[str, RSAPrivateKey]:
    paths = list(folder.glob("*.pem"))
    if len(paths) != 1:
        raise SettingsError(f"{folder}: needs one private key: <serial>.pem")
    key = serialization.load_pem_private_key(paths[0].read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise SettingsError(f"{paths[0]}: is not an RSA key")
    return paths[0].stem, key


def _public(path: Path) -> RSAPublicKey:
    content = path.read_bytes()
    if b"BEGIN CERTIFICATE" in content:
        key = x509.load_pem_x509_certificate(content).public_key()
    else:
        key = serialization.load_pem_public_key(content)  # type: ignore[assignment]
    if not isinstance(key, RSAPublicKey):
        raise SettingsError(f"{path}: is not an RSA key")
    return key


def _make(folder: Path) -> None:
    """Make all files at once: of two first starts one wins, and both read its files."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".payments-", dir=folder.parent))
    try:
        _fill(draft)
        draft.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _fill(draft: Path) -> None:
    merchant, platform = _new(), _new()
    platform_serial = secrets.token_hex(20).upper()
    _write(draft / "merchant" / f"{secrets.token_hex(20).upper()}.pem", _private_pem(merchant))
    _write(draft / "platform" / f"{platform_serial}.pem", _public_pem(platform.public_key()))
    _write(draft / "fake" / f"{platform_serial}.pem", _private_pem(platform))


def _new() -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)


def _private_pem(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public_pem(key: RSAPublicKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form)
