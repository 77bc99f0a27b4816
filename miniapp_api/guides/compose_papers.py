"""Answers about papers, money and time: materials, steps, fee, limits, conditions and the like."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from miniapp_api.guides import payloads, texts
from miniapp_api.guides.item import Item, Limits, Material, Span
from miniapp_api.guides.scene import Question, Said, Scene
from miniapp_api.guides.schemas import QuickReply
from miniapp_api.guides.tailoring import Choice, choose, needed
from miniapp_api.guides.terms import DayUnit
from miniapp_api.guides.wording import cut, listed, long_date, sentence, short_date

MOST_OPTIONS = 4


def missing(item: Item, field: str, scene: Scene) -> Said:
    """Say honestly that the guide does not tell, and whom to ask."""
    template = texts.MISSING_IMPORTED if item.label else texts.MISSING
    phone = item.phone or scene.hotline
    name = texts.FIELD_NAMES.get(field, field)
    text = template.format(label=item.label, name=item.name, field=name, phone=phone)
    return Said(text, (field, "phone"))


def materials(item: Item, question: Question, scene: Scene) -> Said:
    """Say what to bring (要带什么), tailored by options and tags."""
    choices = choose(item, question.options, question.tags)
    found = needed(item, choices)
    if not found and item.label:
        return missing(item, "materials", scene)
    lines = [material_line(material, scene) for material in found]
    must = [line for line, m in zip(lines, found, strict=True) if m.required]
    may = [line for line, m in zip(lines, found, strict=True) if not m.required]
    text = _materials_text(item, must, may) + _chosen(choices)
    rows = tuple((m.name, form(m) or texts.NOT_WRITTEN) for m in found)
    return Said(text, ("materials", "circumstances"), rows, _other_options(item, choices))


def _materials_text(item: Item, must: list[str], may: list[str]) -> str:
    if not must and not may:
        return texts.MATERIALS_NONE.format(name=item.name)
    text = texts.MATERIALS_ONLY_OPTIONAL.format(name=item.name)
    if must:
        text = texts.MATERIALS.format(name=item.name, count=len(must), listed=listed(must))
    return text + (texts.MATERIALS_OPTIONAL.format(listed=listed(may)) if may else "")


def material_line(material: Material, scene: Scene) -> str:
    """Say one material (材料): form, count, what replaces it, how to fill it in."""
    line = material.name
    if shape := form(material):
        line += shape if shape[0] not in "0123456789" else f"，{shape}"
    certificate = scene.handbook.certificates.get(material.certificate or "")
    if certificate:
        line += texts.MATERIAL_E_CERTIFICATE.format(certificate=certificate.name)
    return sentence(f"{line}，{material.note}" if material.note else line)


def form(material: Material) -> str:
    """Say form and count (原件1份); empty when the source tells neither."""
    if material.form is None:
        return ""
    return texts.FORMS[material.form].format(count=material.count or 1)


def _chosen(choices: Iterable[Choice]) -> str:
    """Say which options the list was made for, assumed ones apart."""
    made = list(choices)
    told = "；".join(c.option.label for c in made if not c.assumed)
    assumed = "；".join(c.option.label for c in made if c.assumed)
    text = texts.CHOSEN.format(options=told) if told else ""
    return text + (texts.ASSUMED.format(options=assumed) if assumed else "")


def _other_options(item: Item, choices: Iterable[Choice]) -> tuple[QuickReply, ...]:
    """Offer the options not taken, as buttons."""
    others = [(choice.circumstance.id, o) for choice in choices for o in choice.others]
    return tuple(
        QuickReply(title=o.label, payload=payloads.choose_option(item.code, circumstance, o))
        for circumstance, o in others[:MOST_OPTIONS]
    )


def steps(item: Item, question: Question, scene: Scene) -> Said:
    """Say how it goes (怎么办理)."""
    if not item.steps:
        return missing(item, "steps", scene)
    lines = [sentence(f"{step.name}：{step.detail}") for step in item.steps]
    text = texts.STEPS.format(name=item.name, count=len(lines), listed=listed(lines))
    rows = tuple((step.name, step.detail) for step in item.steps)
    return Said(text + visits(item), ("steps", "visits"), rows)


def visits(item: Item) -> str:
    """Say how often one must come (到现场次数)."""
    if item.visits is None:
        return ""
    return texts.VISITS.format(count=item.visits) if item.visits else texts.VISITS_NONE


def fee(item: Item, question: Question, scene: Scene) -> Said:
    """Say what it costs (多少钱)."""
    if item.fee is None:
        return missing(item, "fee", scene)
    if item.fee.free:
        note = item.fee.text.strip("。")
        plain = note in ("不收费", "免费", "无")
        template = texts.FEE_FREE if plain else texts.FEE_FREE_NOTE
        text = sentence(template.format(name=item.name, text=note))
        return Said(text, ("fee",), (("收费", texts.FACT_FREE),))
    text = texts.FEE.format(name=item.name, text=item.fee.text.strip("。"))
    if item.fee.basis:
        text += texts.FEE_BASIS.format(basis=item.fee.basis.strip("。"))
    return Said(text, ("fee",), (("收费", item.fee.text), ("依据", item.fee.basis or "")))


def time_limit(item: Item, question: Question, scene: Scene) -> Said:
    """Say how long it takes (多久), and when it would be ready if accepted today."""
    limits, span = item.limits, shortest(item.limits)
    if limits is None or span is None:
        if item.label:
            text = texts.LIMIT_NONE_IMPORTED.format(label=item.label, name=item.name)
            return Said(text, ("limits",))
        return Said(texts.LIMIT_NONE.format(name=item.name), ("limits",))
    if span.days == 0:
        now = texts.LIMIT_NOW.format(name=item.name)
        return Said(now, ("limits",), (("承诺时限", texts.FACT_NOW),))
    text = _limit_text(item, limits) + ready_text(span, scene)
    return Said(text, ("limits",), limit_rows(limits))


def shortest(limits: Limits | None) -> Span | None:
    """Return the time that counts (时限): the promise, else the law's; None when not fixed."""
    if limits is None:
        return None
    return _promised(limits) or _statutory(limits)


def _promised(limits: Limits) -> Span | None:
    days = limits.promised
    return None if days is None else Span(days, DayUnit.WORKING)


def _statutory(limits: Limits) -> Span | None:
    days = limits.statutory
    return None if days is None else Span(days, limits.statutory_unit)


def _limit_text(item: Item, limits: Limits) -> str:
    promised, statutory = _promised(limits), _statutory(limits)
    if promised is None:
        return texts.LIMIT_STATUTORY.format(name=item.name, days=statutory)
    text = texts.LIMIT_PROMISED.format(name=item.name, days=promised)
    if statutory and statutory.days and statutory != promised:
        return text + texts.LIMIT_AND_STATUTORY.format(days=statutory)
    return text + "。"


def limit_rows(limits: Limits) -> tuple[tuple[str, str], ...]:
    """Show both limits (时限) in a card."""
    pairs = (("承诺时限", _promised(limits)), ("法定时限", _statutory(limits)))
    return tuple((name, days_fact(span)) for name, span in pairs if span is not None)


def days_fact(span: Span) -> str:
    """Say a limit in a card (几个工作日)."""
    return str(span) if span.days else texts.FACT_NOW


def ready_text(span: Span, scene: Scene) -> str:
    """Say the day by which it is ready when accepted today, or on the next workday."""
    today, calendar = scene.today, scene.calendar
    accepted = calendar.next_workday(today - timedelta(days=1))
    if span.unit is DayUnit.CALENDAR:
        ready = accepted + timedelta(days=span.days)
    else:
        ready = calendar.add_workdays(accepted, span.days)
    if accepted == today:
        text = texts.READY.format(day=_day(ready, today))
    else:
        text = texts.READY_NEXT.format(accepted=short_date(accepted), day=_day(ready, today))
    if calendar.is_provisional(ready):
        text += texts.PROVISIONAL.format(year=ready.year)
    return text


def _day(day: date, today: date) -> str:
    return short_date(day) if day.year == today.year else long_date(day)


def conditions(item: Item, question: Question, scene: Scene) -> Said:
    """Say who may apply (受理条件)."""
    if not item.conditions:
        return missing(item, "conditions", scene)
    lines = [sentence(cut(line)) for line in item.conditions]
    text = texts.CONDITIONS.format(name=item.name, listed=listed(lines))
    return Said(text, ("conditions",))


def result(item: Item, question: Question, scene: Scene) -> Said:
    """Say what one gets and how (结果、怎么领)."""
    if item.result is None:
        return missing(item, "result", scene)
    ways = "，".join(texts.DELIVERY[way] for way in item.result.delivery)
    delivery = ways or texts.NOT_WRITTEN
    text = texts.RESULT.format(name=item.name, result=item.result.name, delivery=delivery)
    return Said(text, ("result",), (("办理结果", item.result.name), ("领取方式", delivery)))


def legal_basis(item: Item, question: Question, scene: Scene) -> Said:
    """Say which law it rests on (依据)."""
    if not item.legal_basis:
        return missing(item, "legal_basis", scene)
    lines = [sentence(line) for line in item.legal_basis]
    return Said(texts.LEGAL_BASIS.format(name=item.name, listed=listed(lines)), ("legal_basis",))


def proxy(item: Item, question: Question, scene: Scene) -> Said:
    """Say whether somebody else may act (代办)."""
    if item.proxy is None:
        return missing(item, "proxy", scene)
    template = texts.PROXY_YES if item.proxy.allowed else texts.PROXY_NO
    note = sentence(item.proxy.note) if item.proxy.note else ""
    return Said(template.format(name=item.name) + note, ("proxy",))
