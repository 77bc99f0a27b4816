"""Human agents (人工坐席): who waits, a conversation with its context, canned answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from sanic import Request

from miniapp_api.chat import rules
from miniapp_api.chat.handover_routes import handover_id
from miniapp_api.console.pages import page, subject
from miniapp_api.console.rendering import by_htmx
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.platform.auth import StaffMember

room = subject(__name__)

AGENTS = frozenset({"agent"})
HOME = "/console/agents"
ONE = "/agents/<id:str>"
ENDS: dict[str, tuple[str, str]] = {
    "hand_back": ("交回智能助手", "交回了"),
    "close": ("结束", "结束了"),
    "release": ("放回队首", "放回队首了"),
}
AUTHORS = {"citizen": "市民", "bot": "智能助手", "agent": "坐席"}
# The aspects that agents are asked about, in words.
ASPECTS = {
    "materials": "要带什么", "steps": "怎么办", "place": "在哪办", "hours": "几点办",
    "fee": "多少钱", "time_limit": "多久办好", "conditions": "什么人能办", "online": "能不能网上办",
}  # fmt: skip


class Words(Form):
    """What an agent says."""

    text: str = Field(min_length=1, max_length=1000, title="回复")


class End(Form):
    """How a talk ends."""

    step: Literal["hand_back", "close", "release"] = Field(title="结束方式")


class Look(Form):
    """Which answer of the handbook."""

    item: str = Field(max_length=64, title="事项")
    aspect: str = Field(default="materials", max_length=40, title="问什么")


@page(room, "GET", "/agents", roles=AGENTS)
async def line(request: Request, member: StaffMember) -> View:
    """List who waits (排队列表); asked again and again by the page."""
    desk = await request.app.ctx.agent_desk.desk(member)
    template = "agents/_line.html" if by_htmx(request) else "agents/line.html"
    return View(template, desk=desk)


@page(room, "GET", ONE, roles=AGENTS)
async def conversation(request: Request, member: StaffMember, id: str) -> View:
    """Show a conversation with its context (会话)."""
    return await _conversation(request, member, id)


@page(room, "GET", f"{ONE}/said", roles=AGENTS)
async def said(request: Request, member: StaffMember, id: str) -> View:
    """Show what was said, as it is now; asked again and again by the page."""
    found = await request.app.ctx.agent_desk.open(member, handover_id(id))
    return View("agents/_said.html", found=found, authors=AUTHORS)


@page(room, "GET", f"{ONE}/canned", roles=AGENTS, query=Look)
async def canned(request: Request, id: str, query: Look) -> View:
    """Put an answer of the handbook into the composer (标准答复), to be edited or sent."""
    answer = request.app.ctx.agent_desk.canned(query.item, query.aspect)
    return View("agents/_composer.html", id=handover_id(id), text=answer.text)


@page(room, "POST", f"{ONE}/take", roles=AGENTS)
async def take(request: Request, member: StaffMember, id: str) -> Redirect:
    """Take over (接入)."""
    await request.app.ctx.agent_desk.take(member, handover_id(id))
    return Redirect(f"{HOME}/{handover_id(id)}")


@page(room, "POST", f"{ONE}/say", roles=AGENTS, form=Words)
async def say(request: Request, member: StaffMember, id: str, form: Words) -> Redirect:
    """Say something (回复)."""
    await request.app.ctx.agent_desk.say(member, handover_id(id), form.text, None)
    return Redirect(f"{HOME}/{handover_id(id)}")


@page(room, "POST", f"{ONE}/answer", roles=AGENTS, form=Words)
async def answer(request: Request, member: StaffMember, id: str, form: Words) -> Redirect:
    """Answer a message that was left (回复留言)."""
    await request.app.ctx.agent_desk.answer(member, handover_id(id), form.text)
    return Redirect(HOME, said="回复了，市民会在消息里看到")


@page(room, "POST", f"{ONE}/end", roles=AGENTS, form=End)
async def end(request: Request, member: StaffMember, id: str, form: End) -> Redirect:
    """Hand back, close, or put back into the line (交回、结束、放回)."""
    await request.app.ctx.agent_desk.end(member, handover_id(id), form.step)
    return Redirect(HOME, said=ENDS[form.step][1])


async def _conversation(request: Request, member: StaffMember, id: str) -> View:
    found = await request.app.ctx.agent_desk.open(member, handover_id(id))
    return View(
        "agents/conversation.html",
        found=found,
        authors=AUTHORS,
        states=rules.STATE_NAMES,
        ends=ENDS,
        aspects=ASPECTS,
    )
