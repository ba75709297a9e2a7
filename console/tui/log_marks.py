"""Where an expression matches in the lines in view: tried by its own process, asked by a thread of its own."""

from __future__ import annotations

from textual.message import Message

from ..logs.expression import Expression, SearchEnded
from .watching import Post, Watch

Spans = list[tuple[int, int]]

_MOST_KEPT = 4000  # lines whose marks are remembered
_MOST_ASKED = 500  # lines at once
_REST = 3600.0  # seconds: it is woken when there is something to do


class MarksFound(Message):
    """Lines that were shown without marks have theirs now."""


class ExpressionMarks(Watch):
    """Remembers the marks of lines for one expression, which is closed at the end. Started by the first line."""

    def __init__(self, expression: Expression, post: Post) -> None:
        super().__init__(_REST, "log-marks", post)
        self._expression = expression
        self._known: dict[str, Spans] = {}
        self._asked: dict[str, None] = {}

    def of(self, line: str) -> Spans:
        """The marks of ``line``; none as long as they are not known, for which ``MarksFound`` is posted."""
        known = self._known.get(line)
        if known is None:
            self._asked[line] = None
            if not self.ident:
                self.start()
            self.look_now()
        return known or []

    def look(self) -> None:
        lines = list(self._asked)[-_MOST_ASKED:]
        if not lines:
            return
        try:
            found = self._expression.spans(lines)
        except SearchEnded:
            return
        if len(self._known) > _MOST_KEPT:
            self._known = {}
        self._known.update(zip(lines, found, strict=True))
        self._asked = {}  # a line asked for meanwhile is asked for again when it is drawn
        self._post(MarksFound())

    def end(self) -> None:
        super().end()
        self._expression.close()
