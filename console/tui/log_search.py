"""What is searched for in a log: its marks in the lines, and the work of finding it."""

from __future__ import annotations

from dataclasses import dataclass

from ..logs.expression import Expression
from ..logs.jumps import Both
from ..logs.merged_lines import LineAt, Place
from ..logs.pattern import make_pattern
from ..logs.search import Watcher
from ..logs.sources import OpenSource
from ..logs.wanted import Matching, Wanted
from .log_jobs import LogWork
from .log_marks import ExpressionMarks
from .watching import Post

_MOST_MARKS = 100  # in one line


@dataclass(frozen=True)
class FoundPlace:
    """The place that was looked for; None where there is none on that side."""

    line: LineAt | None


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
        self._marked: ExpressionMarks | None = None
        make_pattern(text, regex=regex, ignore_case=self.ignore_case)

    def wanted(self) -> Matching:
        """The lines that match, for one thread."""
        return Matching(make_pattern(self.text, regex=self.regex, ignore_case=self.ignore_case))

    def close(self) -> None:
        """No more marks are asked for."""
        if self._marked is not None:
            self._marked.end()

    def marks(self, line: str, post: Post) -> list[tuple[int, int]]:
        """Where in a line as it is shown the hits are. Those of an expression are told later, by ``MarksFound``."""
        if not self.regex:
            return self._marks_of_text(line)
        if self._marked is None:
            self._marked = ExpressionMarks(Expression(self.text, ignore_case=self.ignore_case), post)
        return self._marked.of(line)

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

    def within(self, outer: Wanted | None) -> Wanted:
        """The lines that match among those that ``outer`` wants (None: all), for one thread."""
        return self.wanted() if outer is None else Both(outer, self.wanted())

    @staticmethod
    def find(wanted: Wanted, place: Place, *, back: bool, both: bool = False) -> LogWork:
        """Look for the next wanted line, before ``place`` or from it on; ``both``: on the other side then."""

        def work(log: OpenSource, watcher: Watcher) -> FoundPlace:
            for side in (back, not back)[: 2 if both else 1]:
                found = log.hit(wanted, place, watcher, back=side)
                if found is not None or watcher.stopped:
                    return FoundPlace(found)
            return FoundPlace(None)

        return work

    @staticmethod
    def count(wanted: Wanted) -> LogWork:
        """Count the wanted lines."""
        return lambda log, watcher: Counted(log.count(wanted, watcher) or 0)
