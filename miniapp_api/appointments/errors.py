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


class DayLimit(Refusal):
    """The hall takes only so many bookings per person and day."""

    status, code, title = 409, "day_limit", "您这一天在这个大厅的预约数已经到上限了，请换一天"


class Suspended(Refusal):
    """The person may not book for a while; `until` says when it is over."""

    status, code, title = 409, "suspended", "因多次爽约或取消，您的预约暂停了，可以在小程序里申诉"


class MaterialsNotReady(Refusal):
    """The item wants the citizen to say that the materials are ready."""

    status, code, title = 422, "materials_not_ready", "这件事要先备齐材料再确认预约，请核对材料清单"


class PlanInvalid(Refusal):
    """Overlapping or impossible schedules; `faults` name the fields."""

    status, code, title = 422, "plan_invalid", "排班有误，请检查"


class PlanChanged(Refusal):
    """Somebody else changed the plan meanwhile."""

    status, code, title = 409, "plan_changed", "排班刚刚被别人改过，请刷新后再改"


class ClosureInvalid(Refusal):
    """It ends before it begins, or names no queue or windows of the hall."""

    status, code, title = 422, "closure_invalid", "停办的结束时间应晚于开始时间"


class ClosureInPast(Refusal):
    """What has begun cannot be closed any more."""

    status, code, title = 422, "closure_in_past", "停办的开始时间已经过去了"


class ClosureOverlaps(Refusal):
    """The same hall, queue or window is closed then already."""

    status, code, title = 409, "closure_overlaps", "这段时间已经登记了停办"


class ClosureNotFound(Refusal):
    """No closure of the hall that could be lifted."""

    status, code, title = 404, "closure_not_found", "没有找到这个停办，或者已经结束了"


class NothingToWaitFor(Refusal):
    """None of the days can be booked at all."""

    status, code, title = 422, "nothing_to_wait_for", "这几天大厅不办公或还没放号，不用候补"


class SeatsFree(Refusal):
    """There are seats to be had now."""

    status, code, title = 409, "seats_free", "这几天还有号，直接预约就行"


class AlreadyWaiting(Refusal):
    """One place per person, item, hall and first day."""

    status, code, title = 409, "already_waiting", "您已经在候补了"


class WaitingNotFound(Refusal):
    """No such place of this citizen, or its seat is offered already."""

    status, code, title = 404, "waiting_not_found", "没有找到这个候补"


class SuspensionNotFound(Refusal):
    """No suspension of this person in force."""

    status, code, title = 404, "suspension_not_found", "没有找到这个暂停记录，或者已经结束了"


class AppealExists(Refusal):
    """One appeal per suspension."""

    status, code, title = 409, "appeal_exists", "您已经申诉过了，请等结果"


class AppealNotFound(Refusal):
    """No open appeal in this hall."""

    status, code, title = 404, "appeal_not_found", "没有找到这个申诉，或者已经处理了"


class QrReplayed(Refusal):
    """The code was shown before."""

    status, code, title = 409, "qr_replayed", "这个二维码用过了，请刷新后再扫"


class QrWrongDay(Refusal):
    """The booking is for another day."""

    status, code, title = 409, "qr_wrong_day", "这个预约不是今天的"


class QrWrongHall(Refusal):
    """The booking is for another hall."""

    status, code, title = 409, "qr_wrong_hall", "这个预约在另一个大厅办理"


class NothingBookedToday(Refusal):
    """Nobody is booked today under this phone or number."""

    status, code, title = 404, "nothing_booked_today", "没有查到今天的预约，可以现场取号"
