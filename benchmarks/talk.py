"""What citizens say in the chat benchmarks: whole conversations, as people hold them."""

from __future__ import annotations

from random import Random

from benchmarks.wire import Unexpected, Wire

PATH = "/chat/messages"
MATTERS = (
    ("身份证丢了咋整啊", "护照到期了怎么换"),
    ("公积金租房提取怎么办", "我想查个人不动产"),
    ("想开个小卖店办执照", "孩子刚出生咋落户口"),
    ("社保卡丢了怎么补", "我要办居住证"),
    ("二手房过户都要啥手续", "结婚登记在哪办"),
)
FOLLOW_UPS = ("都要带啥", "多少钱", "几天能下来", "在哪办", "能网上办吗", "可以让别人代办吗")
BOOKINGS = ("帮我约明天上午", "下周三下午能约不", "后天能预约吗")
STOPS = ("算了不约了", "先不办了")


def script(random: Random) -> list[str]:
    """Ten turns: a greeting, two matters with follow-ups, the start of a booking, an end to it."""
    first, second = random.choice(MATTERS)
    asked = random.sample(FOLLOW_UPS, 5)
    booking = [random.choice(BOOKINGS), random.choice(STOPS)]
    return ["你好", first, *asked[:3], second, *asked[3:], *booking]


class Talker:
    """One citizen at a time: says the lines of a conversation, then is somebody new."""

    def __init__(self, seed: int, headers: dict[str, str] | None = None) -> None:
        self._random = Random(seed)
        self._headers = headers or {}
        self._lines: list[str] = []
        self._conversation: str | None = None
        self.via: list[str] = []

    async def turn(self, wire: Wire) -> None:
        """Say the next line and read the answer."""
        if not self._lines:
            self._lines, self._conversation = script(self._random), None
        said = {"text": self._lines.pop(0), "conversation": self._conversation}
        reply = (await wire.ask("POST", PATH, said, self._headers, expect=200)).json()
        self._conversation = reply["conversation"]
        self.via.append(reply.get("via", "echo"))
        if not reply["messages"]:
            raise Unexpected("an answer without a message")
