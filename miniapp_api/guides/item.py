"""The service item (业务办理项): one lax model for every catalogue, a strict one for our own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

from miniapp_api.guides.terms import (
    AppointmentRule,
    CaseType,
    DayUnit,
    Delivery,
    ItemType,
    MaterialForm,
    OnlineDepth,
    PlaceKind,
    ServiceObject,
    SourceKind,
    Tag,
)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
# Codes of other catalogues come in several shapes: opaque, never parsed for meaning.
AnyCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{3,64}$")]
OwnCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{3,64}$")]
Count = Annotated[StrictInt, Field(ge=0, le=1000)]


class Model(BaseModel):
    """Base of all handbook data: immutable, no unknown field."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=False)


class Option(Model):
    """One answer to a circumstance question (情形选项)."""

    id: Id = Field(description="选项编号,同一情形内唯一")
    label: Name = Field(description="选项文字,给市民看的")
    default: StrictBool = Field(False, description="没问清时按这一项准备")
    tags: tuple[Tag, ...] = Field((), description="句子里出现这些标签时自动选这一项")


class Circumstance(Model):
    """A question whose answer decides the materials (情形)."""

    id: Id = Field(description="情形编号,同一事项内唯一")
    question: Name = Field(description="问市民的话")
    options: tuple[Option, ...] = Field(min_length=2, description="选项,至少两个")

    @property
    def default(self) -> Option:
        """Return the option to assume (默认选项): the marked one, else the first."""
        return next((option for option in self.options if option.default), self.options[0])


class Material(Model):
    """One thing to hand in (申请材料)."""

    name: Name = Field(description="材料名称")
    form: MaterialForm | None = Field(None, description="材料形式")
    count: Count | None = Field(None, description="份数")
    required: StrictBool = Field(True, description="false = 必要时提供")
    when: dict[str, tuple[str, ...]] | None = Field(
        None, description="只在这些情形选项下需要(多个情形须同时满足)"
    )
    certificate: str | None = Field(None, description="可替代它的电子证照编号")
    note: Text | None = Field(None, description="样本或填写说明")


class Step(Model):
    """One step of the procedure (办理流程的一步)."""

    name: Name = Field(description="步骤名")
    detail: Text = Field(description="这一步做什么")


@dataclass(frozen=True)
class Span:
    """A number of days (天数) of one kind."""

    days: int
    unit: DayUnit

    def __str__(self) -> str:
        """Say it: 20个工作日, 60日."""
        return f"{self.days}{self.unit.term}"


class Limits(Model):
    """Time limits (办理时限): promises in working days, the law's in the days it counts."""

    statutory: Count | None = Field(description="法定办结时限;null = 未规定,0 = 当场")
    statutory_unit: DayUnit = Field(
        DayUnit.WORKING, description="法定时限按什么日子算:working_days 工作日,calendar_days 自然日"
    )
    promised: Count | None = Field(description="承诺办结时限,工作日;null = 未承诺,0 = 当场")


class FeeRule(Model):
    """An amount that is paid under some options (收费标准)."""

    name: Name = Field(description="收费项目")
    amount_fen: Annotated[StrictInt, Field(ge=1, le=100_000_000)] = Field(description="金额,分")
    when: dict[str, tuple[str, ...]] | None = Field(None, description="只在这些情形选项下收")


class Fee(Model):
    """What the citizen pays (收费)."""

    free: StrictBool = Field(description="是否免费")
    text: Text = Field(description="市民要交多少钱")
    basis: Text | None = Field(None, description="收费依据;免费时为 null")
    rules: tuple[FeeRule, ...] = Field((), description="网上能直接缴的收费标准;没有就到窗口缴")
    due: Literal["submission", "issue"] = Field(
        "submission", description="什么时候缴:submission 提交前,issue 发证前"
    )


class Place(Model):
    """Where the item is handled (办理地点)."""

    kind: PlaceKind = Field(description="大厅、网点还是网上")
    queue: str | None = Field(None, description="windows/ 里的队列编号;缺省为部门编号")
    note: Text | None = Field(None, description="地点补充说明")


class Online(Model):
    """What can be done online (网上办理)."""

    depth: OnlineDepth = Field(description="网办深度")
    note: Text | None = Field(None, description="网上能办到哪一步")
    assurance: Annotated[StrictInt, Field(ge=1, le=3)] = Field(
        2, description="要认证到哪一级:1 手机号,2 实名,3 实名加人脸"
    )


class Result(Model):
    """What the citizen receives (办理结果)."""

    name: Name = Field(description="结果名称")
    delivery: tuple[Delivery, ...] = Field(description="送达方式")
    certificate: str | None = Field(
        None, description="办成后发哪种电子证照,certificates.yaml 的编号"
    )
    valid_months: Annotated[StrictInt, Field(ge=1, le=1200)] | None = Field(
        None, description="电子证照有效多少个月;缺省为长期"
    )


class Proxy(Model):
    """Whether somebody else may act (代办)."""

    allowed: StrictBool = Field(description="是否可以代办")
    note: Text | None = Field(None, description="代办要求")


class Faq(Model):
    """A frequent question with its answer (常见问题)."""

    q: Name = Field(description="问题")
    a: Text = Field(description="回答")


class Source(Model):
    """Where the facts come from (来源)."""

    kind: SourceKind = Field(description="来源类别")
    note: Text | None = Field(None, description="来源说明")


class Item(Model):
    """A service item of any catalogue (业务办理项); what a source lacks stays empty."""

    code: AnyCode = Field(description="编码,不透明")
    name: Name = Field(description="事项名称")
    aliases: tuple[Name, ...] = Field((), description="市民的说法")
    type: ItemType | None = Field(None, description="事项类型")
    case_type: CaseType | None = Field(None, description="办件类型")
    department: Name | None = Field(None, description="部门编号(导入的事项为部门名称)")
    objects: tuple[ServiceObject, ...] = Field((), description="服务对象")
    themes: tuple[Id, ...] = Field((), description="主题,第一个即所在文件夹")
    life_events: tuple[Id, ...] = Field((), description="人生事件")
    conditions: tuple[Text, ...] = Field((), description="受理条件,一句一条")
    circumstances: tuple[Circumstance, ...] = Field((), description="情形")
    materials: tuple[Material, ...] = Field((), description="申请材料")
    steps: tuple[Step, ...] = Field((), description="办理流程")
    limits: Limits | None = Field(None, description="办理时限")
    visits: Count | None = Field(None, description="到现场次数")
    fee: Fee | None = Field(None, description="收费")
    place: Place | None = Field(None, description="办理地点")
    hours: Text | None = Field(None, description="办理时间;null = 大厅的时间")
    phone: Text | None = Field(None, description="咨询电话")
    online: Online | None = Field(None, description="网上办理")
    appointment: AppointmentRule = Field(AppointmentRule.NONE, description="是否预约")
    duration_minutes: Count | None = Field(None, description="窗口办理大约几分钟")
    materials_check: Literal["reminder", "required"] = Field(
        "reminder", description="确认预约前核对材料:reminder 提醒,required 备齐才能约"
    )
    result: Result | None = Field(None, description="办理结果")
    proxy: Proxy | None = Field(None, description="代办")
    legal_basis: tuple[Text, ...] = Field((), description="设定依据,只写名称")
    faqs: tuple[Faq, ...] = Field((), description="常见问题")
    related: tuple[str, ...] = Field((), description="相近事项的编码")
    version: Annotated[StrictInt, Field(ge=1)] = Field(1, description="版本号")
    effective: date | None = Field(None, description="生效日期")
    review_by: date | None = Field(None, description="复核期限,过期即提醒")
    source: Source = Field(description="来源")
    verified: StrictBool = Field(False, description="是否经沈阳的工作人员核实")
    placeholders: tuple[str, ...] = Field((), description="待核实的字段路径")

    @property
    def catalogue(self) -> str:
        """Return the catalogue (目录) the item belongs to."""
        return "handbook"

    @property
    def label(self) -> str | None:
        """Return the foreign region's name (来源地区), or None for an item of ours."""
        return None


class HandbookMaterial(Material):
    """A material of our own handbook (申请材料): form and count are known."""

    form: MaterialForm = Field(description="材料形式")
    count: Annotated[Count, Field(ge=1)] = Field(description="份数")
    required: StrictBool = Field(description="false = 必要时提供")


class HandbookItem(Item):
    """A service item of our own handbook (沈阳业务办理项): every field of the form is filled."""

    model_config = ConfigDict(title="沈办办事指南事项")

    code: OwnCode = Field(description="编码,不透明,唯一,与文件名相同")
    aliases: tuple[Name, ...] = Field(min_length=1, description="市民的说法,4-10 个")
    type: ItemType = Field(description="事项类型")
    case_type: CaseType = Field(description="办件类型")
    department: Id = Field(description="departments.yaml 里的部门编号")
    objects: tuple[ServiceObject, ...] = Field(min_length=1, description="服务对象")
    themes: tuple[Id, ...] = Field(min_length=1, description="主题,第一个即所在文件夹")
    life_events: tuple[Id, ...] = Field(description="人生事件,可为 []")
    conditions: tuple[Text, ...] = Field(min_length=1, description="受理条件,一句一条")
    circumstances: tuple[Circumstance, ...] = Field(description="决定材料的情形,可为 []")
    materials: tuple[HandbookMaterial, ...] = Field(description="申请材料")
    steps: tuple[Step, ...] = Field(min_length=1, description="办理流程")
    limits: Limits = Field(description="办理时限")
    visits: Count = Field(description="到现场次数")
    fee: Fee = Field(description="收费")
    place: Place = Field(description="办理地点")
    hours: Text | None = Field(description="办理时间;null = 大厅的时间")
    phone: Text = Field(description="咨询电话")
    online: Online = Field(description="网上办理")
    appointment: AppointmentRule = Field(description="是否预约")
    duration_minutes: Annotated[StrictInt, Field(ge=1, le=480)] | None = Field(
        description="窗口办理大约几分钟;不用到窗口的为 null"
    )
    result: Result = Field(description="办理结果")
    proxy: Proxy = Field(description="代办")
    legal_basis: tuple[Text, ...] = Field(min_length=1, description="设定依据,只写名称")
    faqs: tuple[Faq, ...] = Field(description="常见问题,可为 []")
    related: tuple[OwnCode, ...] = Field(description="相近事项的编码,可为 []")
    version: Annotated[StrictInt, Field(ge=1)] = Field(description="版本号,每次改动加一")
    effective: date = Field(description="生效日期")
    review_by: date = Field(description="复核期限,过期即提醒")
    verified: StrictBool = Field(description="是否经沈阳的工作人员核实")
    placeholders: tuple[str, ...] = Field(description="待核实的字段路径,可为 []")


class ImportedItem(Item):
    """An item of another region's catalogue (外地事项), never a basis for Shenyang."""

    from_catalogue: Id = Field(description="导入目录的名字")
    from_label: Name = Field(description="来源地区,如 广东省")
    imported_on: date = Field(description="首次导入或上次变化的日期")
    checksum: str = Field(description="来源行的校验和")
    extra: dict[str, Any] = Field(default_factory=dict, description="来源里没有对应字段的原值")

    def as_line(self) -> bytes:
        """Return the canonical JSON line (目录行); what any reader needs is always in it."""
        values = self.model_dump(mode="json", exclude_defaults=True)
        return orjson.dumps({"code": self.code, "name": self.name, "aliases": [], **values})

    @property
    def catalogue(self) -> str:
        """Return the catalogue (目录) the item belongs to."""
        return self.from_catalogue

    @property
    def label(self) -> str | None:
        """Return the foreign region's name (来源地区)."""
        return self.from_label
