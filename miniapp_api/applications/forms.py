"""The form of an item (网办表单): built from the handbook, checked, migrated. No I/O.

Circumstances come first: the options chosen decide which fields, materials and fees there are.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

import orjson
from jsonschema import Draft202012Validator, FormatChecker

from miniapp_api.guides.forms import FormBook, FormField
from miniapp_api.guides.item import FeeRule, Item, Material
from miniapp_api.guides.tailoring import applies, choose, fees, needed
from miniapp_api.identity.rules import canonical_phone, credit_code, id_number

Kind = Literal["person", "enterprise"]
Answers = dict[str, Any]
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # lines and tabs may stay
LONGEST_ANSWER = 2_000  # characters that a field may hold at all, whatever its schema says

FORMATS = FormatChecker(formats=())
FORMATS.checks("id-number")(lambda text: not isinstance(text, str) or id_number(text) is not None)
FORMATS.checks("credit-code")(lambda text: not isinstance(text, str) or bool(credit_code(text)))
FORMATS.checks("phone")(lambda text: not isinstance(text, str) or bool(canonical_phone(text)))
FORMATS.checks("past-date")(lambda text: not isinstance(text, str) or _is_day(text))
# What a field says when its answer is not accepted, by format or by widget.
WRONG = {
    "id-number": "身份证号不对，请检查后再填",
    "credit-code": "统一社会信用代码不对，请检查后再填",
    "phone": "手机号不对，请填11位手机号",
    "past-date": "日期不对，请按 2026-01-31 这样填，不能晚于今天",
    "number": "请填一个合适的数字",
    "choice": "请从选项里选一个",
    "text": "填写的内容不符合要求",
}


@dataclass(frozen=True)
class Ask:
    """A field as it is asked under the options chosen (要填的一项)."""

    name: str
    field: FormField
    required: bool


@dataclass(frozen=True)
class Section:
    """A group of fields (表单分组)."""

    id: str
    title: str
    asks: tuple[Ask, ...]


@dataclass(frozen=True)
class Needed:
    """A material to hand in (要交的材料), with a key that survives a new version of the item."""

    key: str
    material: Material


@dataclass(frozen=True)
class Form:
    """A form under the options chosen (情形已定的表单)."""

    item: Item
    kind: Kind
    version: str
    options: Mapping[str, str]
    sections: tuple[Section, ...]
    materials: tuple[Needed, ...]
    fees: tuple[FeeRule, ...]

    @property
    def asks(self) -> Iterator[Ask]:
        """Return every field, in order."""
        return (ask for section in self.sections for ask in section.asks)

    @property
    def fee_fen(self) -> int:
        """Return what is to be paid, in fen (应缴金额，分)."""
        return sum(rule.amount_fen for rule in self.fees)


@dataclass(frozen=True)
class Fault:
    """Something to put right before submitting (预检问题): where, which, and what to do."""

    place: Literal["field", "material", "fee", "assurance", "delivery", "form"]
    name: str
    code: str
    message: str


def build(item: Item, book: FormBook, kind: Kind, options: Mapping[str, str]) -> Form:
    """Build the form of an item for a person or an enterprise under options."""
    choices = choose(item, options)
    taken = {choice.circumstance.id: choice.option.id for choice in choices}
    blocks = list(book.blocks_of(item, kind))
    sections = tuple(
        Section(
            id,
            block.title,
            tuple(Ask(f, book.fields[f], f not in block.optional) for f in block.fields),
        )
        for id, block in blocks
        if applies(block.when, taken)
    )
    return Form(
        item=item,
        kind=kind,
        version=version(item, book, kind),
        options=taken,
        sections=sections,
        materials=tuple(Needed(material_key(m.name), m) for m in needed(item, choices)),
        fees=fees(item, choices),
    )


def version(item: Item, book: FormBook, kind: Kind) -> str:
    """Return a form's version: another one when anything it asks for has changed."""
    parts = [item.version if hasattr(item, "version") else 0, item.model_dump_json()]
    for id, block in book.blocks_of(item, kind):
        parts += [
            id,
            block.model_dump_json(),
            *(book.fields[f].model_dump_json() for f in block.fields),
        ]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()[:12]


def material_key(name: str) -> str:
    """Return the key of a material: its name decides, so that a reordered list changes nothing."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def is_material_key(name: str) -> bool:
    """Tell the key of a material from the name of a field: fields begin with a letter."""
    return re.fullmatch(r"[0-9a-f]{12}", name) is not None


def faults_of(form: Form, answers: Answers, today: date) -> Iterator[Fault]:
    """Return what is missing or wrong in the answers."""
    for ask in form.asks:
        value = answers.get(ask.name)
        if value in (None, ""):
            if ask.required:
                yield Fault("field", ask.name, "missing", f"请填写{ask.field.title}")
        elif not accepted(ask.field, value, today):
            yield Fault("field", ask.name, "format", wrong(ask.field))


def accepted(field: FormField, value: Any, today: date) -> bool:
    """Tell whether a field takes a value."""
    if field.choices is not None and value not in field.choices:
        return False
    if field.accepts.get("format") == "past-date" and isinstance(value, str):
        return _is_day(value) and date.fromisoformat(value) <= today
    return bool(_validator(orjson.dumps(field.accepts).decode()).is_valid(value))


@lru_cache(maxsize=1024)
def _validator(accepts: str) -> Draft202012Validator:
    return Draft202012Validator(orjson.loads(accepts), format_checker=FORMATS)


def wrong(field: FormField) -> str:
    """Return the sentence that tells an applicant what a field takes."""
    said = WRONG.get(field.accepts.get("format", "")) or WRONG.get(field.widget)
    return f"{field.title}：{said or WRONG['text']}"


def storable(answers: Mapping[str, Any]) -> bool:
    """Tell whether answers can be kept in a draft: plain values of bearable length, no controls."""
    return all(
        re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name)
        and (value is None or isinstance(value, str | int | float | bool))
        and len(str(value)) <= LONGEST_ANSWER
        and not CONTROL.search(str(value))
        for name, value in answers.items()
    )


def canonical(form: Form, answers: Answers) -> Answers:
    """Return the answers of the form's fields in their plain form: 全角 digits, spaces, small x."""
    plain: Answers = {}
    for ask in form.asks:
        value = answers.get(ask.name)
        if isinstance(value, str):
            value = _plain(ask.field, value)
        if value not in (None, ""):
            plain[ask.name] = value
    return plain


def _plain(field: FormField, text: str) -> str:
    trimmed = unicodedata.normalize("NFC", text).strip()
    match field.accepts.get("format"):
        case "id-number":
            return id_number(trimmed) or trimmed
        case "credit-code":
            return credit_code(trimmed) or trimmed
        case "phone":
            return canonical_phone(trimmed) or trimmed
    return trimmed


def split(form: Form, answers: Answers) -> tuple[Answers, Answers]:
    """Split answers into those the form asks for and those it does not (any more)."""
    names = {ask.name for ask in form.asks}
    asked = {name: value for name, value in answers.items() if name in names}
    return asked, {name: value for name, value in answers.items() if name not in names}


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
