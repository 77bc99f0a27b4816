"""What citizens read from the chat itself; answers about items come from guides."""

EMPTY = "您好像还没有输入内容。可以直接问我，比如：身份证丢了怎么办？"
TOO_LONG = "您这段话有点长，我一次最多看{most}个字。请分成几句来问我。"
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
