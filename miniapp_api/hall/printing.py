"""A ticket on 80 mm paper (小票)."""

from __future__ import annotations

import io
from datetime import tzinfo
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, select_autoescape

from miniapp_api.hall.schemas import TicketView

MOST_WINDOWS = 6  # named on the paper
PAGE = "pages/queue/mine"
ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=select_autoescape()
)


def printed(ticket: TicketView, hall_name: str, zone: tzinfo | None) -> str:
    """Return the ticket as a page for a receipt printer."""
    picture = io.BytesIO()
    segno.make(PAGE, error="m").save(picture, kind="svg", border=1, xmldecl=False)
    windows = "、".join(ticket.windows[:MOST_WINDOWS])
    more = "等" if len(ticket.windows) > MOST_WINDOWS else ""
    return ENVIRONMENT.get_template("ticket.html").render(
        ticket=ticket,
        hall_name=hall_name,
        windows=f"{windows}{more}号窗口",
        qr=picture.getvalue().decode(),
        taken_at=f"{ticket.arrived_at.astimezone(zone):%Y-%m-%d %H:%M}",
    )
