"""What stands in for Rasa's own code behaves as Rasa's own code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CHECK = """
from bot.lean import leave_tensorflow_out
leave_tensorflow_out()
import sys
from jsonschema import ValidationError, validate
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.shared.exceptions import RasaException
from bot.rasa_speed import check_result, speed_up

SCHEMA = RemoteAction.action_response_format_spec()
RESULTS = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "item", "value": None}], "responses": [{"text": "a"}]},
    {"events": [{"event": "followup", "name": "action_listen"}], "responses": []},
    {"events": {}, "responses": []},
    {"events": [], "responses": "none"},
    {"events": [{}], "responses": []},
    [],
]

def accepted(check):
    found = []
    for result in RESULTS:
        try:
            check(result)
            found.append(True)
        except (ValidationError, RasaException):
            found.append(False)
    return found

assert accepted(lambda r: validate(r, SCHEMA)) == accepted(lambda r: check_result(None, r))
names = ["user", "bot", "slot", "action", "active_loop", "session_started", "followup"]
before = [Event.resolve_by_type(name) for name in names]
speed_up()
assert [Event.resolve_by_type(name) for name in names] == before
import rasa.core.run
import bot.components.linker, bot.components.aspects, bot.components.rules, bot.stores
assert "tensorflow" not in sys.modules
print("same")
"""


@pytest.mark.timeout(120)
def test_stand_ins_behave_as_rasa_and_keep_tensorflow_out() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHECK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.strip().endswith("same"), run.stderr[-2000:]
