"""Facts about `python -m intents.evaluate`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from intents.evaluate import macro_f1, main
from intents.samples import BadFileError, read_entries, read_table
from tests.intents.shared import ROOT, shared

TRAIN = "text\tlabel\n" + "".join(f"我要{w}\tbuy\n不要{w}了\treturn\n" for w in "苹果梨桃杏枣瓜")
TEST = "text\tlabel\n我要橙子\tbuy\n不要橙子了\treturn\n"
CATALOGUE = "\n".join(
    json.dumps(entry, ensure_ascii=False)
    for entry in (
        {"id": "a", "name": "身份证补领", "aliases": ["身份证丢了"]},
        {"id": "b", "name": "结婚登记", "aliases": None},
        {"id": "c", "name": "护照申领", "aliases": "办护照,出国证件"},
        {"id": "d", "name": "低保申请"},
    )
)
PAIRS = "".join(
    f"{w}在哪里办\t在哪里办{w}\t1\n{w}多少钱\t今天天气好吗\t0\n" for w in "甲乙丙丁戊己庚辛壬癸"
)


def _file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _run(folder: Path, form: str, **contents: str | bytes) -> int:
    arguments = [form]
    for name, content in contents.items():
        arguments += [f"--{name}", str(_file(folder, name, content))]
    return main(arguments)


def _report(out: str) -> dict[str, float]:
    report: dict[str, float] = json.loads(out.strip().splitlines()[-1])
    return report


def test_classify_reports_its_four_numbers_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, "classify", train=TRAIN, test=TEST) == 0
    report = _report(capsys.readouterr().out)
    assert list(report) == ["accuracy", "macro_f1", "microseconds_per_query", "train_seconds"]
    assert report["accuracy"] == report["macro_f1"] == 1.0
    assert report["microseconds_per_query"] > 0


def test_retrieve_reports_hits_time_and_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = "text\tid\n身份证丢了咋整\ta\n想结婚\tb\n要出国办护照\tc\n"
    assert _run(tmp_path, "retrieve", catalogue=CATALOGUE, queries=queries) == 0
    report = _report(capsys.readouterr().out)
    assert report["hit@1"] == report["hit@5"] == report["mrr"] == 1.0
    assert {"hit@3", "microseconds_per_query", "build_seconds", "memory_mb"} <= set(report)


def test_pairs_reports_accuracy_at_the_threshold_of_the_dev_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, "pairs", dev=PAIRS, test=PAIRS) == 0
    report = _report(capsys.readouterr().out)
    assert set(report) == {"accuracy", "threshold"}
    assert report["accuracy"] > 0.9


def test_windows_line_ends_and_a_byte_order_mark_are_accepted(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + TRAIN.replace("\n", "\r\n").encode()
    path = _file(tmp_path, "t.tsv", content)
    assert read_table(path, ("text", "label"))[0] == {"text": "我要苹", "label": "buy"}


def test_columns_are_found_by_name_in_any_order(tmp_path: Path) -> None:
    path = _file(tmp_path, "t.tsv", "label\tnote\ttext\nbuy\tx\t我要苹果\n")
    assert read_table(path, ("text", "label")) == [{"text": "我要苹果", "label": "buy"}]


def test_an_item_may_be_left_empty(tmp_path: Path) -> None:
    path = _file(tmp_path, "q.tsv", "text\taspect\titem\n你好\tgreet\t\n讲个笑话\tout_of_scope\n")
    rows = read_table(path, ("text", "aspect", "item"), optional=("item",))
    assert [row["item"] for row in rows] == ["", ""]


@pytest.mark.parametrize(
    ("train", "test", "fault"),
    [
        ("", TEST, "no column"),
        ("text\tlabel\n", TEST, "no rows"),
        ("text\tclass\n甲\ta\n", TEST, "no column label"),
        (TRAIN + "只有一列\n", TEST, "nothing in column label"),
        ("text\tlabel\n甲\ta\n乙\ta\n", TEST, "only one label"),
        (TRAIN, "text\tlabel\n甲\tstranger\n", "stranger"),
        (TRAIN.encode("gb18030"), TEST, "not UTF-8"),
    ],
)
def test_unusable_training_files_are_named_with_their_fault(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    train: str | bytes,
    test: str,
    fault: str,
) -> None:
    assert _run(tmp_path, "classify", train=train, test=test) == 2
    printed = capsys.readouterr()
    assert fault in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    ("catalogue", "fault"),
    [
        ("", "empty"),
        ("{not json", "line 1: not JSON"),
        ("[]", "not a JSON object"),
        ('{"id": "a"}', "no name"),
        ('{"name": "甲"}', "no id"),
        ('{"id": "a", "name": "甲"}\n{"id": "a", "name": "乙"}', "line 2: id a is also on line 1"),
        ('{"id": "a", "name": "甲", "aliases": 7}', "aliases"),
        ('{"id": "a", "name": "甲", "aliases": [{}]}', "aliases"),
    ],
)
def test_unusable_catalogues_are_named_with_their_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], catalogue: str, fault: str
) -> None:
    assert _run(tmp_path, "retrieve", catalogue=catalogue, queries="text\tid\n甲\ta\n") == 2
    assert fault in capsys.readouterr().err


def test_a_query_for_an_id_outside_the_catalogue_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, "retrieve", catalogue=CATALOGUE, queries="text\tid\n甲\tzz\n") == 2
    assert "zz" in capsys.readouterr().err


@pytest.mark.parametrize("dev", ["", "甲\t乙\n", "甲\t乙\t2\n", "甲\t乙\t1\n丙\t丁\t1\n"])
def test_unusable_pairs_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], dev: str
) -> None:
    assert _run(tmp_path, "pairs", dev=dev, test=PAIRS) == 2
    assert "error:" in capsys.readouterr().err


def test_a_missing_file_is_named_without_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match=r"gone\.jsonl"):
        read_entries(tmp_path / "gone.jsonl")


def test_numeric_ids_are_read_as_text(tmp_path: Path) -> None:
    path = _file(tmp_path, "c.jsonl", '{"id": 7, "name": "甲"}')
    assert read_entries(path)[0]["id"] == "7"


def test_macro_f1_counts_every_label_alike() -> None:
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "a", "a"]) == pytest.approx((6 / 7 + 0) / 2)


def test_the_command_prints_one_json_object_as_its_last_line(tmp_path: Path) -> None:
    train, test = _file(tmp_path, "a.tsv", TRAIN), _file(tmp_path, "b.tsv", TEST)
    command = [sys.executable, "-m", "intents.evaluate", "classify"]
    done = subprocess.run(
        [*command, "--train", str(train), "--test", str(test)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert _report(done.stdout)["accuracy"] == 1.0


def test_handbook_form_reports_its_five_shares(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not list((ROOT / "handbook" / "items").glob("*/*.yaml")):
        pytest.skip("the handbook has no items yet")
    queries = "text\taspect\titem\n今天股票会涨吗\tout_of_scope\t\n"
    assert _run(tmp_path, "handbook", queries=queries) == 0
    report = _report(capsys.readouterr().out)
    names = ["aspect_accuracy", "item_hit@1", "item_hit@3", "joint_accuracy", "false_answer_rate"]
    assert list(report) == names
    assert all(0 <= share <= 1 for share in report.values())


def test_macro_f1_agrees_with_the_published_definition() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rows = [
        line.split("\t")
        for line in shared("intents/smp2017_train.tsv").read_text("utf-8").splitlines()[1:400]
    ]
    truth = [row[1] for row in rows]
    guesses = truth[3:] + truth[:3]
    assert macro_f1(truth, guesses) == pytest.approx(
        metrics.f1_score(truth, guesses, average="macro")
    )
