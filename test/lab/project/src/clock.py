"""The lab's time: how much shorter waits are than they say, and the time of day that the schedule believes in.

LAB_SPEED (in the image) divides waits. `state/lab.json` may say at what time of day this process starts ("clock", HH:MM
UTC; without it 03:10, when the engine is asleep) and how long a run takes ("run_seconds").
"""

import json
import os
import time
from datetime import datetime, timedelta, timezone

SPEED = float(os.environ.get("LAB_SPEED", "1"))


def _settings():
    try:
        with open("state/lab.json", encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


_begun = datetime.now(timezone.utc)
_hour, _minute = (int(part) for part in _settings().get("clock", "03:10").split(":"))
_offset = _begun.replace(hour=_hour, minute=_minute, second=0, microsecond=0) - _begun


def now():
    """The schedule's time."""
    return datetime.now(timezone.utc) + _offset


def sleep(seconds):
    time.sleep(max(seconds, 0) / SPEED)


def patience(seconds):
    """A time-out, shortened, though not so far that a busy machine misses it."""
    return max(seconds / SPEED, 2.0)


def run_seconds():
    return float(_settings().get("run_seconds", 1))


__all__ = ["SPEED", "now", "patience", "run_seconds", "sleep", "timedelta"]
