"""Rules of a bundle (一件事检查): its items, options, papers and order fit together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from miniapp_api.guides.bundles import Bundle, BundleMember, objects
from miniapp_api.guides.check_items import fault
from miniapp_api.guides.faults import Fault
from miniapp_api.guides.item import Item
from miniapp_api.guides.yaml_source import Document

if TYPE_CHECKING:
    from miniapp_api.guides.checks import Checked

Finding = tuple[tuple[str | int, ...], str, str]  # where, message, code


def check_bundle(checked: Checked, document: Document, bundle: Bundle) -> Iterator[Fault]:
    """Return every fault of a bundle, at its line; an item that cannot be read is unknown to it."""
    if bundle.id != document.path.stem:
        message = f"编号 {bundle.id} 与文件名 {document.path.stem} 不同"
        yield fault(document, ("id",), message, "file_name")
    if any(each.id == bundle.id for each in checked.bundles):
        yield fault(document, ("id",), f"编号 {bundle.id} 重复", "repeated_id")
    items = {item.code: item for item in checked.items}
    departments = {department.id for department in checked.departments}
    events = {event.id for event in checked.life_events}
    for loc, message, code in findings(bundle, items, departments, events):
        yield fault(document, loc, message, code)


def findings(
    bundle: Bundle,
    items: Mapping[str, Item],
    departments: Collection[str],
    life_events: Collection[str],
) -> Iterator[Finding]:
    """Return what is wrong with a bundle that its shape alone does not tell."""
    if bundle.life_event not in life_events:
        yield ("life_event",), f"没有人生事件 {bundle.life_event}", "dangling_reference"
    if bundle.lead not in departments:
        yield ("lead",), f"没有部门 {bundle.lead}", "dangling_reference"
    if not any(member.required for member in bundle.members):
        yield ("members",), "至少要有一个必办的事项", "bundle_member"
    seen: set[str] = set()
    for index, member in enumerate(bundle.members):
        loc = ("members", index)
        if member.item in seen:
            yield (*loc, "item"), f"事项 {member.item} 写了两遍", "repeated_id"
        seen.add(member.item)
        yield from _member(bundle, member, items.get(member.item), loc)
    if all(m.item in items for m in bundle.members):
        yield from _together(bundle, items)


def _member(
    bundle: Bundle, member: BundleMember, item: Item | None, loc: tuple[str | int, ...]
) -> Iterator[Finding]:
    if item is None:
        yield (*loc, "item"), f"没有事项 {member.item}", "dangling_reference"
        return
    if item.online is None or not item.online.depth.begins_online:
        yield (*loc, "item"), f"事项 {member.item} 不能网上申请", "not_online"
    if member.default and member.required:
        yield (*loc, "default"), "必办的事项不用写 default", "bundle_member"
    known = {c.id: [o.id for o in c.options] for c in item.circumstances}
    for circumstance, option in member.options.items():
        at = (*loc, "options", circumstance)
        if circumstance not in known:
            yield at, f"事项 {member.item} 没有情形 {circumstance}", "dangling_reference"
        elif option not in known[circumstance]:
            yield at, f"情形 {circumstance} 没有选项 {option}", "dangling_reference"
    codes = {m.item for m in bundle.members}
    for index, code in enumerate(member.after):
        if code not in codes or code == member.item:
            yield (*loc, "after", index), f"这件事里没有别的事项 {code}", "dangling_reference"


def _together(bundle: Bundle, items: Mapping[str, Item]) -> Iterator[Finding]:
    if not objects(bundle, items):
        yield ("members",), "有的事项只给个人办,有的只给单位办,不能放在一起", "mixed_objects"
    if circle := _circle(bundle):
        index = next(i for i, m in enumerate(bundle.members) if m.item == circle[0])
        message = f"互相等待:{' → '.join(circle)}"
        yield ("members", index, "after"), message, "circular"
    yield from _papers(bundle, items)


def _papers(bundle: Bundle, items: Mapping[str, Item]) -> Iterator[Finding]:
    owners: dict[str, list[str]] = {}
    for each in bundle.members:
        for material in items[each.item].materials:
            owners.setdefault(material.name, []).append(each.item)
    for index, same in enumerate(bundle.same):
        for place, name in enumerate(same.names):
            if name not in owners:
                yield ("same", index, "names", place), f"没有材料 {name}", "dangling_reference"
    for index, result in enumerate(bundle.results):
        if result.item not in {each.item for each in bundle.members}:
            message = f"这件事里没有事项 {result.item}"
            yield ("results", index, "item"), message, "dangling_reference"
            continue
        for place, name in enumerate(result.names):
            if not any(result.item in bundle.waits(owner) for owner in owners.get(name, ())):
                message = f"没有等 {result.item} 的事项要材料 {name}"
                yield ("results", index, "names", place), message, "dangling_reference"


def _circle(bundle: Bundle) -> list[str]:
    """Return members that wait for each other, the first one named again at the end; or none."""
    after = {m.item: [c for c in m.after if c != m.item] for m in bundle.members}
    for start in after:
        paths = [[start]]
        seen: set[str] = set()
        while paths:
            path = paths.pop(0)
            for code in after.get(path[-1], ()):
                if code == start:
                    return [*path, start]
                if code not in seen:
                    seen.add(code)
                    paths.append([*path, code])
    return []
