"""What supervisord's log says of programs: that they were started, ended, stopped, or given up."""

from __future__ import annotations

import re
from dataclasses import dataclass

# supervisord 3.3 to 4.3: https://github.com/Supervisor/supervisor/blob/main/supervisor/process.py
_EVENT = re.compile(
    rb" (?:spawned: '(?P<spawned>[^']{1,200})' with pid (?P<pid>\d+)"
    rb"|(?P<what>exited|stopped|gave up): (?P<program>\S{1,200}) (?:\((?P<how>.*)\)|entered FATAL state.*))$"
)


@dataclass(frozen=True)
class RestartEvent:
    """``what`` is "spawned", "exited", "stopped" or "gave up"; ``detail`` supervisord's own words, empty for none."""

    program: str
    what: str
    detail: str


def restart_event(line: bytes) -> RestartEvent | None:
    """What a line of supervisord.log says of a program's start or end; None when it is another."""
    found = _EVENT.search(line[:1000])
    if found is None:
        return None
    if found["spawned"] is not None:
        return RestartEvent(_text(found["spawned"]), "spawned", f"pid {_text(found['pid'])}")
    return RestartEvent(_text(found["program"]), _text(found["what"]), _text(found["how"] or b""))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
