"""Administrators at the console: staff, settings, the audit trail."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest

from miniapp_api.console import numbers
from miniapp_api.console.administrator import describing
from miniapp_api.console.administrator.setting_names import COMMON, NAMES, SECRETS, SECTIONS
from miniapp_api.console.administrator.texts import ACTIONS
from miniapp_api.console.login import ANYBODY
from miniapp_api.platform import audit
from miniapp_api.platform.database import fetch, transaction
from miniapp_api.settings import ROOT, load
from tests.miniapp_api.console.conftest import Desk, Page
from tests.miniapp_api.console.sent import Fields

STAFF, AUDIT, SETTINGS = "/console/staff", "/console/audit", "/console/settings"
LOGIN, OWN = "/console/login", "my-own-password"


@pytest.fixture
async def administrator(desks: Any, staff: Any) -> Desk:
    desk: Desk = desks(await staff("administrator"))
    return desk


async def _added(desk: Desk, **typed: Any) -> Page:
    """The page of an account that was added."""
    fields = {"login": "li.na", "name": "李娜", "roles": "clerk", **typed}
    page = await desk.submit(await desk.open(f"{STAFF}/new"), "/staff/new", **fields)
    assert page.url.startswith(f"{STAFF}/"), page.words
    return page


async def _first_password(desk: Desk, page: Page) -> str:
    shown = await desk.submit(page, "/first-password")
    return re.findall(r"<code>([a-z0-9-]+)</code>", shown.html)[0]


async def _typed(desk: Desk, **typed: str) -> Page:
    return await desk.submit(await desk.open(LOGIN), LOGIN, **typed)


async def test_a_clerk_is_added_and_logs_in_with_his_own_password(
    administrator: Desk, desks: Any
) -> None:
    page = await _added(administrator, departments="public-security", windows="1-2、14")
    assert "再给他发一个初始密码" in page.words
    assert "001-002、014" in page.html
    password = await _first_password(administrator, page)
    clerk = desks()
    page = await _typed(clerk, login="li.na", password=password)
    assert page.url == "/console/account/password"
    assert "请先把初始密码改成自己的密码" in page.words
    assert (await clerk.open("/console/desk")).url == "/console/account/password"
    typed = {"old": password, "new": OWN, "again": OWN}
    page = await clerk.submit(page, "/account/password", **typed)
    assert page.url == "/console/account"
    assert "密码改好了" in page.words
    assert (await clerk.open("/console/windows")).status == 200


async def test_a_new_password_is_typed_twice_alike(administrator: Desk) -> None:
    page = await administrator.open("/console/account/password")
    typed = {"old": "correct-horse-battery", "new": OWN, "again": "something-else"}
    refused = await administrator.submit(page, "/account/password", **typed)
    assert (refused.status, "不一样" in refused.words) == (422, True)


async def test_a_first_password_is_shown_once(administrator: Desk) -> None:
    page = await _added(administrator)
    password = await _first_password(administrator, page)
    again = await administrator.open(page.url)
    assert password not in again.html
    assert "初始密码，等本人改" in again.words
    stale = await administrator.submit(page, "/first-password")
    assert (stale.status, "刚刚被别人改过" in stale.words) == (409, True)


async def test_rights_are_changed_as_they_are_ticked(administrator: Desk) -> None:
    page = await _added(administrator, skills="vehicles")
    reader = Fields()
    reader.feed(page.html)
    assert reader.sent["skills"] == ["vehicles"]
    form = page.form(page.url).fields
    sent = [(name, value) for name, value in form.items() if name not in ("roles", "skills")]
    sent += [("roles", "clerk"), ("roles", "cashier")]
    changed = await administrator.post(page.url, sent)  # type: ignore[arg-type]
    assert "改好了" in changed.words
    (row,) = await fetch("SELECT roles, skills FROM staff_account WHERE login = 'li.na'")
    assert (row["roles"], row["skills"]) == (["cashier", "clerk"], [])


async def test_roles_that_exclude_each_other_are_explained(administrator: Desk) -> None:
    page = await administrator.open(f"{STAFF}/new")
    fields = page.form("/staff/new").fields | {"login": "x.y", "name": "某"}
    sent = [*fields.items(), ("roles", "clerk"), ("roles", "administrator")]
    refused = await administrator.post(f"{STAFF}/new", sent)  # type: ignore[arg-type]
    assert refused.status == 422
    assert "系统管理员和窗口人员不能由一个人兼任" in refused.words


async def test_switched_off_he_is_out_and_switched_on_he_is_back(
    administrator: Desk, desks: Any, app: Any
) -> None:
    page = await _added(administrator)
    await app.ctx.staff.set_password("li.na", OWN)
    clerk = desks()
    await _typed(clerk, login="li.na", password=OWN)
    page = await administrator.open(page.url)
    assert "现在登录着1处" in page.words
    off = await administrator.submit(page, "/disabling")
    assert "停用了" in off.words
    assert (await clerk.open("/console/account")).url.startswith(LOGIN)
    on = await administrator.submit(off, "/enabling")
    assert "可以用了" in on.words
    assert (await _typed(clerk, login="li.na", password=OWN)).url == "/console/"
    out = await administrator.submit(await administrator.open(on.url), "/sessions-end")
    assert "现在登录着0处" in out.words
    history = out.words.partition("登录和改动记录")[2]
    found = [history.index(each) for each in ("强制下线", "恢复账号", "停用账号", "新增账号")]
    assert found == sorted(found)


async def test_a_second_factor_is_taken_away_on_the_page(
    administrator: Desk, api: Any, app: Any, clock: Any
) -> None:
    page = await _added(administrator)
    await app.ctx.staff.set_password("li.na", OWN)
    opened = await api.post("/staff/sessions", {"login": "li.na", "password": OWN})
    member = api.as_staff(opened.json["token"])
    secret = (await member.post("/staff/me/totp")).json["secret"]
    await member.post("/staff/me/totp/confirmation", {"code": pyotp.TOTP(secret).at(clock.now())})
    page = await administrator.submit(await administrator.open(page.url), "/second-factor-reset")
    assert "动态口令去掉了" in page.words
    assert "second-factor-reset" not in page.html


async def test_ones_own_account_offers_nothing_to_change(administrator: Desk, app: Any) -> None:
    own = await app.ctx.staff.id_of("s0")
    page = await administrator.open(f"{STAFF}/{own}")
    assert "这是您自己的账号" in page.words
    assert f"{STAFF}/{own}" not in page.html.partition("<main")[2]


async def test_staff_are_found_by_name(administrator: Desk) -> None:
    await _added(administrator)
    await _added(administrator, login="wu.di", name="吴迪")
    words = (await administrator.open(STAFF, params={"q": "吴"})).words
    assert ("wu.di" in words, "li.na" in words, "共1个账号" in words) == (True, False, True)


async def test_a_name_with_a_script_is_shown_as_words(administrator: Desk) -> None:
    page = await _added(administrator, name="<script>alert(1)</script>")
    assert "<script>alert" not in page.html
    assert "&lt;script&gt;" in page.html


@pytest.mark.parametrize("path", [STAFF, AUDIT, SETTINGS])
async def test_everything_asks_for_the_second_factor(desks: Any, staff: Any, path: str) -> None:
    weak = desks(await staff("administrator", second_factor=False))
    page = await weak.open(path)
    assert (page.status, "动态口令" in page.words) == (403, True)


@pytest.mark.parametrize(
    ("typed", "read", "written"),
    [
        ("", [], ""),
        ("1-3、25", ["001", "002", "003", "025"], "001-003、025"),
        ("014 14，14", ["014"], "014"),
        ("9 至 11", ["009", "010", "011"], "009-011"),
        ("3-1", [], ""),
        ("abc", ["abc"], "abc"),
    ],
)
def test_window_numbers_are_read_as_people_write_them(
    typed: str, read: list[str], written: str
) -> None:
    assert numbers.read(typed) == read
    assert numbers.written(read) == written


# -- the trail ---------------------------------------------------------------------------------


async def test_the_trail_is_searched_by_who_and_what(administrator: Desk) -> None:
    await _added(administrator)
    page = await administrator.open(AUDIT, params={"who": "s0", "action": "staff.created"})
    assert "新增账号" in page.words.partition("内容")[2]
    assert "departments" in page.words
    nobody = await administrator.open(AUDIT, params={"who": "no.such"})
    assert "没有找到" in nobody.words


async def test_the_trail_turns_its_pages(administrator: Desk, app: Any) -> None:
    async with transaction() as connection:
        for _ in range(60):
            await audit.record(
                connection, audit.SYSTEM, "test.paged", "test:pages",
                at=app.ctx.clock.now(), hall="municipal",
            )  # fmt: skip
    page = await administrator.open(AUDIT, params={"subject": "test:pages"})
    (following,) = re.findall(r'href="(/console/audit\?[^"]*before=[^"]*)"', page.html)
    rest = await administrator.open(following.replace("&amp;", "&"))
    seen = [set(re.findall(r'<span class="hint">(\d+)</span>', each.html)) for each in (page, rest)]
    assert len(seen[0]) == 50
    assert len(seen[1]) >= 10
    assert not seen[0] & seen[1]


async def test_the_trail_is_proved_from_the_page(desks: Any, staff: Any) -> None:
    auditor = desks(await staff("auditor"))
    page = await auditor.submit(await auditor.open(AUDIT), "/audit/checks")
    assert page.url == AUDIT
    while "正在核验" in page.words:
        await asyncio.sleep(0.05)
        page = await auditor.open(f"{AUDIT}/checks")
    assert re.search(r"核验了 ?\d+ ?条，到.*为止都完好", page.words), page.words


async def test_the_trail_is_saved_as_a_file(administrator: Desk) -> None:
    saved = await administrator.open(f"{AUDIT}/export?format=jsonl&action=staff.logged_in")
    assert saved.reply.headers["Content-Disposition"].startswith("attachment")
    assert '"action":"staff.logged_in"' in saved.html


async def test_a_manager_reads_the_trail_and_proves_nothing(desks: Any, staff: Any) -> None:
    manager = desks(await staff("hall_manager"))
    page = await manager.open(AUDIT)
    assert (page.status, 'action="/console/audit/checks"' in page.html) == (200, False)


async def test_an_impossible_search_is_refused_in_words(administrator: Desk) -> None:
    refused = await administrator.open(AUDIT, params={"since": "1000-01-01"})
    assert (refused.status, "请检查" in refused.words or "有误" in refused.words) == (422, True)


def test_every_action_that_is_written_has_a_name() -> None:
    """What the code records is found by the words around it; what it composes is not."""
    written = set()
    for path in (ROOT / "miniapp_api").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "audit" in text or "staff" in path.parts:
            found = re.findall(
                r'record\(\s*(?:connection, )?[\w().]*?,? ?"([a-z_]+\.[a-z_]+)"', text
            )
            written.update(found)
    assert {"staff.changed", "staff.disabled"} <= written
    assert written - set(ACTIONS) == set()


async def test_failed_log_ins_are_found_in_the_trail_and_beside_the_account(
    administrator: Desk, api: Any, app: Any
) -> None:
    made = await app.ctx.staff.create("wu", "吴某", "municipal", frozenset({"clerk"}), "x" * 12)
    wrong = {"login": "wu", "password": "tell-nobody-this"}
    assert (await api.post("/staff/sessions", wrong)).status == 401
    found = await administrator.open(f"{AUDIT}?action=staff.login_failed&subject=staff:{made.id}")
    assert "系统 登录失败" in found.words
    assert "password：1" in found.words
    account = await administrator.open(f"{STAFF}/{made.id}")
    assert "登录失败" in account.words
    assert "tell-nobody-this" not in found.html + account.html


# -- the settings ------------------------------------------------------------------------------


async def test_the_settings_are_shown_and_their_secrets_are_not(
    administrator: Desk, app: Any
) -> None:
    page = await administrator.open(SETTINGS)
    assert page.status == 200, page.words
    settings = app.ctx.settings
    for _, value in settings.secrets:
        secret = value.get_secret_value()
        if secret not in ("pepper", "the-bot"):  # words that tests use, and the page too
            assert secret not in page.html
    assert re.search(r"staff.session_hours\s+720 小时\s+环境变量", page.words)
    assert re.search(r"staff.login_minutes\s+15 分钟\s+config.yaml", page.words)
    assert re.search(r"secrets.pepper\s+已设置\s+环境变量", page.words)
    assert re.search(r"secrets.master_key\s+已设置\s+首次启动时自动生成", page.words)


async def test_the_parts_say_how_they_are(administrator: Desk, app: Any) -> None:
    async with transaction() as connection:
        await connection.execute_script(
            "INSERT INTO outbox (topic, body, due_at, attempts, dead_at) VALUES "
            "('test.lost', '{}', now(), 8, now()), ('test.late', '{}', '2026-01-01', 0, NULL)"
        )
    words = (await administrator.open(SETTINGS)).words
    assert re.search(r"数据库 可以用 结构是新的", words)
    assert re.search(r"对话引擎 (连不上|正在训练)", words)
    assert re.search(r"短信网关 真实的", words)  # as the settings of the tests say
    assert re.search(r"微信支付 仿真的", words)
    assert "等着做的事 1件" in words
    assert "test.lost 1件" in words


async def test_what_did_not_arrive_is_counted_without_persons(
    administrator: Desk, clock: Any
) -> None:
    assert "今天没送达的消息 没有 审计" in (await administrator.open(SETTINGS)).words
    now = clock.now()
    rows = (
        ("sms", "failed", "refused", now - timedelta(days=1)),  # not today
        ("sms", "failed", "40037", now - timedelta(minutes=9)),
        ("sms", "failed", "down", now - timedelta(minutes=5)),
        ("subscribe", "failed", "template", now - timedelta(minutes=7)),
        ("sms", "skipped", "no_phone", now),
        ("subscribe", "sent", "", now),
    )
    about = '{"number": "13800138000"}'
    for n, (channel, state, reason, at) in enumerate(rows):
        await fetch(
            "INSERT INTO message_delivery (notice, citizen, kind, channel, about, state, reason, "
            "attempts, created_at, changed_at, valid_until) "
            "VALUES ($1, $2, 'called', $3, $4::jsonb, $5, $6, 1, $7, $7, $7) RETURNING id",
            n, UUID(int=7), channel, about, state, reason, at,
        )  # fmt: skip
    page = await administrator.open(SETTINGS)
    shown = page.words.partition("今天没送达的消息")[2].partition("审计检查点")[0]
    assert "短信 2条" in shown
    assert "微信 1条" in shown
    assert shown.endswith("最近一次是11月24日（周二） 08:25，短信，代码 down ")
    assert "13800138000" not in page.html
    assert str(UUID(int=7)) not in page.html


async def test_a_migration_that_was_not_done_is_named(administrator: Desk) -> None:
    (row,) = await fetch(
        "DELETE FROM tortoise_migrations WHERE app = 'staff' AND name = '0003_skills' "
        "RETURNING app, name, applied_at"
    )
    try:
        words = (await administrator.open(SETTINGS)).words
    finally:
        await fetch(
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ($1, $2, $3) "
            "RETURNING id", row["app"], row["name"], row["applied_at"],
        )  # fmt: skip
    assert "有没做的迁移：staff/0003_skills" in words


def test_an_address_is_shown_without_who_logs_in_there() -> None:
    settings = load(env={"SHENBAN_DATABASE__URL": "postgresql://me:hidden@db:5432/shenban?x=y"})
    shown = [s.value for each in describing.sections(settings) for s in each.settings]
    assert "postgresql://db:5432/shenban" in shown
    assert not [value for value in shown if "hidden" in value]


def test_every_setting_has_a_name() -> None:
    settings = load(env={})
    keys = {f"{section}.{name}": name for section, each in settings for name, _ in each}
    secret = {f"secrets.{name}" for name in SECRETS}
    named = {key for key, name in keys.items() if key in NAMES or name in COMMON} | secret
    assert set(keys) - named == set()
    assert {section for section, _ in settings} - set(SECTIONS) == {"secrets"}
    assert set(NAMES) - set(keys) == set()


# -- the menu ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(ANYBODY))  # a kiosk is a device: it has no pages
async def test_the_menu_leads_nowhere_that_is_closed(desks: Any, staff: Any, role: str) -> None:
    desk = desks(await staff(role))
    start = await desk.open("/console/")
    menu = start.html.partition('aria-label="主导航"')[2].partition("</nav>")[0]
    for path in re.findall(r'href="([^"]+)"', menu):
        page = await desk.open(path)
        assert page.status == 200, (role, path, page.words)
