"""Aspects (问的是哪方面): the list, and the classifier trained from training/*.yml.

The training sentences name matters (办护照, 社保卡丢了). Each is found by tables/matters.txt and
swapped for others when training, so that the classifier learns the question and not the matter.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from intents.classify import TextClassifier
from intents.normalise import Normaliser
from intents.tables import read_lines

TRAINING = Path(__file__).parent / "training"

ASPECTS: dict[str, str] = {
    "materials": "材料:要带什么、几份、原件还是复印件",
    "steps": "流程:怎么办、咋整、先后步骤、跑几趟",
    "place": "地点窗口:在哪办、几楼几号窗口、怎么走",
    "hours": "时间:几点上下班、周末节假日开不开",
    "phone": "电话:咨询、联系电话",
    "fee": "费用:多少钱、收不收费、怎么交",
    "time_limit": "时限:几天能办完、多久能拿到、能否加急",
    "conditions": "条件:谁能办、什么情形能办或不能办",
    "online": "能否网办:网上、手机、不去现场行不行",
    "result": "结果:办完给什么、怎么领、邮寄、有效期",
    "legal_basis": "依据:哪条法律、哪个文件规定",
    "proxy": "代办:能否由别人替办、是否须本人到场",
    "apply": "我要办:要开始申请一件事",
    "book": "预约:约时间、约号、要不要预约",
    "reschedule": "改约:把已约的换个时间",
    "cancel": "取消预约:已约的不要了",
    "my_bookings": "我的预约:约的是几点、约上没有",
    "my_progress": "办件进度:交上去的办到哪了",
    "missing": "还缺什么:交上去的或正在填的还差哪些材料、要补正什么",
    "withdraw": "撤回:交上去的申请不要了",
    "ticket": "取号排队:现场取号、叫到几号、人多不多",
    "queue_position": "我排到哪了:前面几个人、还要等多久",
    "late": "迟到或过号:来晚了怎么办、过号了怎么办",
    "quiet_day": "哪天人少:什么时候去不用排队",
    "wait_list": "候补:约满了排候补、有号通知我",
    "complaint": "投诉:不满、举报、提意见",
    "rate": "评价:打分、好评差评、表扬",
    "human": "人工:转人工、找工作人员",
    "help": "你能干啥:这个助手怎么用、有什么功能",
    "inform": "只给信息:事项名、时间、第几个、选项",
    "affirm": "肯定:是、对、确认",
    "deny": "否定:不是、不要、都不对",
    "stop": "算了:不办了、退出、下次再说",
    "greet": "打招呼",
    "thanks": "感谢",
    "goodbye": "再见",
    "chitchat": "闲聊:问助手自己、寒暄、情绪",
    "out_of_scope": "范围之外:天气、购物、看病、娱乐等与政务服务无关的",
}
GUIDE = frozenset(list(ASPECTS)[:12])  # questions about a matter, answered from the handbook

_VERSION = "1"
_SLOT = "\0"
_SWAPS = 3  # variants of a sentence with its matters swapped
_TELLING = 4  # letters from which on a sentence tells something (我失业了)


@dataclass(frozen=True)
class Example:
    """A training sentence (训练例句); template has \\0 where matters stood."""

    text: str
    aspect: str
    template: str


def examples(folder: Path = TRAINING) -> list[Example]:
    """The sentences of training/*.yml (Rasa NLU YAML), with their matters found."""
    return [
        Example(text, aspect, _matter_pattern().sub(_SLOT, text))
        for path in sorted(folder.glob("*.yml"))
        for aspect, text in _read(path)
    ]


def bare_questions() -> list[str]:
    """In-scope sentences without their matters (去掉事项的问句): words that name no matter."""
    return [
        example.template.replace(_SLOT, " ")
        for example in examples()
        if example.aspect not in ("inform", "out_of_scope")
    ]


def templates() -> list[str]:
    """Guide questions with {} where the matter stood (问句模板)."""
    return [
        example.template.replace(_SLOT, "{}")
        for example in examples()
        if example.aspect in GUIDE and example.template.count(_SLOT) == 1
    ]


def matters() -> tuple[str, ...]:
    """Matters as citizens name them (事项说法)."""
    return tuple(read_lines("matters.txt"))


def training_set(found: Sequence[Example], *, seed: int = 0) -> tuple[list[str], list[str]]:
    """Sentences and aspects to learn from: each example, and variants of it about other matters."""
    chance = random.Random(seed)  # noqa: S311 not a secret
    told = [e.template for e in found if e.aspect == "inform" and len(e.template) >= _TELLING]
    texts, labels = [], []
    for example in found:
        for text in _variants(example, told, chance):
            texts.append(text)
            labels.append(example.aspect)
    return texts, labels


def _variants(example: Example, told: Sequence[str], chance: random.Random) -> Iterator[str]:
    """The sentence; with other matters; after a matter; after a sentence that tells the case."""
    yield example.text
    if _SLOT in example.template:
        for _ in range(_SWAPS):
            yield _fill(example.template, chance)
    elif example.aspect in GUIDE:
        yield chance.choice(matters()) + example.text
    if example.aspect in GUIDE and told:
        yield _fill(chance.choice(told), chance) + "," + example.text


def _fill(template: str, chance: random.Random) -> str:
    return re.sub(_SLOT, lambda _: chance.choice(matters()), template)


def _read(path: Path) -> Iterator[tuple[str, str]]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for block in data["nlu"]:
        for line in block["examples"].splitlines():
            if line.startswith("- "):
                yield block["intent"], line[2:].strip()


@lru_cache(maxsize=1)
def _matter_pattern() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(matters(), key=len, reverse=True))))


class AspectClassifier:
    """Sentence → aspects with probabilities, most probable first."""

    def __init__(self, model: TextClassifier) -> None:
        self._model = model

    @classmethod
    def train(
        cls, normaliser: Normaliser, found: Sequence[Example] | None = None
    ) -> AspectClassifier:
        """Learn from the examples (by default all of training/); needs scikit-learn."""
        texts, labels = training_set(examples() if found is None else found)
        return cls(TextClassifier.fit([normaliser.term(t) or t for t in texts], labels))

    @classmethod
    def load(cls, normaliser: Normaliser, cache: Path | None = None) -> AspectClassifier:
        """The trained model out of `cache`; if not in it, it is trained first, which takes seconds.

        Training happens in a child process, so that scikit-learn's 70 MB do not stay here.
        """
        if cache is None:
            return cls.train(normaliser)
        path = cache / f"aspects-{fingerprint()}"
        try:
            return cls(TextClassifier.load(path))
        except (OSError, ValueError, KeyError):
            _train_apart(cache)
            return cls(TextClassifier.load(path))

    def save(self, path: Path) -> None:
        """Write the model to <path>.npz and <path>.json."""
        self._model.save(path)

    def __call__(self, normalised: str) -> tuple[tuple[str, float], ...]:
        """All aspects of a normalised sentence with their probabilities, best first."""
        row = self._model.predict_proba([normalised])[0]
        ranked = sorted(zip(self._model.labels, row.tolist(), strict=True), key=lambda p: -p[1])
        return tuple(ranked)


def _train_apart(cache: Path) -> None:
    root = str(Path(__file__).parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    subprocess.run(  # noqa: S603 our own module, our own interpreter
        [sys.executable, "-W", "ignore", "-m", "intents.aspects", str(cache)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )


def train_into(cache: Path) -> None:
    """Train and keep the model in `cache` (训练并缓存); readers see whole files only."""
    path = cache / f"aspects-{fingerprint()}"
    apart = path.with_name(f"{path.name}-{os.getpid()}")
    AspectClassifier.train(Normaliser()).save(apart)
    for suffix in (".npz", ".json"):  # the reader opens the .json first
        apart.with_suffix(suffix).replace(path.with_suffix(suffix))


def fingerprint() -> str:
    """Hash of everything the trained model depends on: sentences, tables and code."""
    here = Path(__file__).parent
    code = ["aspects", "classify", "features", "training_linear", "normalise"]
    sources = [
        *sorted(TRAINING.glob("*.yml")),
        *(here / "tables" / name for name in ("matters.txt", "colloquial.tsv", "fillers.tsv")),
        *(here / f"{name}.py" for name in code),
    ]
    digest = hashlib.sha256(_VERSION.encode())
    for path in sources:
        if path.exists():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    train_into(Path(sys.argv[1]))
