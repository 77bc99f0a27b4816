"""The enumerations (枚举) of the handbook, each value with its official Chinese term."""

from __future__ import annotations

from enum import StrEnum


class Term(StrEnum):
    """A code that knows its Chinese term (中文术语)."""

    term: str

    def __new__(cls, value: str, term: str) -> Term:
        """Keep the code as the value and the term beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.term = term
        return member


class ItemType(Term):
    """Type of a service item (事项类型)."""

    ADMINISTRATIVE_LICENCE = "administrative_licence", "行政许可"
    ADMINISTRATIVE_PAYMENT = "administrative_payment", "行政给付"
    ADMINISTRATIVE_CONFIRMATION = "administrative_confirmation", "行政确认"
    ADMINISTRATIVE_REWARD = "administrative_reward", "行政奖励"
    ADMINISTRATIVE_ADJUDICATION = "administrative_adjudication", "行政裁决"
    OTHER_POWER = "other_power", "其他行政权力"
    PUBLIC_SERVICE = "public_service", "公共服务"


class CaseType(Term):
    """Whether a case is closed on the spot or within a promise (办件类型)."""

    INSTANT = "instant", "即办件"
    PROMISED = "promised", "承诺件"


class DayUnit(Term):
    """Which days a time limit counts (时限单位)."""

    WORKING = "working_days", "个工作日"
    CALENDAR = "calendar_days", "日"


class ServiceObject(Term):
    """Whom an item serves (服务对象)."""

    PERSONAL = "personal", "自然人"
    LEGAL_PERSON = "legal_person", "法人"


class MaterialForm(Term):
    """In which form a material is handed in (材料形式)."""

    ORIGINAL = "original", "原件"
    COPY = "copy", "复印件"
    ORIGINAL_AND_COPY = "original_and_copy", "原件和复印件"
    ELECTRONIC = "electronic", "电子件"
    FORM = "form", "申请表(现场可填)"


class PlaceKind(Term):
    """Where an item is handled (办理地点类型)."""

    HALL = "hall", "政务服务大厅"
    OUTLET = "outlet", "就近网点"
    ONLINE = "online", "网上"


class OnlineDepth(Term):
    """How far an item can be done online (网上办理深度)."""

    NONE = "none", "不支持网上办理"
    INFO = "info", "网上可查询"
    PARTIAL = "partial", "网上预审"
    FULL = "full", "全程网办"

    @property
    def begins_online(self) -> bool:
        """Tell whether an application can at least be begun online (能否网上提交)."""
        return self in (OnlineDepth.PARTIAL, OnlineDepth.FULL)


class AppointmentRule(Term):
    """Whether a visit needs an appointment (是否需要预约)."""

    NONE = "none", "不用预约"
    OPTIONAL = "optional", "可以预约"
    REQUIRED = "required", "必须预约"


class Delivery(Term):
    """How a result reaches the citizen (结果送达方式)."""

    WINDOW = "window", "窗口领取"
    COURIER = "courier", "邮寄送达"
    ELECTRONIC = "electronic", "电子送达"


class SourceKind(Term):
    """Where the facts of an item come from (来源)."""

    COMPILED = "compiled", "整理编写"
    OFFICIAL = "official", "官方发布"
    IMPORTED = "imported", "外地目录导入"


class Tag(Term):
    """What a sentence tells about the person and the case (人群与情形标签)."""

    LOST = "lost", "丢失"
    EXPIRED = "expired", "过期"
    DAMAGED = "damaged", "损坏"
    EXPIRING = "expiring", "快到期"
    FIRST_TIME = "first_time", "首次办理"
    RENEWAL = "renewal", "续期换领"
    CHANGE = "change", "变更"
    FOR_CHILD = "for_child", "给孩子办"
    FOR_ELDER = "for_elder", "给老人办"
    FOR_SPOUSE = "for_spouse", "给配偶办"
    FOR_OTHER = "for_other", "给别人办"
    MINOR = "minor", "未成年人"
    NON_LOCAL = "non_local", "外地户口"
    LOCAL = "local", "本地户口"
    FOREIGNER = "foreigner", "外国人"
    HK_MO_TW = "hk_mo_tw", "港澳台居民"
    STUDENT = "student", "学生"
    VETERAN = "veteran", "退役军人"
    DISABLED = "disabled", "残疾人"
    RETIRED = "retired", "退休人员"
    UNEMPLOYED = "unemployed", "失业人员"
    PREGNANT = "pregnant", "孕妇"
    DECEASED = "deceased", "人去世了"
    DIVORCED = "divorced", "离婚"
    REMARRIED = "remarried", "再婚"
    COMPANY = "company", "企业"
    SOLE_TRADER = "sole_trader", "个体户"
    URGENT = "urgent", "着急"
    BY_PROXY = "by_proxy", "代办"
    INHERITED = "inherited", "继承"
    GIFTED = "gifted", "赠与"
    SECOND_HAND = "second_hand", "二手"


class Aspect(Term):
    """What is asked about (问的是哪方面)."""

    OVERVIEW = "overview", "概况"
    MATERIALS = "materials", "材料"
    STEPS = "steps", "流程"
    PLACE = "place", "办理地点"
    HOURS = "hours", "办理时间"
    PHONE = "phone", "咨询电话"
    FEE = "fee", "收费"
    TIME_LIMIT = "time_limit", "办理时限"
    CONDITIONS = "conditions", "受理条件"
    ONLINE = "online", "网上办理"
    RESULT = "result", "办理结果"
    LEGAL_BASIS = "legal_basis", "办理依据"
    PROXY = "proxy", "代办"
    APPLY = "apply", "我要办"
    BOOK = "book", "预约"
    RESCHEDULE = "reschedule", "改约"
    CANCEL = "cancel", "取消预约"
    MY_BOOKINGS = "my_bookings", "我的预约"
    MY_PROGRESS = "my_progress", "办件进度"
    TICKET = "ticket", "取号排队"
    QUEUE_POSITION = "queue_position", "排到哪了"
    LATE = "late", "迟到过号"
    QUIET_DAY = "quiet_day", "哪天人少"
    WAIT_LIST = "wait_list", "候补"
    COMPLAINT = "complaint", "投诉"
    RATE = "rate", "评价"
    HUMAN = "human", "人工"
    HELP = "help", "帮助"
    INFORM = "inform", "补充信息"
    AFFIRM = "affirm", "肯定"
    DENY = "deny", "否定"
    STOP = "stop", "退出"
    GREET = "greet", "问好"
    THANKS = "thanks", "道谢"
    GOODBYE = "goodbye", "道别"
    CHITCHAT = "chitchat", "闲聊"
    OUT_OF_SCOPE = "out_of_scope", "超出范围"
    CANDIDATES = "candidates", "反问"
    UNKNOWN = "unknown", "没听懂"
    LOST = "lost", "又没听懂"
