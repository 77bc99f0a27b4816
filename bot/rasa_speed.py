"""Two places where Rasa does slow work anew for every turn (提速): measured, and only those.

See docs/adr/0004-nlu-pipeline.md for the numbers. Rasa 3.6.21 is its last open release, so what
stands here cannot be overtaken; tests/bot/test_rasa_speed.py holds it to Rasa's own behaviour.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.shared.exceptions import RasaException


def check_result(_: RemoteAction, result: Any) -> bool:
    """The shape of an action's result (动作结果), as Rasa's JSON schema says it."""
    events = result.get("events", []) if isinstance(result, dict) else None
    responses = result.get("responses", []) if isinstance(result, dict) else None
    if not isinstance(events, list) or not isinstance(responses, list):
        raise RasaException("the action server's answer has no events and responses")
    if not all(isinstance(each, dict) and each.get("event") for each in events):
        raise RasaException("the action server's answer has an event without a name")
    return True


def speed_up() -> None:
    """Call once, before serving."""
    # the JSON schema of results was compiled anew for each: 60 of the 70 ms of CPU of a turn
    RemoteAction._validate_action_result = check_result
    # the class of an event was looked for among all subclasses, for each stored event
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=64)(Event.resolve_by_type))
