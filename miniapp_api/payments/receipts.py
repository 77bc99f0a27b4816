"""The electronic receipt (电子缴费凭证) as a PDF: the same order gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator

from reportlab.lib.pagesizes import A5, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from miniapp_api.payments import rules
from miniapp_api.payments.store import Order

FONT = "STSong-Light"
PAGE = landscape(A5)
MARGIN, LINE = 48, 26
LINE_CHARS = 30


def draw(order: Order, city: str) -> bytes:
    """Return the receipt of a paid order; it names no person."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=PAGE, invariant=1, pageCompression=0)
    canvas.setTitle("电子缴费凭证")
    width, height = PAGE
    canvas.setFont(FONT, 20)
    canvas.drawCentredString(width / 2, height - MARGIN - 4, f"{city}政务服务电子缴费凭证")
    canvas.line(MARGIN, height - MARGIN - 18, width - MARGIN, height - MARGIN - 18)
    canvas.setFont(FONT, 12)
    for number, text in enumerate(_lines(order)):
        canvas.drawString(MARGIN, height - MARGIN - 46 - number * LINE, text)
    canvas.setFont(FONT, 9)
    canvas.drawString(MARGIN, MARGIN / 2, "本凭证由系统生成，可凭凭证号在小程序“我的缴费”中核对。")
    canvas.save()
    return target.getvalue()


def _lines(order: Order) -> Iterator[str]:
    yield f"凭证号：{order.receipt_number}"
    for start in range(0, len(order.description), LINE_CHARS):
        head = "缴费事项：" if start == 0 else "　　　　　"
        yield head + order.description[start : start + LINE_CHARS]
    yield f"金额：{rules.yuan(order.amount_fen)} 元（{rules.in_words(order.amount_fen)}）"
    if order.paid_at:
        yield f"缴费时间：{order.paid_at:%Y-%m-%d %H:%M:%S}"
    yield f"微信支付单号：{order.transaction_id}"
    if order.refunded_fen:
        yield f"已退款：{rules.yuan(order.refunded_fen)} 元（{rules.in_words(order.refunded_fen)}）"
