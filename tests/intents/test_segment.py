from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from intents.segment import Segmenter

ROOT = Path(__file__).parents[2]


def test_cutting_loses_nothing() -> None:
    sentence = "我想在浑南区五三街道 办abc身份证,行不行?"
    assert "".join(Segmenter().cut(sentence)) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "我想在浑南区五三街道 办abc身份证,行不行?",
        "a1 b22\r\n\t第3号窗口。。A办理B类C1驾照100%的%",
        "繁體字🙂龘龘龘和生僻字㐂一起",
        "不动产登记中心" * 20,
    ],
)
def test_words_are_those_that_jieba_gives(sentence: str) -> None:
    segmenter = Segmenter()
    assert segmenter.cut(sentence) == list(segmenter._tokenizer.cut(sentence, HMM=False))


def test_a_sentence_cut_before_is_cut_anew_when_words_are_added() -> None:
    segmenter = Segmenter()
    assert "随迁子女入学" not in segmenter.cut("随迁子女入学怎么办")
    segmenter.add(["随迁子女入学"])
    assert "随迁子女入学" in segmenter.cut("随迁子女入学怎么办")


def test_places_and_domain_words_stay_whole() -> None:
    words = Segmenter().cut("沈北新区能办不动产登记和无犯罪证明吗")
    assert {"沈北新区", "不动产登记", "无犯罪证明"} <= set(words)


def test_added_words_stay_whole() -> None:
    assert "随迁子女入学" in Segmenter(["随迁子女入学"]).cut("外地的随迁子女入学怎么办")


def test_tokens_give_their_offsets() -> None:
    text = "补办 身份证"
    assert all(text[begin:stop] == word for word, begin, stop in Segmenter().tokens(text))


def test_word_list_is_cached_and_a_broken_cache_is_rebuilt(tmp_path: Path) -> None:
    Segmenter(cache=tmp_path)
    (cached,) = tmp_path.iterdir()
    cached.write_bytes(b"broken")
    assert "身份证" in Segmenter(cache=tmp_path).cut("补办身份证")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_jieba_says_nothing_and_takes_little_memory() -> None:
    code = (
        "from intents.segment import Segmenter; Segmenter().cut('补办身份证');"
        "print(open('/proc/self/status').read().split('VmRSS:')[1].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stderr.strip() == ""
    assert int(done.stdout) < 70 * 1024  # kB; jieba as it comes takes more than 100 MB


def test_jieba_still_guesses_unknown_words_for_others() -> None:
    import jieba.finalseg

    assert "".join(jieba.finalseg.cut("赵钱孙去办证")) == "赵钱孙去办证"
