"""The console's memory of its changes of site files: one that has begun, and those that can be taken back.

A small JSON file beside the backups. ``begun`` is written before the site file and cleared when nginx has taken the
change or it was taken back, so a console that was killed in between is noticed by the next one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ..atomic import write_file
from ..container import Container
from ..lock import holder
from ..results import as_json, from_json

KEPT = 20  # changes that can be taken back


@dataclass(frozen=True)
class Made:
    """One change: ``old`` and ``new`` are the SHA-256 of ``file``'s content, ``backup`` holds the old one."""

    file: Path
    backup: Path
    old: str
    new: str
    wanted: str
    location: str
    alias: str
    at: datetime
    host: str = ""
    port: int | None = None


@dataclass(frozen=True)
class Record:
    """``made`` are the changes that stand, the oldest first. ``undoing``: what has begun takes the last one back."""

    begun: Made | None = None
    made: tuple[Made, ...] = field(default=())
    undoing: bool = False


def record_file(container: Container) -> Path:
    return container.state_dir / "static-changes.json"


def read_record(container: Container) -> Record:
    """What is remembered; nothing where the file is missing or is none of ours."""
    try:
        return from_json(Record, json.loads(record_file(container).read_text()))
    except (OSError, ValueError):
        return Record()


def write_record(container: Container, record: Record) -> None:
    """Remember it. Raises ConsoleError where the file cannot be written."""
    container.state_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(Record(record.begun, record.made[-KEPT:], record.undoing)), indent=1)
    write_file(record_file(container), text.encode("utf-8", "surrogateescape"), mode=0o600)


def digest(data: bytes) -> str:
    import hashlib  # not at import: the first screen imports this module

    return hashlib.sha256(data).hexdigest()


def unfinished(container: Container) -> Made | None:
    """A change whose console was killed, and whose file nobody has changed since; None while one is at work."""
    if not record_file(container).exists():
        return None
    begun = read_record(container).begun
    if begun is None or holder(container.lock) is not None:
        return None
    try:
        now = digest(begun.file.read_bytes())
    except OSError:
        return None
    return begun if now in (begun.old, begun.new) else None
