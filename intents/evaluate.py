"""Measure the library on files of others: `python -m intents.evaluate FORM --…`.

Progress goes to stderr; the last line of stdout is one JSON object. A file that cannot be used
is named on stderr with what is wrong, and the exit status is 2.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from intents.samples import BadFileError, read_entries, read_pairs, read_table

Report = dict[str, float]
TIMED = 2000  # queries answered one by one for the time per query
_HANDBOOK = Path(__file__).parent.parent / "handbook"
_SHANGHAI = timezone(timedelta(hours=8))


def classify(train: Path, test: Path) -> Report:
    """Train on one labelled file (分类), test on another."""
    from intents.classify import TextClassifier

    texts, labels = _columns(train, "text", "label")
    test_texts, truth = _columns(test, "text", "label")
    if len(set(labels)) < 2:
        raise BadFileError(train, "only one label; a classifier needs two or more")
    unseen = sorted(set(truth) - set(labels))
    if unseen:
        raise BadFileError(test, f"labels that the training file does not have: {unseen[:5]}")
    _say(f"training on {len(texts)} sentences, {len(set(labels))} labels")
    begin = time.perf_counter()
    model = TextClassifier.fit(texts, labels)
    seconds = time.perf_counter() - begin
    _say(f"trained in {seconds:.1f} s; testing on {len(truth)} sentences")
    guesses = model.predict(test_texts)
    right = sum(a == b for a, b in zip(guesses, truth, strict=True))
    return {
        "accuracy": right / len(truth),
        "macro_f1": macro_f1(truth, guesses),
        "microseconds_per_query": _microseconds(lambda t: model.predict([t]), test_texts),
        "train_seconds": seconds,
    }


def retrieve(catalogue: Path, queries: Path) -> Report:
    """Find the entry meant by each query (检索); memory is that of the whole process."""
    from intents.retrieve import Retriever

    entries = read_entries(catalogue)
    texts, wanted = _columns(queries, "text", "id")
    strangers = sorted(set(wanted) - {str(entry["id"]) for entry in entries})
    if strangers:
        raise BadFileError(queries, f"ids that the catalogue does not have: {strangers[:5]}")
    _say(f"indexing {len(entries)} entries")
    begin = time.perf_counter()
    index = Retriever(entries)
    seconds = time.perf_counter() - begin
    _say(f"indexed in {seconds:.2f} s; asking {len(texts)} queries")
    ranks = [
        _rank([found for found, _ in index.search(text, 100)], right)
        for text, right in zip(texts, wanted, strict=True)
    ]
    return {
        **{f"hit@{k}": sum(rank <= k for rank in ranks) / len(ranks) for k in (1, 3, 5)},
        "mrr": sum(1 / rank for rank in ranks) / len(ranks),
        "microseconds_per_query": _microseconds(lambda t: index.search(t, 5), texts),
        "build_seconds": seconds,
        "memory_mb": _memory_mb(),
    }


def pairs(dev: Path, test: Path) -> Report:
    """Tell paraphrases (同义句) from others; model and threshold come from the dev file alone."""
    from intents.pairs import PairScorer

    first, second, same = _pair_columns(dev)
    if len(set(same)) < 2:
        raise BadFileError(dev, "only one of the labels 0 and 1; both are needed")
    test_first, test_second, truth = _pair_columns(test)
    _say(f"training on {len(same)} pairs")
    model = PairScorer.fit(first, second, same)
    _say(f"out-of-fold accuracy on the dev file {model.dev_accuracy:.4f}; testing")
    guesses = model.predict(test_first, test_second)
    right = sum(a == b for a, b in zip(guesses, truth, strict=True))
    return {"accuracy": right / len(truth), "threshold": model.threshold}


def handbook(queries: Path, folder: Path = _HANDBOOK, now: datetime | None = None) -> Report:
    """Understand whole sentences over the handbook (全链路).

    Rows without an item are out of scope: an answer to one is false when the decision is
    "answer", an item is given and the aspect is not out_of_scope. Hits are counted over the rows
    with an item; a row is jointly right when its aspect is right and so is its first item or,
    out of scope, no false answer was given.
    """
    from intents.understand import Understander

    rows = read_table(queries, ("text", "aspect", "item"), optional=("item",))
    moment = now or datetime.now(_SHANGHAI)
    understander = Understander.load(folder)
    aspects, firsts, thirds, joints, false = [], [], [], [], []
    for row in rows:
        result = understander.understand(row["text"], moment)
        found = [candidate.id for candidate in result.items]
        aspects.append(result.aspect == row["aspect"])
        answered = bool(found) and result.decision == "answer" and result.aspect != "out_of_scope"
        if row["item"]:
            firsts.append(found[:1] == [row["item"]])
            thirds.append(row["item"] in found[:3])
            joints.append(aspects[-1] and firsts[-1])
        else:
            false.append(answered)
            joints.append(aspects[-1] and not answered)
    return {
        "aspect_accuracy": _share(aspects),
        "item_hit@1": _share(firsts),
        "item_hit@3": _share(thirds),
        "joint_accuracy": _share(joints),
        "false_answer_rate": _share(false),
    }


def macro_f1(truth: Sequence[str], guesses: Sequence[str]) -> float:
    """Mean F1 over the labels that occur in either column (宏平均)."""
    scores = []
    for label in set(truth) | set(guesses):
        both = sum(t == g == label for t, g in zip(truth, guesses, strict=True))
        either = truth.count(label) + guesses.count(label)
        scores.append(2 * both / either)
    return sum(scores) / len(scores)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one form; 0 when a report was printed, 2 when a file or option is unusable."""
    options = vars(_parser().parse_args(arguments))
    form: Callable[..., Report] = options.pop("form")
    try:
        report = form(**options)
    except BadFileError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    rounded = {name: round(value, 6) for name, value in report.items()}
    print(json.dumps(rounded, ensure_ascii=False), flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m intents.evaluate", description=__doc__)
    forms = parser.add_subparsers(required=True, metavar="FORM")
    for form, files in (
        (classify, ("train", "test")),
        (retrieve, ("catalogue", "queries")),
        (pairs, ("dev", "test")),
        (handbook, ("queries",)),
    ):
        summary = (form.__doc__ or "").splitlines()[0]
        command = forms.add_parser(form.__name__, help=summary, description=form.__doc__)
        command.set_defaults(form=form)
        for name in files:
            command.add_argument(f"--{name}", type=Path, required=True, metavar="FILE")
        if form is handbook:
            command.add_argument("--folder", type=Path, default=_HANDBOOK, help="the handbook")
    return parser


def _columns(path: Path, *names: str) -> list[list[str]]:
    rows = read_table(path, names)
    return [[row[name] for row in rows] for name in names]


def _pair_columns(path: Path) -> tuple[list[str], list[str], list[int]]:
    rows = read_pairs(path)
    return [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]


def _rank(found: list[str], right: str) -> float:
    return found.index(right) + 1 if right in found else float("inf")


def _share(facts: Sequence[bool]) -> float:
    return sum(facts) / len(facts) if facts else 0.0


def _microseconds(ask: Callable[[str], object], texts: Sequence[str]) -> float:
    """Mean time of one query asked alone, after the first few have warmed the tables."""
    for text in texts[:20]:
        ask(text)
    chosen = texts[:TIMED]
    begin = time.perf_counter()
    for text in chosen:
        ask(text)
    return (time.perf_counter() - begin) / len(chosen) * 1e6


def _memory_mb() -> float:
    """Resident memory of this process; its peak where the system does not tell the present."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * 4096 / 1e6


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
