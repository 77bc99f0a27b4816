"""What citizens asked that has no answer (没答上的问题), and which answers did not help."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from sanic import Request

from miniapp_api.chat.errors import QuestionNotFound
from miniapp_api.chat.unanswered import Unanswered
from miniapp_api.console.editor.guides import HOME
from miniapp_api.console.pages import page, subject
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.guides.editing.errors import DraftOpen
from miniapp_api.guides.editing.routes import READERS
from miniapp_api.guides.editing.rules import WRITERS
from miniapp_api.platform.auth import StaffMember

room = subject(__name__)

QUESTIONS = "/console/editor/questions"
ONE = "/editor/questions/<id:str>"
SHOWN = 50
JUDGED_DAYS = 30
MOST_JUDGED = 20
STATES = {"open": "没处理的", "added": "加进指南的", "dismissed": "不归政务办的"}
REASONS = {
    "wrong_item": "答的不是那件事",
    "outdated": "过时了",
    "unclear": "看不懂",
    "incomplete": "没答全",
    "other": "别的",
}


class QuestionsQuery(Form):
    """Which questions."""

    state: Literal["open", "added", "dismissed"] = Field(default="open", title="状态")
    offset: int = Field(default=0, ge=0, le=100_000, title="页码")


class TeachForm(Form):
    """Which guide learns to answer it, and how citizens call the matter."""

    item: str = Field(max_length=64, title="事项编码")
    alias: str = Field(min_length=2, max_length=40, title="市民的说法")


class DismissForm(Form):
    """Why it is none of ours."""

    why: str = Field(min_length=1, max_length=200, title="原因")


def _unanswered(request: Request) -> Unanswered:
    service: Unanswered = request.app.ctx.unanswered
    return service


def _id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise QuestionNotFound()
    return int(text)


@page(room, "GET", "/editor/questions", roles=READERS, query=QuestionsQuery)
async def questions(request: Request, member: StaffMember, query: QuestionsQuery) -> View:
    """List what had no answer, and the items whose answers did not help (没答上的和差评)."""
    guides, unanswered = request.app.ctx.guides, _unanswered(request)
    found, total = await unanswered.questions(query.state, SHOWN, query.offset)
    more = query.offset + SHOWN < total
    disliked = await unanswered.disliked(JUDGED_DAYS, MOST_JUDGED)
    return View(
        "editor/questions.html",
        questions=found,
        total=total,
        query=query,
        states=STATES,
        next=query.model_copy(update={"offset": query.offset + SHOWN}) if more else None,
        disliked=disliked,
        days=JUDGED_DAYS,
        reasons=REASONS,
        name_of=guides.name_of,
    )


@page(room, "GET", ONE, roles=READERS)
async def question(request: Request, member: StaffMember, id: str) -> View:
    """Show a question, and what may be done about it."""
    guides = request.app.ctx.guides
    found = await _unanswered(request).question(_id(id))
    near = [(code, guides.name_of(code)) for code in found.near]
    return View(
        "editor/question.html",
        question=found,
        states=STATES,
        near=near,
        name_of=guides.name_of,
        writes=bool(member.roles & WRITERS),
    )


@page(room, "POST", f"{ONE}/teaching", roles=WRITERS, form=TeachForm)
async def teach(request: Request, member: StaffMember, id: str, form: TeachForm) -> Redirect:
    """Begin a version of a guide that knows the wording (加进指南); it is approved like any."""
    unanswered = _unanswered(request)
    found = await unanswered.question(_id(id))
    aliases = list(request.app.ctx.guides.item(form.item).aliases)
    changes = {"aliases": list(dict.fromkeys([*aliases, form.alias]))}
    try:
        version = await request.app.ctx.editing.begin(member, "items", form.item, changes=changes)
    except DraftOpen as refusal:
        if "version" not in refusal.extra:
            raise
        said = f"{refusal.extra['by'] or '已有人'}在改这一份，请把“{form.alias}”加到市民的说法里"
        return Redirect(f"{HOME}/versions/{refusal.extra['version']}", said=said)
    await unanswered.added(member, found.id, form.item)
    said = "加到“市民的说法”了，看过以后提交审批"
    return Redirect(f"{HOME}/versions/{version.id}", said=said)


@page(room, "POST", f"{ONE}/dismissal", roles=WRITERS, form=DismissForm)
async def dismiss(request: Request, member: StaffMember, id: str, form: DismissForm) -> Redirect:
    """Put a question aside that is none of ours (不归政务办)."""
    await _unanswered(request).dismiss(member, _id(id), form.why)
    return Redirect(QUESTIONS, said="放到一边了")


@page(room, "POST", f"{ONE}/reopening", roles=WRITERS)
async def reopen(request: Request, member: StaffMember, id: str) -> Redirect:
    """Look at a question again (重新处理)."""
    await _unanswered(request).reopen(_id(id))
    return Redirect(f"{QUESTIONS}/{_id(id)}", said="可以重新处理了")
