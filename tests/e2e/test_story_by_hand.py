"""The page that tells the story by hand is run as it stands, against everything that runs."""

from __future__ import annotations

import re
import subprocess

from tests.e2e.conftest import ROOT, Running

PAGE = ROOT / "docs" / "story.md"
SECONDS = 240


def test_the_story_by_hand_goes_as_it_is_told(ready: Running) -> None:
    script = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text(), flags=re.DOTALL))
    told = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=ready.environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]
    lines = told.stdout.splitlines()
    for said in (
        '{"id-card": "covered", "real-estate-certificate": "covered"}',
        '["居住证"]',
        "特别程序中（不计入办理时限）",
    ):
        assert said in lines, told.stdout
    assert lines.count("已办结") == 3  # both cases by their clerks, and as the citizen sees one
    assert re.search(r"需要补正材料", told.stdout)
    assert any(line.startswith("审计日志完好") for line in lines)
