"""What is wanted of a log, written to a file of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..atomic import sync_folder, unwritable
from ..errors import ConsoleError
from ..text import _
from .merged import Merged
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
    lines = each_wanted(timeline, wanted or Everything(), start=start, stop=stop, max_line=_LONGEST)
    whole = timeline.bytes.end - timeline.bytes.known_begin
    return _save((line.marked for line in lines), whole, path, watcher or Watcher())


def save_merged(
    merged: Merged, wanted: Wanted | None, path: Path, *, watcher: Watcher | None = None
) -> SavedLines | None:
    """The same for several logs as one; before each line stands the name of its log."""
    watcher = watcher or Watcher()
    width = max(map(len, merged.logs))
    within = Watcher(cancelled=lambda: not watcher.goes_on(0, 0, 0))
    lines = merged.each(wanted, max_line=_LONGEST, watcher=within)
    named = (f"{line.source:{width}} │ ".encode() + line.line.marked for line in lines)
    return _save(named, merged.bytes_between(merged.begin, merged.end), path, watcher)


def _save(lines: Iterable[bytes], whole: int, path: Path, watcher: Watcher) -> SavedLines | None:
    if path.exists() or path.is_symlink():
        raise ConsoleError(
            _("{path} exists already.").format(path=path), _("Nothing was written over it."), _("Take another name.")
        )
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    written = count = 0
    try:
        with beside.open("xb") as file:
            for line in lines:
                count += file.write(line + b"\n")
                written += 1
                if written % _LOOK_EVERY == 0 and not watcher.goes_on(count, whole, written):
                    return None
            if watcher.stopped:
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
    return SavedLines(path, written, count)
