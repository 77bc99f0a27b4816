"""Departments (部门), the hall (大厅), its windows and queues (窗口与队列), and short lists."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import (
    Field,
    RootModel,
    StrictBool,
    StrictInt,
    StringConstraints,
    field_validator,
    model_validator,
)

from miniapp_api.guides.item import Count, Id, Model, Name, Source, Text

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}$")]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Positive = Annotated[StrictInt, Field(ge=1)]
Percent = Annotated[StrictInt, Field(ge=0, le=100)]


class Department(Model):
    """A department (部门) that answers for items."""

    id: Id = Field(description="部门编号")
    name: Name = Field(description="部门名称")
    short: tuple[Name, ...] = Field((), description="口语简称")
    kind: Literal["government", "public_institution", "enterprise"] = Field(description="性质")
    phone: Text = Field(description="咨询电话")
    phone_verified: StrictBool = Field(False, description="电话是否核实过")


class Named(Model):
    """A theme (主题), life event (一件事) or electronic certificate (电子证照)."""

    id: Id = Field(description="编号")
    name: Name = Field(description="名称")
    aliases: tuple[Name, ...] = Field((), description="口语说法")


class Span(Model):
    """One opening period (办公时段), local time."""

    opens: Clock = Field(alias="from", description="开始")
    closes: Clock = Field(alias="to", description="结束")

    @field_validator("closes")
    @classmethod
    def _after_opening(cls, value: str, info: object) -> str:
        data = getattr(info, "data", {})
        if value <= data.get("opens", ""):
            raise ValueError("结束时间应晚于开始时间")
        return value

    @property
    def start(self) -> time:
        """Return the opening time (开门时间)."""
        return time.fromisoformat(self.opens)

    @property
    def end(self) -> time:
        """Return the closing time (关门时间)."""
        return time.fromisoformat(self.closes)


class Coordinates(Model):
    """Where the hall is (坐标), GCJ-02."""

    latitude: float = Field(ge=-90, le=90, description="纬度")
    longitude: float = Field(ge=-180, le=180, description="经度")


class Release(Model):
    """When a day's slots are released (放号): in the morning of the horizon's working day."""

    time: Clock = Field("08:00", description="几点放号")


class Pool(Model):
    """When what is left of a day becomes common to all channels (并池)."""

    working_days_before: Count = Field(1, description="提前几个工作日合并")
    time: Clock = Field("17:00", description="几点合并")


class Channels(Model):
    """How seats are divided among channels (渠道配额), in percent."""

    mini_program: Percent = Field(70, description="小程序")
    web_phone: Percent = Field(20, description="网页和电话")
    on_site: Percent = Field(10, description="现场")

    @model_validator(mode="after")
    def _whole(self) -> Channels:
        if self.mini_program + self.web_phone + self.on_site != 100:
            raise ValueError("各渠道之和应为100")
        return self


class Booking(Model):
    """The hall's booking rules (预约规则); a monthly limit of 0 is no limit."""

    first_working_day: Count = Field(description="从几个工作日后起可约")
    horizon_working_days: Positive = Field(description="最远可约多少个工作日")
    slot_minutes: Positive = Field(description="每个时段几分钟")
    hold_minutes: Positive = Field(description="占号几分钟不确认就放回")
    cancel_until_minutes: Annotated[StrictInt, Field(ge=0)] = Field(description="提前几分钟可取消")
    per_person_per_item_per_day: Positive = Field(description="每人每事项每天几个")
    per_person_per_day: Positive = Field(3, description="每人每天几个")
    late_minutes: Count = Field(15, description="迟到几分钟内仍按预约叫号")
    no_shows_per_month: Count = Field(2, description="每月爽约几次就暂停预约")
    cancellations_per_month: Count = Field(5, description="每月取消几次就暂停预约")
    suspend_days: Positive = Field(30, description="暂停预约几天")
    remote_tickets: StrictBool = Field(True, description="当天能否在手机上取号")
    release: Release = Field(Release.model_construct(time="08:00"), description="放号")
    pool: Pool = Field(
        Pool.model_construct(working_days_before=1, time="17:00"), description="并池"
    )
    channels: Channels = Field(
        Channels.model_construct(mini_program=70, web_phone=20, on_site=10), description="渠道配额"
    )


class Floor(Model):
    """A floor (楼层)."""

    number: StrictInt = Field(description="楼层号")
    name: Name = Field(description="叫法,如 一楼")
    zones: tuple[str, ...] = Field(description="区域编号")


class Zone(Model):
    """A zone of the hall (区域)."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}$")] = Field(description="区域编号")
    name: Name = Field(description="区域名")
    floor: StrictInt = Field(description="在几楼")


class Facility(Model):
    """Something the hall offers on site (便民设施)."""

    id: Id = Field(description="编号")
    name: Name = Field(description="名称")
    floor: StrictInt = Field(description="在几楼")
    note: Text | None = Field(None, description="说明")


class Hall(Model):
    """A hall (政务服务大厅)."""

    id: Id = Field(description="大厅编号")
    name: Name = Field(description="名称")
    short: tuple[Name, ...] = Field((), description="口语叫法")
    address: Text = Field(description="地址")
    transport: Text | None = Field(None, description="怎么去")
    coordinates: Coordinates | None = Field(None, description="坐标")
    phone: Text = Field(description="电话")
    departments_count: Count | None = Field(None, description="进驻部门数(事实)")
    windows_count: Count | None = Field(None, description="窗口数(事实)")
    staff_count: Annotated[StrictInt, Field(ge=0)] | None = Field(None, description="人员数(事实)")
    source: Source = Field(description="来源")
    hours: dict[Weekday, tuple[Span, ...]] = Field(description="办公时间;没写的日子不开门")
    makeup_workday: tuple[Span, ...] = Field((), description="调休上班的周末")
    hours_note: Text | None = Field(None, description="办公时间说明")
    booking: Booking = Field(description="预约规则")
    floors: tuple[Floor, ...] = Field((), description="楼层")
    zones: tuple[Zone, ...] = Field((), description="区域")
    facilities: tuple[Facility, ...] = Field((), description="便民设施")
    placeholders: tuple[str, ...] = Field((), description="待核实的字段路径")

    def spans(self, day: date, *, workday: bool) -> tuple[Span, ...]:
        """Return the opening periods (办公时段) of a day, given whether it is a workday."""
        if not workday:
            return ()
        return self.hours.get(WEEKDAYS[day.weekday()], ()) or self.makeup_workday  # type: ignore[call-overload]


class Queue(Model):
    """A queue (排队队列) of the hall, served by its windows."""

    id: Id = Field(description="队列编号")
    name: Name = Field(description="名称")
    prefix: Prefix = Field(description="票号前缀")
    department: Id = Field(description="部门编号")
    windows: tuple[Number, ...] = Field(min_length=1, description="窗口号")
    appointment_capacity_per_window_per_slot: Count = Field(description="每窗口每时段可约几人")
    items: tuple[Id, ...] | None = Field(None, description="只办这些事项;缺省为本队列的所有事项")


class Window(Model):
    """A window (窗口)."""

    number: Number = Field(description="窗口号,三位")
    zone: str = Field(description="区域编号")
    floor: StrictInt = Field(description="楼层")
    queue: Id = Field(description="队列编号")
    department: Id = Field(description="部门编号")


class Windows(Model):
    """A hall's windows and queues (windows/<hall>.yaml)."""

    hall: Id = Field(description="大厅编号")
    placeholders: tuple[str, ...] = Field((), description="待核实的字段路径")
    queues: tuple[Queue, ...] = Field(description="队列")
    windows: tuple[Window, ...] = Field(description="窗口")


class Year(Model):
    """One year of the working calendar (工作日历)."""

    status: Literal["published", "provisional"] = Field(description="国务院通知是否已发布")
    holidays: dict[Name, tuple[date, ...]] = Field(description="放假日期")
    workdays: tuple[date, ...] = Field((), description="调休上班的周末")


class Departments(RootModel[tuple[Department, ...]]):
    """The departments file (departments.yaml)."""


class NamedList(RootModel[tuple[Named, ...]]):
    """The themes, life events or certificates file."""


class Years(RootModel[dict[int, Year]]):
    """The calendar file (calendar.yaml)."""


class HotList(RootModel[tuple[Id, ...]]):
    """The editors' hot items file (hot.yaml): item codes."""
