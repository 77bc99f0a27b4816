"""Editors at the console: a guide is changed, looked at, approved by another, and comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml

from miniapp_api.platform.database import fetch
from tests.miniapp_api.console.conftest import Desk, Page
from tests.miniapp_api.console.sent import Fields

CODE = "id-card-lost-replacement"
GUIDE = f"/console/editor/guides/items/{CODE}"
PHONE = "024-11112222"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
async def nothing_stays_published(api: Any, app: Any) -> Any:
    yield
    await fetch("TRUNCATE guide_version CASCADE")
    await app.ctx.publisher.round()


@pytest.fixture
async def editor(desks: Any, staff: Any) -> Any:
    return desks(await staff("editor"))


@pytest.fixture
async def other(desks: Any, staff: Any) -> Any:
    return desks(await staff("editor"))


def _sent(page: Page, **typed: Any) -> list[tuple[str, str]]:
    """What the draft's form would send, with some of it typed anew."""
    reader = Fields()
    _, _, rest = page.html.partition('<form id="draft"')
    reader.feed(rest.partition("</form>")[0])
    for name, value in typed.items():
        reader.sent[name] = value if isinstance(value, list) else [value]
    return [(name, value) for name, values in reader.sent.items() for value in values]


async def _begun(desk: Desk, guide: str = GUIDE) -> Page:
    page = await desk.submit(await desk.open(guide), "/begin")
    assert "/console/editor/versions/" in page.url, page.words
    return page


def _path(page: Page) -> str:
    return page.url.partition("?")[0]


async def _post(desk: Desk, page: Page, fields: Any, to: str = "", **options: Any) -> Page:
    return await desk.post(_path(page) + to, fields, **options)


async def _saved(desk: Desk, page: Page, **typed: Any) -> Page:
    saved = await _post(desk, page, _sent(page, do="save", **typed))
    assert saved.status == 200, saved.words
    assert "保存了" in saved.words
    return saved


async def _submitted(desk: Desk, **typed: Any) -> Page:
    saved = await _saved(desk, await _begun(desk), **typed)
    return await desk.submit(saved, "/submission", why="电话换了")


async def _phone(api: Any) -> str:
    return str((await api.get(f"/guides/items/{CODE}")).json["item"]["phone"])


async def test_an_editor_changes_a_guide_and_another_publishes_it(
    api: Any, app: Any, editor: Desk, other: Desk
) -> None:
    submitted = await _submitted(editor, phone=PHONE)
    assert "要由另一个人审批" in submitted.words
    assert "咨询电话:由“" in submitted.words
    waiting = await other.open("/console/editor/waiting")
    assert "电话换了" in waiting.words
    page = await other.open(_path(submitted))
    assert PHONE in page.words
    done = await other.submit(page, "/approval")
    assert "版已发布" in done.words, done.words
    assert await _phone(api) == PHONE
    asked = {"aspect": "phone", "item": CODE}
    answer = (await api.as_bot().post("/guides/answers", asked)).json
    assert PHONE in answer["text"]
    today = app.ctx.clock.now()
    assert f"第2版，{today.year}年{today.month}月{today.day}日起用" in answer["text"]


async def test_the_author_finds_no_button_to_approve_and_is_refused_without_one(
    editor: Desk,
) -> None:
    page = await _submitted(editor, phone=PHONE)
    assert "/approval" not in page.html
    fields = {"csrf": page.form("/withdrawal").fields["csrf"], "revision": "2"}
    refused = await _post(editor, page, fields, "/approval")
    assert refused.status == 403
    assert "另一个人" in refused.words


async def test_a_password_alone_does_not_approve(desks: Any, staff: Any, editor: Desk) -> None:
    page = await _submitted(editor, phone=PHONE)
    weak = desks(await staff("hall_manager", second_factor=False))
    shown = await weak.open(_path(page))
    refused = await weak.submit(shown, "/approval")
    assert refused.status == 403


async def test_the_preview_answers_from_what_is_typed_and_saves_nothing(
    api: Any, editor: Desk
) -> None:
    page = await _begun(editor)
    typed = _sent(page, phone=PHONE, name="身份证丢了补办试试")
    preview = await _post(editor, page, typed, "/preview", headers={"HX-Request": "true"})
    assert preview.status == 200
    assert f"身份证丢了补办试试可以打{PHONE}问" in preview.words
    assert "<html" not in preview.html
    assert PHONE not in (await editor.open(_path(page))).words
    assert await _phone(api) != PHONE


async def test_the_preview_lists_the_materials_of_the_chosen_circumstances(editor: Desk) -> None:
    guide = "/console/editor/guides/items/id-card-renewal"
    page = await _begun(editor, guide)
    adult = await _post(editor, page, _sent(page), "/preview")
    child = await _post(editor, page, _sent(page, **{"option.applicant": "child"}), "/preview")
    assert "监护人居民身份证" not in adult.words.partition("助手会这样答")[0]
    assert "监护人居民身份证" in child.words.partition("助手会这样答")[0]


async def test_a_fault_is_shown_with_its_line_and_at_its_field(editor: Desk) -> None:
    page = await _begun(editor)
    shown = await _post(editor, page, _sent(page, visits="两次", do="save"))
    assert "visits:应是整数" in shown.words
    assert 'href="#s-visits"' in shown.html
    assert shown.html.count("visits:应是整数") >= 2  # in the list, and beside the field
    refused = await editor.submit(shown, "/submission", why="试试")
    assert refused.status == 422
    assert "应是整数" in refused.words


async def test_a_row_is_added_and_removed_before_anything_is_saved(editor: Desk) -> None:
    page = await _begun(editor)
    before = page.html.count("<legend>材料")
    more = await _post(editor, page, _sent(page, do="add:materials"))
    assert more.html.count("<legend>材料") == before + 1
    assert "有改动没有存" in more.words
    fewer = await _post(editor, more, _sent(more, do="remove:materials.0"))
    assert fewer.html.count("<legend>材料") == before
    assert (await editor.open(_path(page))).html.count("<legend>材料") == before


async def test_form_and_yaml_show_the_same_draft(editor: Desk) -> None:
    page = await _begun(editor)
    as_yaml = await _post(editor, page, _sent(page, phone=PHONE, do="yaml"))
    text = dict(_sent(as_yaml))["yaml"]
    assert yaml.safe_load(text)["phone"] == PHONE
    changed = text.replace(PHONE, "024-33334444")
    as_form = await _post(editor, page, _sent(as_yaml, yaml=changed, do="form"))
    assert dict(_sent(as_form))["phone"] == "024-33334444"


async def test_what_is_no_yaml_is_kept_and_shown_as_it_was_typed(editor: Desk) -> None:
    page = await _begun(editor)
    as_yaml = await _post(editor, page, _sent(page, do="yaml"))
    saved = await _post(editor, page, _sent(as_yaml, yaml="name: [", do="save"))
    assert "YAML 语法错误" in saved.words
    assert dict(_sent(saved))["yaml"].strip() == "name: ["


async def test_a_second_editor_is_told_sees_the_difference_and_loses_nothing(
    editor: Desk, other: Desk
) -> None:
    mine = await _begun(editor)
    theirs = await other.open(_path(mine))
    await _saved(other, theirs, phone=PHONE)
    late = await _post(editor, mine, _sent(mine, phone="024-99990000", do="save"))
    assert late.status == 409
    assert "您的内容还没有存" in late.words
    assert f"咨询电话:由“024-99990000”改为“{PHONE}”" in late.words
    assert dict(_sent(late))["phone"] == "024-99990000"
    kept = await _saved(editor, late)
    assert dict(_sent(kept))["phone"] == "024-99990000"
    earlier = await editor.open(f"{_path(mine)}?revision=2")
    assert PHONE in earlier.words


async def test_of_two_who_begin_at_once_the_later_goes_on_with_the_first_one_s_draft(
    editor: Desk, other: Desk
) -> None:
    pages = [await desk.open(GUIDE) for desk in (editor, other)]
    begun = [
        await desk.submit(page, "/begin") for desk, page in zip((editor, other), pages, strict=True)
    ]
    assert _path(begun[0]) == _path(begun[1])
    assert "接着他的改" in begun[1].words


async def test_a_script_in_a_guide_is_shown_as_text(editor: Desk) -> None:
    page = await _begun(editor)
    typed = {"name": f"办证{SCRIPT}", "phone": SCRIPT, "steps.0.detail": SCRIPT}
    saved = await _saved(editor, page, **typed)
    preview = await _post(editor, page, _sent(saved), "/preview")
    listed = await editor.open("/console/editor?state=draft")
    checklist = await editor.open(f"{_path(page)}/checklist")
    assert checklist.status == 200
    for shown in (saved, preview, listed, checklist):
        assert SCRIPT not in shown.html
        assert "&lt;script&gt;" in shown.html or shown is listed
    assert "script-src" not in checklist.reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in checklist.reply.headers["Content-Security-Policy"]


BOMB = "\n".join(
    [
        "a: &a [x, x, x, x]",
        *(f"{n}: &{n} [*{p}, *{p}]" for p, n in zip("abcdefg", "bcdefgh", strict=True)),
    ]
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "不能用锚点和引用"),
        ("x: " + "[" * 5000 + "]" * 5000, "嵌套太深"),
        ("x: [" + "1," * 9000 + "1]", "内容太多"),
        ("name: " + "长" * 5000, "一个值太长"),
        ("name: !!python/object/apply:os.system [ls]", "不能用类型标签"),
    ],
    ids=["aliases", "deep", "many", "long", "tag"],
)
async def test_a_yaml_bomb_is_named_and_goes_no_further(editor: Desk, text: str, said: str) -> None:
    page = await _begun(editor)
    fields = _sent(page, yaml=text, mode="yaml")
    for to in ("", "/preview"):
        shown = await _post(editor, page, [*fields, ("do", "form")], to)
        assert shown.status == 200, shown.words
        assert said in shown.words


@pytest.mark.parametrize("kilobytes", [100, 5_000])
async def test_a_text_that_is_too_large_is_refused(editor: Desk, kilobytes: int) -> None:
    page = await _begun(editor)
    fields = _sent(page, yaml="x" * 1024 * kilobytes, mode="yaml", do="save")
    refused = await _post(editor, page, fields)
    assert refused.status in (413, 422), refused.status
    rows = await fetch("SELECT max(revision) AS n FROM guide_version")
    assert rows[0]["n"] == 1


@pytest.mark.parametrize(
    "typed",
    [
        {"revision": "x"},
        {"revision": "99999999999999999999"},
        {"revision": ""},
        {"yaml": "name: \x00"},
        {"do": "remove:materials.999"},
        {"do": "add:__class__.x"},
        {"do": "remove:materials.0.name.0"},
        {"rows": ["materials.7", "materials.x", "x"]},
        {"mode": "form", "yaml": "materials: {a: 1}"},
        {"mode": "form", "yaml": "materials: [{when: 3}]\nlimits: 5", "rows": ["materials.0"]},
    ],
)
async def test_a_form_that_no_page_made_breaks_nothing(editor: Desk, typed: Any) -> None:
    page = await _begun(editor)
    for to in ("", "/preview"):
        reply = await _post(editor, page, _sent(page, **typed), to)
        assert reply.status in (200, 409, 422), reply.words


async def test_a_version_goes_out_on_its_day_in_beijing(
    api: Any, app: Any, clock: Any, editor: Desk, other: Desk
) -> None:
    submitted = await _submitted(editor, phone=PHONE)
    day = (clock.now() + timedelta(days=1)).date()
    page = await other.open(_path(submitted))
    planned = await other.submit(page, "/approval", publish_on=day.isoformat())
    assert "到日子自动发布" in planned.words
    clock.set(clock.now().replace(hour=23, minute=59))
    await app.ctx.publisher.round()
    assert await _phone(api) != PHONE
    clock.advance(timedelta(minutes=1))
    await app.ctx.publisher.round()
    assert await _phone(api) == PHONE


async def test_the_file_s_version_can_be_brought_back_from_the_history(
    api: Any, editor: Desk, other: Desk
) -> None:
    before = await _phone(api)
    await other.submit(await other.open(_path(await _submitted(editor, phone=PHONE))), "/approval")
    assert await _phone(api) == PHONE
    history = await editor.open(GUIDE)
    assert "手册文件" in history.words
    back = await editor.submit(history, "/roll-back", why="新号码打不通")
    assert "恢复第1版:新号码打不通" in back.words
    await other.submit(await other.open(_path(back)), "/approval")
    assert await _phone(api) == before
    assert "第3版" in (await editor.open(GUIDE)).words


async def test_what_was_sent_back_is_taken_up_again(editor: Desk, other: Desk) -> None:
    submitted = await _submitted(editor, phone=PHONE)
    page = await other.open(_path(submitted))
    sent_back = await other.submit(page, "/rejection", why="号码少一位")
    assert "已退回" in sent_back.words
    history = await editor.open(GUIDE)
    assert "号码少一位" in history.words
    source = _path(submitted).rpartition("/")[2]
    csrf = history.form("/begin").fields["csrf"]
    again = await editor.post(f"{GUIDE}/begin", {"csrf": csrf, "source": source})
    assert dict(_sent(again))["phone"] == PHONE


async def test_a_notice_is_written_published_and_withdrawn(
    api: Any, editor: Desk, other: Desk
) -> None:
    listed = await editor.open("/console/editor?kind=notices")
    draft = await editor.submit(listed, "/new", code="water-off")
    for typed in ({"title": "今天停水", "text": "请自带水杯。"}, {"withdrawn": "yes"}):
        saved = await _saved(editor, draft, **typed)
        submitted = await editor.submit(saved, "/submission", why="通知")
        done = await other.submit(await other.open(_path(submitted)), "/approval")
        assert "版已发布" in done.words, done.words
        found = await api.get("/guides/notices/water-off")
        if "title" in typed:
            assert found.json["title"] == "今天停水"
            assert (await api.get("/guides/notices")).json["notices"][0]["id"] == "water-off"
            draft = await _begun(editor, "/console/editor/guides/notices/water-off")
    assert found.code == "notice_not_found"


async def test_the_list_finds_guides_by_words_state_and_review(editor: Desk, clock: Any) -> None:
    await _begun(editor)
    assert CODE in (await editor.open("/console/editor?q=身份证丢了")).words
    drafts = await editor.open("/console/editor?state=draft")
    assert "共1份" in drafts.words
    assert "共0份" in (await editor.open("/console/editor?due=yes")).words
    clock.advance(timedelta(days=2_000))
    pages = await editor.open("/console/editor?due=yes")
    assert "下一页" in pages.words or pages.status == 200


async def test_a_link_to_a_version_that_never_was_is_a_clear_sentence(editor: Desk) -> None:
    for path in ("/console/editor/versions/x", "/console/editor/guides/items/none-such"):
        page = await editor.open(path)
        assert page.status == 404
        assert "没有找到" in page.words
