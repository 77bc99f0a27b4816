"""The simulation's table and picture (仿真报告)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from miniapp_api.hall.simulation import (
    GROUPS,
    Day,
    by_hour,
    percentile,
    share_within,
    waits,
)

POLICY_NAMES = {
    "fair": "公平（应叫时间）",
    "appointments_first": "预约绝对优先",
    "first_come": "先到先办",
    "alternating": "交替",
}
GROUP_NAMES = {"appointment": "预约", "walk_in": "现场", "priority": "优先人群"}
COLOURS = {"appointment": "#1f6feb", "walk_in": "#d1700f", "priority": "#2a8c4a"}
TITLE = "# 大厅仿真\n\n"


@dataclass(frozen=True)
class Run:
    """A day under a policy and a slot size."""

    policy: str
    slot_minutes: int
    day: Day


def table(runs: Sequence[Run], seed: int) -> str:
    """Return the comparison as Markdown; waits in minutes."""
    head = "| 策略 | 时段 | 办结 | " + " | ".join(
        f"{GROUP_NAMES[group]} 中位/90%/30分钟内" for group in GROUPS
    )
    lines = [head + " | 最长 |", "|" + "---|" * (4 + len(GROUPS))]
    for run in runs:
        cells = [POLICY_NAMES[run.policy], f"{run.slot_minutes}分钟", str(len(run.day.served))]
        for group in GROUPS:
            found = waits(run.day, group)
            cells.append(
                f"{percentile(found, 0.5):.0f} / {percentile(found, 0.9):.0f} / "
                f"{share_within(found, 30):.0%}"
            )
        longest = max((each.wait for each in run.day.served), default=0.0)
        lines.append("| " + " | ".join([*cells, f"{longest:.0f}"]) + " |")
    notes = (
        f"\n种子 {seed}，单位分钟。`shenban simulate` 生成；同一个种子，同样的人来。"
        "到达和办理时间都是假设（见 miniapp_api/hall/simulation.py 的 Assumptions），"
        "只用来比较策略和时段长短，不是对某一天的预测。\n"
    )
    return TITLE + "\n".join(lines) + "\n" + notes


def picture(runs: Sequence[Run], windows: int, opens_hour: int, path: Path) -> None:
    """Draw waits by hour and group for every policy, and the windows' use, as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    # Text stays text: the reader's own Chinese font is used.
    mpl.rcParams["svg.fonttype"] = "none"
    mpl.rcParams["svg.hashsalt"] = "shenban"
    figure, axes = plt.subplots(2, 3, figsize=(13, 7), constrained_layout=True)
    places = axes.flatten()
    for axis, run in zip(places, runs, strict=False):
        for group in GROUPS:
            hours: Mapping[int, float] = by_hour(run.day, group)
            axis.plot(
                [opens_hour + hour for hour in hours],
                list(hours.values()),
                marker="o",
                label=GROUP_NAMES[group],
                color=COLOURS[group],
            )
        axis.set_title(f"{POLICY_NAMES[run.policy]}，{run.slot_minutes}分钟时段")
        axis.set_xlabel("时")
        axis.set_ylabel("平均等候（分钟）")
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
        axis.legend()
    use = places[len(runs)]
    busy = runs[0].day.busy
    use.bar(
        [opens_hour + hour for hour in sorted(busy)],
        [100 * busy[hour] / (windows * 60) for hour in sorted(busy)],
        color="#6e7781",
    )
    use.set_title("窗口使用率（公平）")
    use.set_xlabel("时")
    use.set_ylabel("%")
    use.set_ylim(0, 100)
    use.grid(alpha=0.3)
    for axis in places[len(runs) + 1 :]:
        axis.axis("off")
    warnings.filterwarnings("ignore", message="Glyph .* missing from font")
    figure.savefig(path, format="svg", metadata={"Date": None})
    plt.close(figure)
