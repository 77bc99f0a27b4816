"""Typed settings: config.yaml checked at boot, overridden by the environment, read once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, Field, PrivateAttr, SecretStr, ValidationError

from miniapp_api.messages.settings import Messages
from miniapp_api.platform.section import Port, Positive, Seconds, Section

ROOT = Path(__file__).resolve().parent.parent
ENV_PREFIX = "SHENBAN_"


class SettingsError(Exception):
    """A setting is wrong: the message names the file, the line and the key."""


class Data(Section):
    """Where this installation keeps and finds its files."""

    folder: Path
    handbook: Path


class City(Section):
    """The city (城市) that is served."""

    name: Annotated[str, Field(min_length=1)]
    hotline: Annotated[str, Field(pattern=r"^[0-9-]{3,20}$")]
    timezone: str


class Server(Section):
    """The API's HTTP server."""

    host: str
    port: Port
    workers: Positive
    request_timeout_seconds: Seconds
    max_body_bytes: Positive
    proxies: Annotated[int, Field(ge=0, le=10)]
    public_url: Annotated[str, Field(pattern=r"^($|https?://)")]


class Database(Section):
    """PostgreSQL, embedded unless a URL is given."""

    url: Annotated[str, Field(pattern=r"^($|postgres(ql)?://)")]
    pool_size: Positive
    timeout_seconds: Seconds


class Redis(Section):
    """Redis, embedded unless a URL is given."""

    url: Annotated[str, Field(pattern=r"^($|rediss?://)")]
    port: Port
    timeout_seconds: Seconds


class Identity(Section):
    """Log-in by phone and SMS code (短信验证码)."""

    code_digits: Annotated[int, Field(ge=4, le=8)]
    code_seconds: Positive
    code_attempts: Positive
    code_every_seconds: Positive
    codes_per_day: Positive
    access_minutes: Positive
    session_hours: Positive
    consent_days: Positive


class Sms(Section):
    """The SMS gateway (短信网关)."""

    url: Annotated[str, Field(pattern=r"^($|https?://)")]
    fake_port: Port
    timeout_seconds: Seconds


class WeChat(Section):
    """WeChat's mini-program API (微信小程序)."""

    url: Annotated[str, Field(pattern=r"^($|https?://)")]
    fake_port: Port
    appid: Annotated[str, Field(pattern=r"^wx[0-9a-f]{16}$")]
    timeout_seconds: Seconds
    answers_at_once: Positive
    poll_seconds: Seconds
    lease_seconds: Positive
    attempts: Positive
    pause_seconds: Seconds
    greet_hours: Positive
    speaking_minutes: Positive
    keep_days: Positive


class RealName(Section):
    """The national identity check (实名核验)."""

    url: Annotated[str, Field(pattern=r"^($|https?://)")]
    fake_port: Port
    timeout_seconds: Seconds


class Uploads(Section):
    """Files that citizens hand in (上传材料)."""

    s3_url: Annotated[str, Field(pattern=r"^($|https?://)")]
    s3_bucket: Annotated[str, Field(min_length=1)]
    s3_region: Annotated[str, Field(min_length=1)]
    max_bytes: Positive
    max_pixels: Positive
    max_pages: Positive
    scanner: Annotated[str, Field(pattern=r"^($|[^:/]+:\d+$)")]
    fake_scanner_port: Port
    timeout_seconds: Seconds


class Certificates(Section):
    """Electronic certificates and the departments' data (电子证照与数据共享)."""

    department_url: Annotated[str, Field(pattern=r"^($|https?://)")]
    fake_port: Port
    timeout_seconds: Seconds
    cache_hours: Positive
    breaker_failures: Positive
    breaker_seconds: Seconds
    show_seconds: Positive


class Payments(Section):
    """WeChat Pay (微信支付)."""

    url: Annotated[str, Field(pattern=r"^($|https?://)")]
    fake_port: Port
    mchid: Annotated[str, Field(pattern=r"^\d{8,32}$")]
    notify_url: Annotated[str, Field(pattern=r"^($|https?://)")]
    timeout_seconds: Seconds
    order_minutes: Positive
    poll_seconds: Seconds


class Applications(Section):
    """Online applications (网上办件)."""

    lease_minutes: Positive
    draft_days: Positive
    yellow_percent: Annotated[int, Field(ge=1, le=99)]
    red_percent: Annotated[int, Field(ge=1, le=100)]
    sweep_seconds: Seconds


class Sealing(Section):
    """Sealed columns (加密存储)."""

    algorithm: Literal["aes-256-gcm", "sm4-gcm"]


class Audit(Section):
    """The audit trail (审计日志)."""

    checkpoint_seconds: Seconds


class Staff(Section):
    """Accounts of the hall's staff (工作人员)."""

    session_hours: Positive
    login_attempts: Positive
    login_minutes: Positive
    first_password_days: Positive


class Guides(Section):
    """Service guides (办事指南)."""

    reload_seconds: Seconds
    hot_items: Positive


class Appointments(Section):
    """Booking the hall (预约)."""

    list_days: Annotated[int, Field(ge=1, le=62)]
    sweep_seconds: Seconds
    offer_minutes: Positive


class Hall(Section):
    """Tickets and windows (排队叫号)."""

    policy: Literal["fair", "appointments_first", "first_come", "alternating"]
    near_ahead: Annotated[int, Field(ge=1, le=20)]
    display_seconds: Seconds
    heartbeat_seconds: Seconds


class Console(Section):
    """The staff's pages (工作台)."""

    live_seconds: Positive
    long_wait_minutes: Positive
    figures_days: Annotated[int, Field(ge=1, le=366)]


class Chat(Section):
    """The assistant (智能问答)."""

    message_chars: Positive
    history_messages: Positive
    history_days: Positive
    messages_per_minute: Positive
    rasa_timeout_seconds: Seconds
    check_seconds: Seconds
    blocked_words: tuple[Annotated[str, Field(min_length=2, max_length=40)], ...]


class Agents(Section):
    """Human agents (人工坐席)."""

    opens_at: time
    closes_at: time
    usual_minutes: Positive
    sorry_minutes: Positive
    desert_minutes: Positive
    sweep_seconds: Seconds


class Bot(Section):
    """Rasa and its action server."""

    rasa_port: Port
    actions_port: Port
    rasa_url: Annotated[str, Field(pattern=r"^($|https?://)")]


def _aes_key(key: SecretStr) -> SecretStr:
    if not re.fullmatch(r"([A-Za-z0-9_-]{43})?", key.get_secret_value()):
        raise ValueError("must be the 43 letters and digits of an EncodingAESKey")
    return key


class Secrets(Section):
    """What is never written to config.yaml; empty values are made at the first start."""

    service_token: SecretStr = SecretStr("")
    pepper: SecretStr = SecretStr("")
    master_key: SecretStr = SecretStr("")  # wraps the keys of sealed columns (信封加密主密钥)
    wechat_secret: SecretStr = SecretStr("")
    wechat_push_token: SecretStr = SecretStr("")  # signs message pushes (消息推送 Token)
    # Seals message pushes (EncodingAESKey): 43 characters.
    wechat_aes_key: Annotated[SecretStr, AfterValidator(_aes_key)] = SecretStr("")
    s3_access_key: SecretStr = SecretStr("")
    s3_secret_key: SecretStr = SecretStr("")
    pay_api_key: SecretStr = SecretStr("")  # WeChat Pay's APIv3 key


class Settings(Section):
    """All settings of an installation."""

    data: Data
    city: City
    server: Server
    database: Database
    redis: Redis
    identity: Identity
    sms: Sms
    wechat: WeChat
    real_name: RealName
    staff: Staff
    uploads: Uploads
    certificates: Certificates
    payments: Payments
    applications: Applications
    sealing: Sealing
    audit: Audit
    messages: Messages
    guides: Guides
    appointments: Appointments
    hall: Hall
    console: Console
    chat: Chat
    agents: Agents
    bot: Bot
    secrets: Secrets = Secrets()
    _overridden: frozenset[str] = PrivateAttr(default=frozenset())

    @property
    def overridden(self) -> frozenset[str]:
        """Return what the environment says, as section.key; the file says the rest."""
        return self._overridden

    @property
    def catalogues(self) -> Path:
        """Folder of the imported catalogues (导入的事项目录)."""
        return self.data.folder / "catalogues"

    @property
    def published(self) -> Path:
        """Folder of what editors published over the handbook (已发布的指南和公告)."""
        return self.data.folder / "published"

    @property
    def models(self) -> Path:
        """Folder of trained models and caches."""
        return self.data.folder / "models"


def load(path: Path | None = None, env: Mapping[str, str] | None = None) -> Settings:
    """Read and check config.yaml; raise SettingsError naming the key and the line."""
    env = os.environ if env is None else env
    path = path or Path(env.get(ENV_PREFIX + "CONFIG", ROOT / "config.yaml"))
    values, lines = _read(path)
    overrides = dict(_overrides(env))
    for key, value in overrides.items():
        section, _, name = key.partition(".")
        target = values.setdefault(section, {})
        if not isinstance(target, dict):
            raise SettingsError(f"{path}: {section}: must be a section")
        target[name] = value
        lines[key] = None
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_explain(path, lines, error)) from None
    settings._overridden = frozenset(overrides)
    return _absolute(settings)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, int | None]]:
    """Parse the file into values and the line of every key."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: is not YAML: {error}") from None
    if not isinstance(values, dict):
        raise SettingsError(f"{path}: must be a mapping of sections")
    return values, dict(_lines(node))


def _lines(node: yaml.Node | None, prefix: str = "") -> Iterator[tuple[str, int | None]]:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        name = f"{prefix}{key.value}"
        yield name, key.start_mark.line + 1
        yield from _lines(value, f"{name}.")


def _overrides(env: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """SHENBAN_SERVER__PORT=80 → ("server.port", 80)."""
    for name, value in env.items():
        if name.startswith(ENV_PREFIX) and "__" in name:
            section, _, key = name.removeprefix(ENV_PREFIX).lower().partition("__")
            is_text = section == "secrets" or key in {"hotline", "mchid"}
            yield f"{section}.{key}", value if is_text else yaml.safe_load(value or '""')


def _explain(path: Path, lines: Mapping[str, int | None], error: ValidationError) -> str:
    """One line a fault, each with file, line and key; never the value, which may be secret."""
    faults = []
    for fault in error.errors(include_input=False, include_url=False):
        key = ".".join(str(part) for part in fault["loc"])
        line = lines.get(key, lines.get(key.rpartition(".")[0]))
        where = (
            f"{path}:{line}" if line else f"{path} or {ENV_PREFIX}{key.upper().replace('.', '__')}"
        )
        faults.append(f"{where}: {key}: {fault['msg']}")
    return "\n".join(faults)


def _absolute(settings: Settings) -> Settings:
    """Relative folders are meant from the checkout, wherever the command is called."""
    folder = ROOT / settings.data.folder.expanduser()
    handbook = ROOT / settings.data.handbook.expanduser()
    data = settings.data.model_copy(update={"folder": folder, "handbook": handbook})
    return settings.model_copy(update={"data": data})
