"""The refusals of appointments."""

from __future__ import annotations

from miniapp_api.platform.errors import Refusal


class NotBookable(Refusal):
    """The item takes no bookings."""

    status, code, title = 422, "not_bookable", "这个事项不用预约或不在大厅办理"


class HallNotFound(Refusal):
    """No such hall, or it does not serve the item."""

    status, code, title = 404, "hall_not_found", "这个大厅办不了这个事项"


class SlotNotFound(Refusal):
    """No such slot."""

    status, code, title = 404, "slot_not_found", "没有找到这个时段，请重新选择"


class SlotNotForItem(Refusal):
    """The slot belongs to another queue or hall."""

    status, code, title = 422, "slot_not_for_item", "这个时段办不了这个事项，请重新选择"


class SlotPast(Refusal):
    """The slot has begun."""

    status, code, title = 409, "slot_past", "这个时段已经过去了，请重新选择"


class SlotClosed(Refusal):
    """The hall is closed on that day."""

    status, code, title = 409, "slot_closed", "这一天大厅不办公，请重新选择"


class SlotFull(Refusal):
    """Every seat is taken."""

    status, code, title = 409, "slot_full", "这个时段刚刚约满了，请换一个时段"


class BeyondHorizon(Refusal):
    """The slot is further ahead than the hall books."""

    status, code, title = 422, "beyond_horizon", "这一天还没有放号，请选近一点的日子"


class AlreadyBooked(Refusal):
    """One booking per person, item and day."""

    status, code, title = 409, "already_booked", "您这一天已经约过这个事项了"


class HoldExpired(Refusal):
    """The hold was not confirmed in time."""

    status, code, title = 409, "hold_expired", "为您保留的时段已过期，请重新选择"


class AppointmentNotFound(Refusal):
    """No such booking of this citizen."""

    status, code, title = 404, "appointment_not_found", "没有找到这个预约"


class NotAllowed(Refusal):
    """The booking's state does not allow this."""

    status, code, title = 409, "not_allowed", "这个预约现在不能这样操作"


class TooLateToChange(Refusal):
    """The slot begins too soon to cancel or move."""

    status, code, title = 409, "too_late_to_change", "离办理时间太近了，不能取消或改约，请拨打12345"
