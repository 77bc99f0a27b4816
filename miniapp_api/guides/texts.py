"""Every sentence that guides says to the citizen (给市民的话): short, polite, plain."""

from __future__ import annotations

from typing import Final

# --- the source of an answer -------------------------------------------------------------------
SOURCE_OWN: Final = "出自《{name}》办事指南第{version}版，{date}起用。"
SOURCE_IMPORTED: Final = "出自{label}《{name}》第{version}版，{date}导入。"
IMPORTED: Final = "此为{label}事项，非沈阳办理依据。"
PLACEHOLDERS: Final = "{fields}待核实，请以窗口或12345为准。"
NOT_VERIFIED: Final = "内容还没经沈阳窗口核实，请以窗口或12345为准。"
OVERDUE: Final = "这份指南已过复核期，可能有变化。"
BADGE_PLACEHOLDER: Final = "待核实"

FIELD_NAMES: Final = {
    "phone": "咨询电话",
    "place": "办理地点",
    "limits": "办理时限",
    "limits.promised": "承诺时限",
    "limits.statutory": "法定时限",
    "fee": "收费",
    "hours": "办理时间",
    "materials": "材料",
    "conditions": "受理条件",
    "steps": "流程",
    "visits": "跑动次数",
    "online": "网上办理",
    "result": "办理结果",
    "proxy": "代办规定",
    "duration_minutes": "办理用时",
    "appointment": "预约规定",
    "department": "办理部门",
    "circumstances": "情形",
    "legal_basis": "办理依据",
    "faqs": "常见问题",
    "hall.address": "大厅地址",
    "hall.hours": "大厅办公时间",
    "hall.phone": "大厅电话",
    "hall.zones": "楼层和区域",
    "windows": "窗口号",
}

# --- materials ---------------------------------------------------------------------------------
MATERIALS: Final = "办{name}，要带{count}样：\n{listed}"
MATERIALS_OPTIONAL: Final = "\n有这种情况再带：\n{listed}"
MATERIALS_ONLY_OPTIONAL: Final = "办{name}，一般不用带材料。"
MATERIALS_NONE: Final = "办{name}，不用交材料。"
MATERIAL_E_CERTIFICATE: Final = "（有电子{certificate}可免提交）"
CHOSEN: Final = "\n这是按“{options}”准备的。"
ASSUMED: Final = "\n这里先按“{options}”准备，情况不同请告诉我。"
FORMS: Final = {
    "original": "原件{count}份",
    "copy": "复印件{count}份",
    "original_and_copy": "原件和复印件各{count}份",
    "electronic": "电子件{count}份",
    "form": "{count}份，现场可填",
}

# --- the other aspects of an item --------------------------------------------------------------
STEPS: Final = "办{name}分{count}步：\n{listed}"
VISITS_NONE: Final = "\n全程不用跑现场。"
VISITS: Final = "\n要到现场{count}次。"
PLACE_HALL: Final = "到{hall}{where}办理{name}。"
PLACE_WINDOWS: Final = "{floor}{zone}{windows}号窗口"
PLACE_ALSO: Final = "这些大厅也能办：{halls}。"
PLACE_ADDRESS: Final = "大厅地址：{address}。"
PLACE_OUTLET: Final = "{name}不在政务大厅办。{note}"
PLACE_OUTLET_IMPORTED: Final = "{name}的办理地点：{note}。"
PLACE_ONLINE: Final = "{name}在网上办，不用到窗口。"
ELDER_LANE: Final = "老人可走{floor}的{name}。"
HOURS_HALL: Final = "{hall}{hours}。"
HOURS_ITEM: Final = "办{name}的时间：{hours}。"
HOURS_OUTLET: Final = "{name}在网点办，时间以网点为准，去之前可打{phone}问一下。"
HOURS_ONLINE: Final = "{name}网上随时能提交，工作日有人审核。"
OPEN_NOW: Final = "今天（{day}）开门，现在正在办公，到{until}。"
OPEN_LATER: Final = "今天（{day}）开门，{at}开始办公。"
OPEN_OVER: Final = "今天（{day}）已经下班了。"
OPEN_NOT: Final = "今天（{day}）{why}，不开门。"
TOMORROW_OPEN: Final = "明天（{day}）开门。"
TOMORROW_CLOSED: Final = "明天（{day}）不开门，下次开门是{next}。"
DAY_OFF: Final = "{holiday}放假"
DAY_REST: Final = "休息"
PROVISIONAL: Final = "{year}年放假安排还没公布，以上按周末休息推算。"
PHONE: Final = "{name}可以打{phone}问。"
PHONE_HOTLINE: Final = "打不通就拨政务热线{hotline}。"
FEE_FREE: Final = "办{name}不收费。"
FEE_FREE_NOTE: Final = "办{name}不收费：{text}"
FEE: Final = "办{name}的收费：{text}。"
FEE_BASIS: Final = "依据是{basis}。"
LIMIT_NOW: Final = "{name}材料齐的话当场就能办完。"
LIMIT_PROMISED: Final = "{name}承诺{days}办完"
LIMIT_STATUTORY: Final = "{name}法定{days}内办完。"
LIMIT_AND_STATUTORY: Final = "，法定最长{days}。"
LIMIT_NONE: Final = "{name}没有规定固定的办理时限，受理时窗口会告诉您大概多久。"
LIMIT_NONE_IMPORTED: Final = "{label}的资料没有写{name}的办理时限。"
READY: Final = "今天受理的话，最晚{day}办好。"
READY_NEXT: Final = "今天休息，按{accepted}受理算，最晚{day}办好。"
CONDITIONS: Final = "办{name}要符合：\n{listed}"
ONLINE: Final = {
    "none": "{name}目前不支持网上办理，要到现场。",
    "info": "{name}网上只能查询，办理要到现场。",
    "partial": "{name}可以先在网上提交预审，再到现场办。",
    "full": "{name}可以全程网上办，不用跑现场。",
}
ONLINE_IMPORTED: Final = "{name}可以在{label}的网上平台办，沈阳这边办不了。"
RESULT: Final = "{name}办好后，您会拿到{result}，{delivery}。"
DELIVERY: Final = {
    "window": "可以到窗口领",
    "courier": "可以邮寄到家",
    "electronic": "可以网上下载电子版",
}
LEGAL_BASIS: Final = "办{name}的依据：\n{listed}"
PROXY_YES: Final = "{name}可以找人代办。"
PROXY_NO: Final = "{name}不能代办，要本人办。"
APPLY_ONLINE: Final = "{name}可以在网上办，点下面的链接就能开始。"
APPLY_BOOK: Final = "{name}要到大厅办，可以先帮您预约，省得排队。"
APPLY_BOOK_REQUIRED: Final = "{name}要先预约再到大厅办，我可以帮您约。"
APPLY_WALK_IN: Final = "{name}直接带材料去办就行，不用预约。"
APPLY_IMPORTED: Final = "{name}是{label}的事项，沈阳这边办不了，请联系当地。"
OVERVIEW: Final = "{name}：{facts}。您想了解哪方面？"
OVERVIEW_IMPORTED: Final = "{name}是{label}的事项。{facts}您想了解哪方面？"
MISSING: Final = "指南里没有写{name}的{field}，请打{phone}问一下。"
MISSING_IMPORTED: Final = "{label}的资料里没有写{name}的{field}，可以打{phone}问一下。"
CUT: Final = "……（后面的请看办事指南）"

# --- facts in a card ---------------------------------------------------------------------------
FACT_FREE: Final = "免费"
FACT_NOW: Final = "当场办完"
FACT_VISITS: Final = "跑{count}次"
FACT_NO_VISIT: Final = "不用跑现场"
FACT_MATERIALS: Final = "{count}样材料"
FACT_NO_MATERIALS: Final = "不用交材料"
NOT_WRITTEN: Final = "没有写明"

CHECKLIST_EMPTY_IMPORTED: Final = "没有写明要带的材料，去之前请打电话问一下。"

# --- conversation ------------------------------------------------------------------------------
CANDIDATES: Final = "您要问的是哪一件？\n{listed}"
CANDIDATE_IMPORTED: Final = "{name}（{where}）"
NONE_OF_THEM: Final = "都不是"
UNKNOWN: Final = "这件事我还没查到。您可以换个说法，或者打政务热线{hotline}问问。"
UNKNOWN_NEAR: Final = "我没太听准。您看看是不是下面这几件？都不是的话，换个说法或打{hotline}问问。"
LOST: Final = "实在抱歉，还是没帮上您。要不要转给工作人员？也可以打政务热线{hotline}。"
WHICH_ITEM: Final = "您想问哪件事？比如“身份证丢了”“办护照”。"
HELP: Final = (
    "我可以告诉您办事要带什么、去哪办、多少钱、多久办好，还能帮您预约大厅、查预约和进度。"
    "您直接说要办的事就行，比如“身份证丢了怎么办”。"
)
GREET: Final = "您好，我是沈办，{city}政务服务的小助手。您要办什么事？"
THANKS: Final = "不客气，还有别的事随时问我。"
GOODBYE: Final = "再见，祝您办事顺利。"
CHITCHAT: Final = "我只懂办事的事，闲聊不太在行。您有要办的事，尽管问我。"
OUT_OF_SCOPE: Final = "这个我帮不上忙，我只管政务办事。别的事可以打{hotline}问问。"
COMPLAINT: Final = "让您受委屈了。投诉请打政务热线{hotline}，也可以点下面找工作人员。"
HUMAN: Final = "好的，点下面找工作人员，也可以打政务热线{hotline}。"
RATE: Final = "谢谢您愿意评价。办完事后可以在“我的办件”里打分，也可以打{hotline}说说意见。"
QUEUE_POSITION: Final = "您前面还有几位，在“我的排队”里能看到，还会告诉您大概要等多久。"
LATE: Final = (
    "预约的时间过了{minutes}分钟以内到，签到后还按预约叫号；再晚就按现场取号排队，号不作废。"
    "叫号三遍没应会过号，到导服台说一声就能重新排，最多两次。"
)
QUIET_DAY: Final = "说一下您要办的事，我看看这几天哪天号多、人少。"
WAIT_LIST: Final = "约满了可以候补：有人退号，就按先后顺序给您留号，并通知您确认。"
TICKET: Final = "取号请到大厅一楼取号机，也可以点下面看排队情况。预约过的不用再排队。"
BOOK: Final = "可以预约大厅窗口。您要办哪件事？"
BOOK_ITEM: Final = "{name}可以预约，点下面选时间。"
BOOK_NOT_NEEDED: Final = "{name}不用预约，直接去办就行。"
BOOK_NOT_HALL: Final = "{name}不在政务大厅办，这里约不了。"
MY_BOOKINGS: Final = "点下面可以看您的预约，也能在那里改时间或取消。"
MY_PROGRESS: Final = "点下面可以查您的办件进度。"
AFFIRM: Final = "好的。您接着说，还想问什么？"
DENY: Final = "好的，那您想办什么事？"
STOP: Final = "好的，先到这儿。有事随时叫我。"

# --- buttons and links -------------------------------------------------------------------------
NEXT_QUESTIONS: Final = {
    "materials": ("要带什么", "要带什么材料"),
    "fee": ("多少钱", "要多少钱"),
    "time_limit": ("多久办好", "多久能办好"),
    "place": ("去哪办", "在哪办"),
    "online": ("能网上办吗", "能网上办吗"),
    "hours": ("几点上班", "几点上班"),
    "steps": ("怎么办理", "怎么办理"),
}
BOOK_FOR_ME: Final = ("帮我预约", "帮我预约")
ASK_HUMAN: Final = ("找人工", "转人工")
LINK_GUIDE: Final = "看办事指南"
LINK_MATERIALS: Final = "材料清单"
LINK_APPLY: Final = "网上申请"
LINK_BOOKING: Final = "预约窗口"
LINK_MY_BOOKINGS: Final = "我的预约"
LINK_PROGRESS: Final = "办件进度"
LINK_QUEUE: Final = "排队情况"
LINK_MY_QUEUE: Final = "我的排队"
LINK_WAITING: Final = "我的候补"
LINK_HUMAN: Final = "找工作人员"

# --- refusals ----------------------------------------------------------------------------------
ITEM_NOT_FOUND: Final = "没有找到这个事项。"
UNKNOWN_CIRCUMSTANCE: Final = "这个事项没有这种情形，可用：{allowed}。"
NO_CIRCUMSTANCES: Final = "这个事项不分情形，不用选。"
UNKNOWN_OPTION: Final = "情形“{circumstance}”没有这个选项，可用：{allowed}。"
UNKNOWN_MEMBER: Final = "这件事里没有这个事项，可用：{allowed}。"
BUNDLE_UNVERIFIED: Final = "哪些事项一起办、由哪个部门牵头，沈阳还没有核实，以大厅答复为准。"
REPEATED_CIRCUMSTANCE: Final = "同一个情形选了两次。"
UNKNOWN_ASPECT: Final = "不认识的方面，可用：{allowed}。"
UNKNOWN_FILTER: Final = "没有这个{what}，可用：{allowed}。"

WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
