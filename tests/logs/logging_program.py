"""What a program and supervisord do to a log file."""

from __future__ import annotations

import contextlib
from pathlib import Path

from console.logs.follow import Follower

BACKUPS = 3


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def rotate(path: Path, backups: int = BACKUPS) -> None:
    """As supervisord's RotatingFileHandler.doRollover does."""
    for number in range(backups - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(f"{path.name}.{number}").replace(path.with_name(f"{path.name}.{number + 1}"))
    path.replace(path.with_name(f"{path.name}.1"))
    path.write_bytes(b"")


def polled(follower: Follower) -> list[bytes]:
    lines = list(follower.poll().lines)
    while follower.behind:
        lines += follower.poll().lines
    return lines
