"""The refusals of the hall."""

from __future__ import annotations

from miniapp_api.platform.errors import Refusal


class HallUnknown(Refusal):
    """No such hall."""

    status, code, title = 404, "hall_not_found", "没有这个大厅"


class QueueUnknown(Refusal):
    """No such queue in the hall, or the item is not done there."""

    status, code, title = 422, "queue_not_found", "这个大厅没有这个队列，或者办不了这件事"


class HallClosed(Refusal):
    """Tickets are taken on working days, in opening hours."""

    status, code, title = 409, "hall_closed", "现在不是办公时间，不能取号"


class RemoteTicketsOff(Refusal):
    """The hall gives tickets on site only."""

    status, code, title = 409, "remote_tickets_off", "这个大厅要到现场取号"


class TicketExists(Refusal):
    """One live ticket per citizen and queue; `number` says which."""

    status, code, title = 409, "ticket_exists", "您已经取过号了"


class TicketNotFound(Refusal):
    """No such ticket here today."""

    status, code, title = 404, "ticket_not_found", "没有找到这个号"


class ActionNotAllowed(Refusal):
    """The ticket's state does not allow this."""

    status, code, title = 409, "not_allowed", "这个号现在不能这样操作"


class WindowUnknown(Refusal):
    """No such window in the hall."""

    status, code, title = 404, "window_not_found", "没有这个窗口"


class WindowNotYours(Refusal):
    """The clerk's account names other windows."""

    status, code, title = 403, "window_not_yours", "您的账号不能开这个窗口，请找系统管理员"


class WindowServesNothing(Refusal):
    """No item leads to the window's queue."""

    status, code, title = 422, "window_serves_nothing", "这个窗口没有可办的事项，不能上岗"


class WindowTaken(Refusal):
    """Somebody else works at the window."""

    status, code, title = 409, "window_taken", "这个窗口已经有人上岗"


class AlreadyAtWindow(Refusal):
    """The clerk works at another window; `window` says which."""

    status, code, title = 409, "already_at_window", "您已经在另一个窗口上岗，请先离岗"


class NotAtWindow(Refusal):
    """The clerk has not opened the window."""

    status, code, title = 409, "not_logged_in_at_window", "请先在这个窗口上岗"


class WindowPaused(Refusal):
    """A paused window calls nobody."""

    status, code, title = 409, "window_paused", "窗口暂停中，请先恢复"


class WindowClosedNow(Refusal):
    """The manager closed the window for a time; the detail says why and until when."""

    status, code, title = 409, "window_closed", "这个窗口现在停办，不能叫号"


class TicketInHand(Refusal):
    """The ticket that was called is still in hand."""

    status, code, title = 409, "ticket_in_hand", "手上还有一个号，请先办结、过号或转走"


class NoTicketInHand(Refusal):
    """Nobody was called to the window."""

    status, code, title = 409, "no_ticket_in_hand", "手上没有叫到的号"


class NobodyWaiting(Refusal):
    """The queue is empty."""

    status, code, title = 404, "nobody_waiting", "现在没有人等候"


class RecallLimit(Refusal):
    """Called once and three times again: now the number is passed."""

    status, code, title = 409, "recall_limit", "已经重呼三次，请过号"


class TooManyRequeues(Refusal):
    """A passed number queues again so often only."""

    status, code, title = 409, "too_many_requeues", "这个号过号次数太多，请重新取号"
