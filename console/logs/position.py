"""Places in a log that stay right while it is rotated, and the lines that begin there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .lines import mark_cut


class Position(NamedTuple):
    """Byte ``offset`` of the file with this ``device`` and ``inode``, which keeps both when it is renamed.

    In a compressed file the offset is that of the unpacked text.
    """

    device: int
    inode: int
    offset: int


NOWHERE = Position(0, 0, 0)  # of a line that the log no longer has


@dataclass(frozen=True)
class LogLine:
    """A line of a log: it begins at ``position``, at ``end`` the next one begins.

    ``data`` is the line without its line end, at most as many bytes as were asked for; ``missing`` counts the bytes
    left out. ``complete`` is False for a last line that has no line end yet.
    """

    position: Position
    end: Position
    data: bytes
    missing: int = 0
    complete: bool = True

    @property
    def marked(self) -> bytes:
        """``data``, with a mark that says how much was left out where it was cut."""
        return mark_cut(self.data, self.missing)
