"""Everything the bot itself says (话术). Guide answers are composed by the API, not here."""

from __future__ import annotations

API_DOWN = "实在抱歉，系统这会儿忙不过来，请过一会儿再说一遍。急事可以打政务服务热线12345。"
HUMAN_LINK = "找工作人员"
CONFIRM_DOWN = "系统这会儿有点慢，号还给您留着。请过一会儿再说一次“确认”，急事可打12345。"

# asking for the matter
WHICH_ITEM = "您想问哪件事？直接说事项就行，比如“身份证丢了”“办居住证”。"
WHICH_ITEM_TO_BOOK = "您想约办哪件事？直接说事项就行，比如“补办身份证”。"
WHICH_OF_THESE = "您要约的是下面哪一件？点一下，或者说“第一个”。"
ITEM_CHANGED = "好，换成“{item}”。"
NOT_UNDERSTOOD_IN_FORM = "这句没太听明白。"
STILL_NOT_UNDERSTOOD = (
    "还是没听明白，您可以点下面的选项；不想约了就说“算了”。也可以打12345让人工帮您。"
)

# booking
WHICH_HALL = "有几个地方能办，您想去哪儿？"
WHICH_DAY = "“{item}”您想哪天来？这几天还有号："
WHICH_DAY_SHORT = "您想换到哪天？这几天还有号："
WHICH_SEAT = "{day}{part}还有这些时段，选一个就行："
WHICH_SEAT_NEAR = "{day}{at}没有号了，离得近的还有这些："
OTHER_PART = "{day}{part}没有号了，这天{other}还有："
DAY_CLOSED = "{day}不能约：{reason}。最近能约的是："
NOT_OPEN = "大厅不上班"
FULL = "约满"  # how the API says why a full day cannot be booked
DAY_FULL = "{day}的号约满了。最近还有号的是："
DAY_PAST = "{day}已经过去了。最近能约的是："
DAY_TOO_FAR = "{day}还没开始放号。最近能约的是："
NOTHING_FREE = "最近都没有号了。可以候补，有人退号就给您留着；新号也会陆续放出来。"
NO_MORE = "这天就这些时段了。"
NOT_BOOKABLE = "“{item}”不用在大厅预约。{detail}"
HELD = (
    "给您留住了这个号，请看看对不对，材料备得齐、没问题就说“确认”{minutes}。"
    "要改时间、改办理人，直接说就行。"
)
HELD_MINUTES = "（为您保留{minutes}分钟）"
WHICH_CHANGE = "要改哪一样？"
WHO_COMES = "这次是给谁办？"
SLOT_GONE = "刚才那个时段没号了。"
HOLD_EXPIRED = "留的号过了时间，已经放回去了，我给您重新找。"
BOOKED = "约好了！请按时到窗口，带齐材料。"
ALREADY_BOOKED = "您这天已经约过这件事了：{when}。要改时间还是取消？"
ALREADY_CONFIRMED = "已经约好了，不用再确认。"
STOPPED = "好的，不约了。以后想办随时跟我说。"
STOPPED_HELD = "好的，不约了，刚才留的号也放回去了。"
BACK_TO_BOOKING = "咱们接着约。"
LOGIN = "约号要先登录，登录以后才知道是给谁约。登录好了回来说一声“好了”，我接着帮您约。"
LOGIN_MINE = "这要先登录才能看到您自己的预约。登录好了回来再问我就行。"
REFUSED = "没办成：{detail}"

# my bookings
NO_BOOKINGS = "您现在没有预约。想约的话，说“帮我约”加上要办的事就行。"
MY_BOOKING = "您约的是{when}。"
MY_BOOKINGS = "您有{count}个预约："

# rescheduling
WHICH_BOOKING = "您有几个预约，要{verb}哪一个？"
NOTHING_TO_CHANGE = "您现在没有预约，没有可{verb}的。想约的话直接说要办的事。"
NOTHING_SO_BOOK = "您现在没有预约，我给您约新的。"
RESCHEDULE_CHECK = "把预约从{old}改到{new}，对吗？说“确认”就改。"
RESCHEDULED = "改好了，新的时间是{when}。原来的时间已经退掉。"
RESCHEDULE_STOPPED = "好的，不改了。"
SAME_SEAT = "您原来约的就是这个时间，不用改。"

# cancelling
CANCEL_CHECK = "要取消{when}的“{item}”预约吗？取消后号就放回去了。"
CANCELLED = "已经取消了。要是点错了，跟我说“重新约”，我再帮您约。"
KEPT = "好的，预约给您留着：{when}。"

# progress of cases
LOGIN_CASES = "办件要先登录才能看到您自己的。登录好了回来再问我就行。"
NO_CASES = "您在网上还没有交过申请。在窗口交的，打12345或者问受理的窗口。"
NO_CASES_OF = "{item}您还没有交过申请。"
THIS_MATTER = "这件事"
CASE_IS = "“{item}”现在：{state}。"
CASE_WITH = "{who}在办，从{since}开始。"
CASE_DUE = "最晚{day}办完。"
CASE_PAUSED = "现在这一步不算在办理时限里。"
CASE_REASON = "原因写在办件里，点“看办件”就能看到。"
CASE_CORRECTION = "“{item}”有要补的，{until}补上就行。"
CASE_CORRECTION_UNTIL = "{day}前"
CASE_CORRECTION_SOON = "请尽快"
WHICH_CASE = "您有{count}个办件，要看哪一个？"
MY_CASES = "您有{count}个办件："
ASK_CASES = "办到哪一步了"
NOT_LOOK = "不看了"
CASE_TITLE = "{item}（{day}交）"
CASE_TITLE_TAIL = "{item}（{day}交，尾号{tail}）"
CASE_GONE = "没有找到这个办件，请再说一遍要看哪一个。"
DRAFT_OPEN = "“{item}”还有一份草稿没交，打开接着填就行。"
SEE_CASE = "看办件"
GO_CORRECT = "去补正"
GO_ON = "接着填"
CASE_CARD = "办件进度"
CASES_CARD = "我的办件"

# what is still missing
MISSING_OF_CASE = "“{item}”要补这些，{until}补上就行：\n{listed}"
MISSING_LINE = "{number}. {title}：{problem}"
MISSING_OF_DRAFT = "“{item}”的草稿还差这些：\n{listed}"
MISSING_FAULT = "{number}. {message}"
MISSING_MORE = "……一共{count}处，打开草稿都有提示。"
DRAFT_STUCK = "“{item}”的草稿：{detail}"
DRAFT_READY = "“{item}”的草稿都填好了，材料也齐，打开点提交就行。"
CASE_COMPLETE = "“{item}”已经交上去了，现在{state}，没有要补的。"

# withdrawing
NOTHING_TO_WITHDRAW = "您没有能撤回的申请。"
NOTHING_TO_WITHDRAW_DRAFT = "您没有交上去的申请。草稿没交就不算数，不用撤。"
WHICH_WITHDRAW = "您有几个办件，要撤回哪一个？"
WITHDRAW_CHECK = (
    "要撤回“{item}”吗？是{day}交的，现在{state}。撤回后这次申请就结束了，想办可以再申请。"
)
WITHDRAWN = "“{item}”撤回来了，这次申请已经结束。以后想办，随时再申请。"
WITHDRAW_TOO_LATE = "“{item}”现在是{state}，撤不了了。有疑问请打12345。"
WITHDRAW_KEPT = "好的，不撤，接着办。"
WITHDRAW_CHANGED = "这个办件刚刚有了变化，请再看一眼。"
WITHDRAW_DOWN = "系统这会儿有点慢，不知道撤成了没有。请过一会儿问一声“办到哪了”。"
WITHDRAW_YES = "确认撤回"
WITHDRAW_NO = "不撤回"
WITHDRAW = "撤回申请"

# applying online
WHICH_ITEM_TO_APPLY = "您想在网上办哪件事？直接说事项就行，比如“办居住证”。"
WHICH_ITEM_FOR = "您想给{who}办哪件事？直接说事项就行，比如“办居住证”。"
WHICH_TO_APPLY = "您要办的是下面哪一件？点一下，或者说“第一个”。"
APPLY_NOT_ONLINE = "“{item}”还不能在网上申请，可以约个号到大厅办。"
APPLY_SELF_ONLY = "“{item}”要本人办，别人代办不了。"
APPLY_HEAD = "在网上办“{item}”，先问您{count}句话："
WHICH_OPTION_AGAIN = "没太听明白，点下面的就行。"
APPLY_NO_ENTERPRISE = (
    "“{item}”要用单位的名义办。先在“我的企业”里加上单位，或者请法定代表人给您授权，再回来说一声。"
)
WHICH_ENTERPRISE = "用哪个单位的名义办？"
WHICH_APPLICANT = "给您本人办，还是给单位办？"
ADD_ENTERPRISE = "我的企业"
APPLY_DRAFT = "草稿开好了，点“去填写”接着填。知道的已经替您填上，填一半退出也不会丢。"
APPLY_DRAFT_FOR = "给{who}办的草稿开好了，点“去填写”接着填。填一半退出也不会丢。"
APPLY_RESUMED = "您以前开过这份草稿，填过的都在。当时选的情形跟刚才说的不一样，打开可以改。"
APPLY_STOPPED = "好的，先不办了。想办随时跟我说。"
BACK_TO_APPLY = "咱们接着办。"
LOGIN_APPLY = "开草稿要先登录，登录以后才知道是给谁办。登录好了回来说一声“好了”，我接着帮您办。"
DONT_KNOW = "不清楚"
STOP_APPLY = "不办了"
GO_FILL = "去填写"
APPLY_ONLINE_BUTTON = "网上办"
APPLY_ONLINE_SAID = "我要网上办"
STILL_MISSING = "还缺啥材料"
APPLY_CARD = "网上申请"
APPLY_MATERIALS = "{count}份"
APPLY_COVERED = "{count}份，其中{covered}份可以用电子证照，不用传"
APPLY_FEE = "{yuan}元，网上缴"

# booking for somebody else
NEEDS_CONSENT = (
    "给{who}{verb}，要先有{who}的同意：在“办理人”里加上{who}，"
    "把{who}手机收到的验证码告诉您，填上就行。"
)
WHICH_PRINCIPAL = "给哪一位{verb}？"
LOGGED_IN_BACK = "加好了"
ADD_PERSON = "添加办理人"
FOR_MYSELF = "给本人约"
FOR_MYSELF_APPLY = "给本人办"
PERSON_NAMES = {"elder": "老人", "spouse": "配偶", "other": "那位亲友"}

# before and around a booking
MATERIALS_REQUIRED = "这件事要备齐材料才能约。备齐了就说“备齐了”，我马上给您约上。"
READY = "备齐了"
WHAT_TO_BRING = "要带什么"
STANDING = "查看预约信用"
DISPLACED = "窗口这段时间临时停办，这个预约要改个时间："

# the waiting list
WAIT_OFFER = "要不要候补？有人退号就给您留着。"
WAIT_BUTTON = "候补"
WAITING_JOINED = "候补上了：{item}，{day}。前面还有{ahead}位，有号马上通知您。"
WAITING_MINE = "您在候补：{item}，{day}，前面还有{ahead}位。"
WAITING_OFFERED = "有号了！请看“我的预约”，确认就约上。"
WAITING_NONE = "您现在没有候补。想约的那天满了，跟我说“候补”就行。"
WAITING_LEFT = "候补取消了。"
WAITING_WHICH_ITEM = "您想候补哪件事？先说要办的事，比如“候补明天补办身份证”。"
WAITING_WHICH_DAY = "“{item}”您想候补哪天？说“明天”“下周三”都行。"
WAITING_SEATS_FREE = "{day}还有号，不用候补，我直接给您约。"
LEAVE_WAITING = "取消候补"
SEE_WAITING = "我的候补"

# the queue
TICKET_WAITS = "您的号是{number}（{queue}），前面还有{ahead}位，{wait}。"
TICKET_WAIT = "大约等{minutes}分钟（{low}到{high}分钟）"
TICKET_WAIT_UNKNOWN = "窗口还没开始叫号，等多久说不准"
TICKET_CALLED = "叫到您了！请{number}号到{window}号窗口。"
TICKET_SERVING = "{number}号正在{window}号窗口办理。"
TICKET_ON_HOLD = "{number}号先挂起了，弄好了回{window}号窗口就行。"
TICKET_PASSED = "{number}号过号了。到导服台说一声就能重新排，最多两次。"
NO_TICKET = "您今天还没有取号。到大厅签到或取号以后，我就能告诉您前面还有几位。"
NO_TICKET_BOOKED = "您今天约的是{when}，到大厅先签到取号，才知道前面还有几位。"
TAKE_TICKET = "现在取号"
TICKET_TAKEN = "取好号了：{number}（{queue}），前面还有{ahead}位，{wait}。叫号前记得到大厅。"
TICKET_GIVEN_BACK = "{number}号退掉了。"
LEAVE_TICKET = "不等了"
LATE_BOOKED = "您约的是{when}。"
SEE_QUEUE = "我的排队"

# days
HALL_OPEN = "{day}大厅上班：{hours}。"
HALL_CLOSED = "{day}大厅不上班：{reason}。"
HALL_PROVISIONAL = "（这一年的放假安排还没公布，以公布的为准）"
QUIET_DAYS = "“{item}”这几天人少：{days}。要约哪天？"
QUIET_NONE = "最近的号都差不多约满了，要不要候补？"
LEVELS = {"quiet": "人少", "normal": "人不多", "busy": "人多", "full": "约满"}

# small words outside a form
NOTHING_TO_DO = "好的。还想问什么、办什么，直接说就行。"
NOTHING_TO_STOP = "好的。有需要随时跟我说。"
NOTHING_TO_STOP_BOOKED = "好的。您约好的号还留着，不想去了就说“取消预约”。"

ATTENDEE_NAMES = {
    "self": "本人",
    "child": "孩子",
    "elder": "老人",
    "spouse": "配偶",
    "other": "他人",
    "employee": "员工",
}
STATUS_NAMES = {
    "held": "待确认",
    "confirmed": "已约好",
    "displaced": "待改期",
    "checked_in": "已签到",
    "cancelled": "已取消",
    "expired": "已过期",
}

# buttons
YES = "确认"
MORE = "更多"
OTHER_TIME = "换个时间"
OTHER_PERSON = "换办理人"
OTHER_DAY = "换一天"
STOP = "不约了"
CANCEL = "取消预约"
KEEP = "不取消"
RESCHEDULE = "改时间"
MY = "我的预约"
GO_LOGIN = "去登录"
SEE_BOOKINGS = "查看我的预约"
LOGGED_IN = "我登录了"

LABELS = {
    "item": "事项",
    "when": "时间",
    "where": "地点",
    "window": "窗口",
    "who": "办理人",
    "reference": "预约号",
    "status": "状态",
    "number": "办件编号",
    "applicant": "申请人",
    "department": "办理部门",
    "due": "办结期限",
    "fee": "费用",
    "materials": "材料",
}
FEE_UNPAID = "{yuan}元，还没缴"
BOOKING_CARD = "预约信息"
