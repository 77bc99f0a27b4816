"""Which words of a sentence name a matter (实词), and which only ask or tell about one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

_FRAMES = frozenset(
    "的 了 吗 呢 吧 我 你 他 她 它 我们 你们 他们 这 那 这个 那个 是 在 有 不 没 没有 要 想 能 会 可以 就 都 也 还 再 又 和 跟 与"
    " 给 把 被 让 对 从 到 去 来 上 下 得 着 过 完 好 很 太 个 一个 一下 什么 怎么 怎么办 哪里 哪 谁 几 多少 多久 时候 现在 今天 明天"
    " 后天 上午 下午 早上 晚上 点 号 天 年 月 日 周 星期 事 东西 问题 情况 孩子 儿子 女儿 老人 爸 妈 我爸 我妈 爸爸 妈妈 媳妇 老公"
    " 老婆 爱人 对象 朋友 家 家里 我家 自己 别人 外地 本地 沈阳 沈阳市 办 办理 申请 业务 事项 手续 服务 需要 必须 应该 知道 告诉"
    " 麻烦 帮 帮我 帮忙 替 为 因为 所以 如果 但是 然后 以后 之前 已经 刚 刚刚 一直 第一次 着急 丢 丢了 过期 到期 坏 坏了 岁".split()
)


class ContentWords:
    """Weighs the words of a normalised sentence that questions without a matter do not use."""

    def __init__(self, cut: Callable[[str], list[str]], questions: Iterable[str]) -> None:
        """Learn the words of `questions`, sentences that name no matter (不含事项的问句)."""
        self._cut = cut
        self._frames = _FRAMES.union(*(cut(question) for question in questions))

    def weight(self, text: str, without: Sequence[str] = ()) -> int:
        """Characters of the words that name something; `without` are time expressions."""
        for span in without:
            text = text.replace(span, " ")
        return sum(map(len, self.words(text)))

    def words(self, text: str) -> list[str]:
        """The words that name something, in order."""
        return [w for w in self._cut(text) if w not in self._frames and self._says(w)]

    @staticmethod
    def _says(word: str) -> bool:
        return word.isalnum() and not word.isdigit()
