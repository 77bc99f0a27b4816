"""Rules of forms.yaml (表单检查): blocks, fields, themes, items and options named there exist."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING

from miniapp_api.guides.check_items import fault
from miniapp_api.guides.faults import Fault
from miniapp_api.guides.yaml_source import Document, Loc

if TYPE_CHECKING:
    from miniapp_api.guides.checks import Checked

FILE = "forms.yaml"


def check_forms(checked: Checked) -> Iterator[Fault]:
    """Check every reference of the form book."""
    document = checked.documents.get(FILE)
    if document is None:
        return
    book, themes = checked.forms, {theme.id for theme in checked.themes}
    for id, block in book.blocks.items():
        loc = ("blocks", id, "fields")
        yield from _missing(document, loc, block.fields, book.fields, "表单项")
        loc = ("blocks", id, "optional")
        yield from _missing(document, loc, block.optional, block.fields, "分组里的表单项")
    for name in ("person", "enterprise"):
        yield from _missing(document, (name,), getattr(book, name), book.blocks, "分组")
    yield from _missing(document, ("themes",), book.themes, themes, "主题")
    for theme, blocks in book.themes.items():
        yield from _missing(document, ("themes", theme), blocks, book.blocks, "分组")
    yield from _items(checked, document)


def _items(checked: Checked, document: Document) -> Iterator[Fault]:
    items = {item.code: item for item in checked.items}
    yield from _missing(document, ("items",), checked.forms.items, items, "事项")
    for code, form in checked.forms.items.items():
        yield from _missing(
            document, ("items", code, "blocks"), form.blocks, checked.forms.blocks, "分组"
        )
        yield from _missing(document, ("items", code, "when"), form.when, form.blocks, "分组")
        circumstances = items[code].circumstances if code in items else ()
        known = {each.id: [option.id for option in each.options] for each in circumstances}
        for block, when in form.when.items():
            loc = ("items", code, "when", block)
            yield from _missing(document, loc, when, known, "情形")
            for circumstance, options in when.items():
                yield from _missing(document, loc, options, known.get(circumstance, ()), "选项")


def _missing(
    document: Document, loc: Loc, named: Iterable[str], known: Container[str], what: str
) -> Iterator[Fault]:
    for each in named:
        if each not in known:
            yield fault(document, loc, f"没有这个{what}:{each}", "dangling")
