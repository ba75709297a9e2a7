"""One log, or several as one: what looks for something in a log takes either."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Protocol

from .jumps import error_after, error_before, hit_after, hit_before, place_of, text_at
from .merged import Merged
from .merged_jumps import (
    count_merged,
    merged_error_after,
    merged_error_before,
    merged_hit_after,
    merged_hit_before,
    merged_place_of,
)
from .merged_lines import LineAt, MergedPosition, Place
from .position import Position
from .saving import SavedLines, save_lines, save_merged
from .search import Watcher, count_wanted
from .timeline import Timeline
from .wanted import Wanted

Source = Path | dict[str, Path]  # several by their names


class OpenSource(Protocol):
    """A source that is open, for one thread. What it raises is what the functions raise that it stands for."""

    def __enter__(self) -> OpenSource: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def hit(self, wanted: Wanted, place: Place, watcher: Watcher, *, back: bool) -> LineAt | None:
        """The last wanted line before ``place``, or the first one from there on; None when there is none."""

    def error(self, line: LineAt, watcher: Watcher, *, back: bool) -> LineAt | None:
        """The error or traceback before ``line``, or behind it."""

    def place_of(self, text: str, watcher: Watcher) -> LineAt | None:
        """The line that ``text`` means, a time or a part of the whole."""

    def text_at(self, line: LineAt, max_line: int) -> str:
        """The traceback that ``line`` belongs to, else the line by itself; not safe for a terminal."""

    def count(self, wanted: Wanted, watcher: Watcher) -> int | None:
        """How many places are wanted; None when cancelled."""

    def save(self, wanted: Wanted | None, path: Path, watcher: Watcher) -> SavedLines | None:
        """Write what is wanted to ``path``; None when cancelled."""


def open_source(source: Source) -> OpenSource:
    """``source``, open. Raises like ``Timeline`` or ``Merged``."""
    return _One(source) if isinstance(source, Path) else _Several(source)


class _One:
    def __init__(self, path: Path) -> None:
        self._timeline = Timeline(path)

    def __enter__(self) -> OpenSource:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._timeline.close()

    def hit(self, wanted: Wanted, place: Place, watcher: Watcher, *, back: bool) -> LineAt | None:
        return (hit_before if back else hit_after)(self._timeline, wanted, of_one(place), watcher)

    def error(self, line: LineAt, watcher: Watcher, *, back: bool) -> LineAt | None:
        return (error_before if back else error_after)(self._timeline, of_one(line), watcher)

    def place_of(self, text: str, watcher: Watcher) -> LineAt | None:
        return place_of(self._timeline, text, watcher)

    def text_at(self, line: LineAt, max_line: int) -> str:
        return text_at(self._timeline, of_one(line), max_line=max_line)[0]

    def count(self, wanted: Wanted, watcher: Watcher) -> int | None:
        return count_wanted(self._timeline, wanted, watcher=watcher)

    def save(self, wanted: Wanted | None, path: Path, watcher: Watcher) -> SavedLines | None:
        return save_lines(self._timeline, wanted, path, watcher=watcher)


class _Several:
    def __init__(self, logs: dict[str, Path]) -> None:
        self._merged = Merged(logs)

    def __enter__(self) -> OpenSource:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._merged.close()

    def hit(self, wanted: Wanted, place: Place, watcher: Watcher, *, back: bool) -> LineAt | None:
        assert not isinstance(place, Position)
        return (merged_hit_before if back else merged_hit_after)(self._merged, wanted, place, watcher)

    def error(self, line: LineAt, watcher: Watcher, *, back: bool) -> LineAt | None:
        return (merged_error_before if back else merged_error_after)(self._merged, of_several(line), watcher)

    def place_of(self, text: str, watcher: Watcher) -> LineAt | None:
        return merged_place_of(self._merged, text, watcher)

    def text_at(self, line: LineAt, max_line: int) -> str:
        line = of_several(line)
        return text_at(self._merged.timeline(line.source), line.position, max_line=max_line)[0]

    def count(self, wanted: Wanted, watcher: Watcher) -> int | None:
        return count_merged(self._merged, wanted, watcher)

    def save(self, wanted: Wanted | None, path: Path, watcher: Watcher) -> SavedLines | None:
        return save_merged(self._merged, wanted, path, watcher=watcher)


def of_one(place: Place | LineAt) -> Position:
    """A place in one log."""
    assert isinstance(place, Position), place
    return place


def of_several(line: LineAt) -> MergedPosition:
    """A line of one of several logs."""
    assert isinstance(line, MergedPosition), line
    return line
