"""The end of a log that grows: the last lines that fit, drawn in batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from ...logs.levels import level_of
from ..appearance import PLAIN

KEPT = 200
_SIGNS = {
    "error": ("✗", Style(color="red")),
    "5xx": ("✗", Style(color="red")),
    "warning": ("!", Style(color="magenta")),
    "4xx": ("!", Style(color="magenta")),
}
_NONE = (" ", Style())


def level_style(level: str | None) -> tuple[str, Style]:
    """The sign and the colour of a line's level or status class."""
    return _SIGNS.get(level or "", _NONE)


def log_strip(line: str, width: int) -> Strip:
    """One safe line of a log: the sign and colour of its level, then its text."""
    sign, style = level_style(level_of(line))
    return Strip([Segment(f"{sign} ", style), Segment(line, style)]).adjust_cell_length(width, PLAIN)


class LogTail(Widget):
    """Shows the newest lines; the whole log has a screen of its own."""

    DEFAULT_CSS = """
    LogTail { height: 1fr; width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__(id="tail")
        self._lines: deque[str] = deque(maxlen=KEPT)

    def start_over(self, lines: Iterable[str]) -> None:
        """Show another log's last lines."""
        self._lines.clear()
        self.add(lines)
        self.refresh()

    def add(self, lines: Iterable[str]) -> None:
        """Lines that came, already safe for a terminal."""
        before = len(self._lines)
        self._lines.extend(lines)
        if len(self._lines) != before or before == KEPT:
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        index = len(self._lines) - min(height, len(self._lines)) + y
        if index >= len(self._lines):
            return Strip.blank(width, PLAIN)
        return log_strip(self._lines[index], width)
