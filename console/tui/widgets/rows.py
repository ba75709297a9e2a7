"""Rows with a cursor: a table or a list, of which only the cells that changed are drawn again."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..appearance import PLAIN

STYLES = {
    "": Style(),
    "ansi_green": Style(color="green"),
    "ansi_red bold": Style(color="red", bold=True),
    "ansi_magenta": Style(color="magenta"),
    "dim": Style(dim=True),
}
Cell = tuple[str, Style]


@dataclass(frozen=True)
class Row:
    """``key`` tells the row from the others, also when it looks different later. The marker of the chosen one, three
    cells, comes before ``cells``.
    """

    key: Hashable
    cells: tuple[Cell, ...]


class Rows(Widget, can_focus=True):
    """Shows rows, perhaps below a title. ``cursor`` is the number of the chosen one, 0 where there is none."""

    DEFAULT_CSS = """
    Rows { height: auto; width: 1fr; }
    """
    BINDINGS = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("home,g", "move(-100000)", show=False),
        Binding("end,G", "move(100000)", show=False),
    ]

    class Moved(Message):
        """The cursor came to another row."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._title: tuple[Cell, ...] = ()
        self._rows: tuple[Row, ...] = ()
        self._lines: list[list[Cell]] = []  # those in view, each as wide as this
        self._top = 0
        self.cursor = 0

    def show_rows(
        self, rows: Sequence[Row], title: Sequence[Cell] = (), *, at: Hashable | None = None, anew: bool = False
    ) -> None:
        """Show ``rows``; the cursor stays on its row, or comes to the one whose key is ``at``. ``anew``: they are
        others than before, and without ``at`` the first one is chosen.
        """
        keys = [row.key for row in rows]
        wanted = at if at is not None else self._rows[self.cursor].key if self._rows and not anew else None
        resized = len(rows) != len(self._rows) or bool(title) != bool(self._title)
        if wanted in keys:
            self.cursor = keys.index(wanted)
        else:
            self.cursor = 0 if anew else max(0, min(self.cursor, len(rows) - 1))
        self._rows, self._title = tuple(rows), tuple(title)
        self._draw(everything=resized)
        if resized:
            self.refresh(layout=True)

    def move(self, by: int) -> None:
        """Move the cursor by ``by`` rows, as far as there are any."""
        cursor = max(0, min(len(self._rows) - 1, self.cursor + by))
        if cursor != self.cursor:
            self.cursor = cursor
            self._draw()
            self.post_message(self.Moved())

    def action_move(self, by: int) -> None:
        self.move(by)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self._rows) + bool(self._title)

    def on_resize(self) -> None:
        self._draw(everything=True)

    def on_focus(self) -> None:
        self._draw()

    def on_blur(self) -> None:
        self._draw()

    def render_line(self, y: int) -> Strip:
        if y >= len(self._lines):
            return Strip.blank(self.size.width, PLAIN)
        strip = Strip([Segment(text, style) for text, style in self._lines[y]])
        return strip.adjust_cell_length(self.size.width, PLAIN)

    def _draw(self, *, everything: bool = False) -> None:
        """Make the lines in view anew and have what differs drawn, from the first to the last changed cell."""
        room = max(1, self.size.height - bool(self._title))
        self._top = max(0, min(self._top, self.cursor, len(self._rows) - room), self.cursor - room + 1)
        before = self._lines
        shown = list(enumerate(self._rows))[self._top : self._top + room]
        self._lines = [self._filled(self._title, PLAIN)] if self._title else []
        self._lines += [self._filled((self._marker(number), *row.cells), self._base(number)) for number, row in shown]
        if everything or len(before) != len(self._lines):
            self.refresh()
            return
        for number, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            changed = _changed(old, new)
            if changed is not None:
                left, width = changed
                self.refresh(Region(left, number, width, 1))

    def _marker(self, number: int) -> Cell:
        return (" ▸ " if number == self.cursor else "   ", PLAIN)

    def _base(self, number: int) -> Style:
        if number != self.cursor:
            return PLAIN
        return Style(reverse=True) if self.has_focus else Style(bold=True)

    def _filled(self, cells: Sequence[Cell], base: Style) -> list[Cell]:
        rest = self.size.width - sum(cell_len(text) for text, _style in cells)
        return [*((text, base + style) for text, style in cells), (" " * rest, base if base.reverse else PLAIN)]


def _changed(before: list[Cell], after: list[Cell]) -> tuple[int, int] | None:
    """The column and width of what differs between two lines; None when nothing does."""
    if before == after:
        return None
    widths = [[cell_len(text) for text, _style in cells] for cells in (before, after)]
    if widths[0] != widths[1]:
        return 0, max(map(sum, widths))
    starts = list(itertools.accumulate(widths[0], initial=0))
    differing = [number for number, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
    return starts[differing[0]], starts[differing[-1] + 1] - starts[differing[0]]


def fitted(text: str, cells: int, *, end: bool = False) -> str:
    """``text`` filled up or cut to ``cells``; a cut shows as … at its end, or with ``end`` at its beginning."""
    if cell_len(text) <= cells:
        return set_cell_size(text, cells)
    if not end:
        return set_cell_size(text, cells - 1) + "…"
    while cell_len(text) > cells - 1:
        text = text[1:]
    return set_cell_size("…" + text, cells)
