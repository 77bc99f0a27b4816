"""What citizens see of a bundle (一件事) before they log in: its items and its one checklist."""

from __future__ import annotations

from collections.abc import Mapping

from miniapp_api.guides import bundles, texts, views
from miniapp_api.guides.bundles import Bundle, Question
from miniapp_api.guides.errors import OptionUnknown
from miniapp_api.guides.handbook import Handbook
from miniapp_api.guides.schemas import (
    BundleBrief,
    BundleChecklist,
    BundleMaterial,
    BundlePart,
    BundleQuestion,
    OptionView,
)
from miniapp_api.guides.terms import ServiceObject


def matches(bundle: Bundle, words: str, handbook: Handbook) -> bool:
    """Tell whether words mean a bundle: they are in what it or its life event is called, or say it.

    No words mean every bundle.
    """
    event = handbook.life_events.get(bundle.life_event)
    sayings = (bundle.name, *bundle.aliases, *((event.name, *event.aliases) if event else ()))
    return any(words in saying or saying in words for saying in sayings)


def brief(bundle: Bundle, handbook: Handbook) -> BundleBrief:
    """Show a bundle in a list (一件事摘要)."""
    lead = handbook.departments.get(bundle.lead)
    objects = bundles.objects(bundle, handbook.items)
    return BundleBrief(
        id=bundle.id,
        name=bundle.name,
        life_event=bundle.life_event,
        lead=lead.name if lead else bundle.lead,
        items=[handbook.items[member.item].name for member in bundle.ordered],
        person=ServiceObject.PERSONAL.value in objects,
        enterprise=ServiceObject.LEGAL_PERSON.value in objects,
        notice=None if bundle.verified else texts.BUNDLE_UNVERIFIED,
    )


def checklist(bundle: Bundle, asked: Mapping[str, str], handbook: Handbook) -> BundleChecklist:
    """Show what a bundle needs (联办清单): every question and every paper once.

    asked: option by question, and under `with` the optional items, separated by commas. Raises
    OptionUnknown.
    """
    answers = {name: option for name, option in asked.items() if name != "with"}
    wanted = asked["with"].split(",") if "with" in asked else None
    known = bundles.questions(bundle, handbook.items)
    check_answers(known, answers)
    check_members(bundle, [code for code in wanted or () if code])
    members = bundle.chosen(wanted)
    codes = [member.item for member in members]
    options = bundles.options_for(bundle, handbook.items, answers)
    papers = bundles.papers(bundle, bundles.needs_of(bundle, members, handbook.items, options))
    return BundleChecklist(
        bundle=brief(bundle, handbook),
        version=bundle.version,
        parts=[_part(bundle, each.item, codes, handbook) for each in bundle.ordered],
        questions=[question_view(each, answers) for each in bundles.asked_of(known, codes)],
        materials=[
            BundleMaterial(
                **views.material_view(paper.material, handbook).model_dump(),
                items=[item for item, _ in paper.places],
            )
            for paper in papers
        ],
        papers_saved=sum(len(paper.places) - 1 for paper in papers),
    )


def _part(bundle: Bundle, code: str, chosen: list[str], handbook: Handbook) -> BundlePart:
    member = next(each for each in bundle.members if each.item == code)
    return BundlePart(
        item=views.brief(handbook.items[code], handbook),
        question=member.question,
        chosen=code in chosen,
        after=[handbook.items[each].name for each in member.after],
        brings=[name for each in bundle.results if each.item == code for name in each.names],
    )


def question_view(question: Question, answers: Mapping[str, str]) -> BundleQuestion:
    """Show a question with the option taken."""
    taken = bundles.option_of(question, answers)
    return BundleQuestion(
        id=question.id,
        question=question.circumstance.question,
        items=[item for item, _ in question.askers],
        options=[
            OptionView(id=each.id, label=each.label, chosen=each is taken)
            for each in question.circumstance.options
        ],
    )


def check_answers(known: tuple[Question, ...], answers: Mapping[str, str]) -> None:
    """Raise OptionUnknown for a question or an option that the bundle does not have."""
    options = {each.id: [o.id for o in each.circumstance.options] for each in known}
    for question, option in answers.items():
        if question not in options:
            detail = texts.UNKNOWN_CIRCUMSTANCE.format(allowed="、".join(options))
            raise OptionUnknown(detail, fields=["options"])
        if option not in options[question]:
            allowed = "、".join(options[question])
            detail = texts.UNKNOWN_OPTION.format(circumstance=question, allowed=allowed)
            raise OptionUnknown(detail, fields=["options"])


def check_members(bundle: Bundle, wanted: list[str]) -> None:
    """Raise OptionUnknown for an item that the bundle does not have."""
    codes = [member.item for member in bundle.members]
    if not set(wanted) <= set(codes):
        detail = texts.UNKNOWN_MEMBER.format(allowed="、".join(codes))
        raise OptionUnknown(detail, fields=["with"])
