"""What a playground remembers of itself: srv/run/playground.json."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..atomic import write_file
from .processes import Process

RECORD = Path("srv/run/playground.json")
LOCK = Path(".playground.lock")


@dataclass(frozen=True)
class Record:
    """``command`` starts its supervisord (empty: the console's own), with ``environment`` beside the container's
    own. ``process`` is the one that was started last. ``made``: every file and the virtualenv were finished.
    """

    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    process: Process | None = None
    made: bool = False

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.running


def read_record(root: Path) -> Record | None:
    """The record of the playground in ``root``; None where there is none, or no readable one."""
    try:
        told = json.loads((root / RECORD).read_text("utf-8"))
        process = told["process"]
        return Record(
            command=tuple(told["command"]),
            environment=dict(told["environment"]),
            process=Process(**process) if process else None,
            made=bool(told["made"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(root: Path, record: Record) -> None:
    """Remember it. Raises ConsoleError when it cannot be written."""
    data = json.dumps(dataclasses.asdict(record), indent=2) + "\n"
    write_file(root / RECORD, data.encode(), mode=0o600)
