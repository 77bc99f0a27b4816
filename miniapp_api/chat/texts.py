"""What citizens read from the chat itself; answers about items come from guides."""

from __future__ import annotations

from datetime import datetime, timedelta

EMPTY = "您好像还没有输入内容。可以直接问我，比如：身份证丢了怎么办？"
TOO_LONG = "您这段话有点长，我一次最多看{most}个字。请分成几句来问我。"
NOT_SAID = "这段话里有不合适的内容，我没法回答。您换个说法再问我。"
BLANKED = "（内容不合适，没有保留）"
WARMING_UP = "我正在做准备，请过几秒再问我一次。"
NO_BOOKING_BY_CHAT = (
    "聊天预约暂时用不了，刚才的操作如果没有看到结果，请在“我的预约”里核对。"
    "您可以点下面的链接直接办理，或者过几分钟再来问我。"
)
NO_CASES_BY_CHAT = (
    "您的申请这会儿在聊天里看不了，也撤不了。请点下面的链接到“我的办件”里办，或者过几分钟再来问我。"
)
LINK_BOOKING = "预约大厅"
LINK_MINE = "我的预约"
LINK_CASES = "我的办件"

# --- hand-over to a person (转人工) ------------------------------------------------------
NEXT = "好的，正在为您转人工，下一位就是您。"
IN_LINE = "好的，正在为您转人工，您前面还有{ahead}位。"
ESTIMATE = "大约要等{minutes}分钟，"
MEANWHILE = "等的时候也可以接着问我。"
TALKING = "{agent}正在为您服务，请直接说。"
LEFT_MESSAGE = "人工客服现在不在线，您的问题已经记下了，{promise}回复您。急事可以打{hotline}。"
TAKEN = "您好，{agent}为您服务。您的问题我看到了，请稍等。"
HANDED_BACK = "人工服务结束了，我接着为您服务。"
CLOSED = "这次人工服务结束了，谢谢您。还有别的事随时问我。"
RELEASED = "刚才的客服有事离开了，您排回到最前面，马上有人接着为您服务。"
DESERTED = "让您久等了，实在抱歉，正在为您换一位客服。急事可以打{hotline}。"
SORRY = "让您久等了，实在抱歉，客服都在忙。您的位置还留着，{place}，也可以打{hotline}。"
STILL_AHEAD = "前面还有{ahead}位"
STILL_NEXT = "下一位就是您"
LAPSED = (
    "很抱歉，今天客服下班了，没来得及接待您。您的问题已经记下了，{promise}回复您。"
    "急事可以打{hotline}。"
)
LEFT = "好的，不转人工了。有事接着问我。"
LINK_HUMAN = "找工作人员"
HUMAN_PAGE = "pages/human/index"

# --- the agent's desk -----------------------------------------------------------------
NOT_VERIFIED = "内容还没经沈阳窗口核实。"

WEEKDAYS = "一二三四五六日"


def promise(now: datetime, start: datetime) -> str:
    """Say from when a message is answered: 今天9点起, 明天（周五）9点起, 下一个工作日（…）9点起."""
    minutes = f"{start.minute}分" if start.minute else ""
    at, weekday = f"{start.hour}点{minutes}起", f"周{WEEKDAYS[start.weekday()]}"
    if start.date() == now.date():
        return f"今天{at}"
    if start.date() == now.date() + timedelta(days=1):
        return f"明天（{weekday}）{at}"
    return f"下一个工作日（{start.month}月{start.day}日{weekday}）{at}"
