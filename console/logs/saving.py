"""What is wanted of a log, written to a file of its own."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from ..atomic import sync_folder, unwritable
from ..errors import ConsoleError
from ..text import _
from .position import Position
from .search import Watcher, each_wanted
from .timeline import Timeline
from .wanted import Everything, Wanted

_LONGEST = 16 * 1024 * 1024  # bytes of a line
_LOOK_EVERY = 10_000  # lines


@dataclass(frozen=True)
class SavedLines:
    """``lines`` were written to ``path``, ``bytes`` in all."""

    path: Path
    lines: int
    bytes: int


def save_lines(
    timeline: Timeline,
    wanted: Wanted | None,
    path: Path,
    *,
    start: Position | None = None,
    stop: Position | None = None,
    watcher: Watcher | None = None,
) -> SavedLines | None:
    """Write the lines that are ``wanted`` (None: all) between two positions to ``path``, byte by byte as they are.

    The file must not exist yet. None, and no file, when it was cancelled. Raises ConsoleError when it could not be
    written; nothing is left of it then.
    """
    watcher = watcher or Watcher()
    if path.exists() or path.is_symlink():
        raise ConsoleError(
            _("{path} exists already.").format(path=path), _("Nothing was written over it."), _("Take another name.")
        )
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    lines = count = 0
    all_bytes = timeline.bytes.end - timeline.bytes.known_begin
    try:
        with beside.open("xb") as file:
            for line in each_wanted(timeline, wanted or Everything(), start=start, stop=stop, max_line=_LONGEST):
                count += file.write(line.marked + b"\n")
                lines += 1
                if lines % _LOOK_EVERY == 0 and not watcher.goes_on(count, all_bytes, lines):
                    return None
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)  # unlike a rename it takes nobody's place
        sync_folder(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
    return SavedLines(path, lines, count)
