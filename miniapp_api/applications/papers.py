"""What is printed (纸面文书): receipts and notices with the hall's head, as PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from miniapp_api.applications import case_store, draft_store, rules
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.opening import Opener
from miniapp_api.applications.progress import missing_of
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform.clock import Clock

FONT = "STSong-Light"  # of Adobe's Asian fonts: every reader has it, nothing is embedded
TITLES = {
    "correction": "申请材料补正告知书",
    "refused": "不予受理决定书",
    "denied": "不予许可决定书",
}
LEFT, TOP, LINE, CHARACTERS = 25 * mm, 262 * mm, 8 * mm, 38


class Papers:
    """Prints cases."""

    def __init__(self, guides: GuidesService, clock: Clock, opener: Opener) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self._guides = guides
        self._clock = clock
        self._opener = opener

    async def receipt(self, case: Case) -> bytes:
        """Return a case's receipt or notice."""
        return await self.batch([case])

    async def batch(self, cases: Sequence[Case]) -> bytes:
        """Return the papers of several cases in one PDF, a page each."""
        target = io.BytesIO()
        canvas = Canvas(target, pagesize=A4, invariant=True)
        canvas.setTitle("办件回执")
        for case in cases:
            self._page(canvas, case, await self._lines(case))
        canvas.save()
        return target.getvalue()

    async def _lines(self, case: Case) -> list[str]:
        """Return what a paper says: numbers and dates, the masked name, never an id number."""
        office = self._guides.handbook.departments.get(case.department)
        zone = self._clock.now().tzinfo
        lines = [
            f"编　　号：{case.number}",
            f"申 请 人：{case.applicant_masked}",
            f"事　　项：{case.item_name}",
            f"受理部门：{office.name if office else case.department}",
            f"提交时间：{case.submitted_at.astimezone(zone):%Y-%m-%d %H:%M}",
            f"当前状态：{rules.STATE_NAMES[case.state]}",
        ]
        if case.accepted_on:
            lines.append(f"受理日期：{case.accepted_on}")
        if case.due_on:
            lines.append(f"承诺办结：{case.due_on}")
        return [*lines, "", *await self._body(case)]

    async def _body(self, case: Case) -> list[str]:
        if case.state == "correction":
            missing = missing_of(await case_store.events(case.id))
            named = [f"{n}．{m['title']}：{m['problem']}" for n, m in enumerate(missing, 1)]
            return [f"请在 {case.correct_until} 前一次补齐：", *named]
        held = {each.material for each in await draft_store.attached(case.id)}
        form = self._opener.form(case)
        names = [each.material.name for each in form.materials if each.key in held] if form else []
        return ["已收到材料：", *(f"{n}．{name}" for n, name in enumerate(names, 1))]

    def _page(self, canvas: Canvas, case: Case, lines: list[str]) -> None:
        hall = self._guides.hall(case.hall)
        canvas.setFont(FONT, 18)
        canvas.drawCentredString(A4[0] / 2, TOP + 3 * LINE - 6 * mm, hall.name)
        canvas.setFont(FONT, 15)
        title = TITLES.get(case.state, "申请回执")
        canvas.drawCentredString(A4[0] / 2, TOP + LINE, title)
        canvas.setFont(FONT, 12)
        y = TOP - LINE
        for line in (part for whole in lines for part in _wrapped(whole)):
            canvas.drawString(LEFT, y, line)
            y -= LINE
        canvas.setFont(FONT, 10)
        printed = f"打印时间 {self._clock.now():%Y-%m-%d %H:%M}　查询进度：沈办小程序“我的办件”"
        canvas.drawString(LEFT, 18 * mm, printed)
        canvas.showPage()


def _wrapped(line: str) -> list[str]:
    return [line[i : i + CHARACTERS] for i in range(0, len(line), CHARACTERS)] or [""]
