"""What is searched for in a log: its marks in the lines, and the work of finding it."""

from __future__ import annotations

from dataclasses import dataclass

from ..logs.jumps import Both, hit_after, hit_before
from ..logs.pattern import Pattern, make_pattern
from ..logs.position import Position
from ..logs.search import Watcher, count_wanted
from ..logs.timeline import Timeline
from ..logs.wanted import Matching, Wanted
from .log_jobs import LogWork

_MOST_MARKS = 100  # in one line


@dataclass(frozen=True)
class FoundPlace:
    """The place that was looked for; None where there is none on that side."""

    position: Position | None


@dataclass(frozen=True)
class Counted:
    """So many lines match in the whole log."""

    lines: int


class LogSearch:
    """A search for ``text``: small and capital letters are the same unless it has capital ones.

    Raises WrongUsage for an expression that is none.
    """

    def __init__(self, text: str, *, regex: bool) -> None:
        self.text = text
        self.regex = regex
        self.ignore_case = text == text.lower()
        self._pattern: Pattern = make_pattern(text, regex=regex, ignore_case=self.ignore_case)

    @property
    def wanted(self) -> Wanted:
        return Matching(self._pattern)

    def marks(self, line: str) -> list[tuple[int, int]]:
        """Where in a line as it is shown the hits are. Of an expression only a hit's begin is known: it is shown up to
        the next blank.
        """
        return self._marks_of_expression(line) if self.regex else self._marks_of_text(line)

    def _marks_of_text(self, line: str) -> list[tuple[int, int]]:
        needle, searched = self.text, line.lower() if self.ignore_case else line
        found: list[tuple[int, int]] = []
        if len(searched) != len(line) or not needle:  # a letter whose small one is longer
            return found
        at = searched.find(needle)
        while at >= 0 and len(found) < _MOST_MARKS:
            found.append((at, at + len(needle)))
            at = searched.find(needle, at + len(needle))
        return found

    def _marks_of_expression(self, line: str) -> list[tuple[int, int]]:
        data, at, column = line.encode(), 0, 0
        found: list[tuple[int, int]] = []
        while at < len(data) and len(found) < _MOST_MARKS and (hit := self._pattern.find(data, at, len(data))) >= 0:
            blank = data.find(b" ", hit + 1)
            end = blank if blank >= 0 else len(data)
            begin = column + len(data[at:hit].decode("utf-8", "replace"))
            column = begin + len(data[hit:end].decode("utf-8", "replace"))
            if end <= at:
                break
            found.append((begin, column))
            at = end
        return found

    def find(self, position: Position, within: Wanted | None, *, back: bool, both: bool = False) -> LogWork:
        """Look for the next line that matches, before ``position`` or from it on; ``both``: on the other side then."""
        wanted = self.wanted if within is None else Both(within, self.wanted)

        def work(timeline: Timeline, watcher: Watcher) -> FoundPlace:
            looks = (hit_before, hit_after) if back else (hit_after, hit_before)
            for look in looks[: 2 if both else 1]:
                found = look(timeline, wanted, position, watcher)
                if found is not None or watcher.stopped:
                    return FoundPlace(found)
            return FoundPlace(None)

        return work

    def count(self, within: Wanted | None) -> LogWork:
        """Count the lines that match."""
        wanted = self.wanted if within is None else Both(within, self.wanted)
        return lambda timeline, watcher: Counted(count_wanted(timeline, wanted, watcher=watcher) or 0)
