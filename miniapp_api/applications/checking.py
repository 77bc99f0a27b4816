"""The pre-check (预检): everything that is missing or wrong, found before submitting. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from miniapp_api.applications.applicants import Applicant
from miniapp_api.applications.forms import Answers, Fault, Form, canonical, faults_of

# Fields that must say what was verified: a name mismatch is found here, not at the window.
VERIFIED = {
    "person.name": "和实名认证的姓名不一致",
    "person.id_number": "和实名认证的身份证号不一致",
    "enterprise.name": "和企业登记的名称不一致",
    "enterprise.credit_code": "和企业登记的统一社会信用代码不一致",
}


def faults(
    form: Form,
    applicant: Applicant,
    answers: Answers,
    handed_in: Mapping[str, int],
    delivery: str | None,
    today: date,
    *,
    paid: bool,
) -> list[Fault]:
    """Return every fault, in the order of the page.

    handed_in: how many files or certificates stand for each material, by its key.
    """
    plain = canonical(form, answers)
    wrong = list(faults_of(form, plain, today))
    right = {name: plain[name] for name in plain.keys() - {fault.name for fault in wrong}}
    found: Sequence[Iterable[Fault]] = (
        _assurance(form, applicant),
        wrong,
        _mismatches(form, applicant, right),
        _materials(form, handed_in),
        _delivery(form, delivery),
        _fee(form, paid),
    )
    return [fault for faults in found for fault in faults]


def _assurance(form: Form, applicant: Applicant) -> Iterator[Fault]:
    wanted = form.item.online.assurance if form.item.online else 1
    if applicant.assurance < wanted:
        how = "实名认证" if wanted == 2 else "人脸认证"
        yield Fault("assurance", str(wanted), "assurance_too_low", f"这个事项要先做{how}")


def _mismatches(form: Form, applicant: Applicant, answers: Answers) -> Iterator[Fault]:
    facts = applicant.facts
    for ask in form.asks:
        source = ask.field.source or ""
        known, typed = facts.get(source), answers.get(ask.name)
        if source in VERIFIED and known and typed and typed != known:
            yield Fault("field", ask.name, "mismatch", f"{ask.field.title}{VERIFIED[source]}")


def _materials(form: Form, handed_in: Mapping[str, int]) -> Iterator[Fault]:
    for each in form.materials:
        if each.material.required and not handed_in.get(each.key):
            name = each.material.name
            yield Fault("material", each.key, "missing", f"还差材料：{name}")


def _delivery(form: Form, delivery: str | None) -> Iterator[Fault]:
    ways = [way.value for way in form.item.result.delivery] if form.item.result else []
    if ways and delivery not in ways:
        yield Fault("delivery", "delivery", "missing", "请选择怎么领取结果")


def _fee(form: Form, paid: bool) -> Iterator[Fault]:
    due = form.item.fee.due if form.item.fee else "submission"
    if form.fee_fen and due == "submission" and not paid:
        yield Fault("fee", "fee", "unpaid", f"请先缴费 {form.fee_fen / 100:.2f} 元")
