"""A log to read: a window's rows, drawn line by line."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ...logs.colours import Coloured
from ...logs.folding import HIDDEN
from ...text import ngettext
from ..appearance import PLAIN
from ..log_pages import Row
from ..log_window import LogWindow, one_high
from .log_tail import level_style

_SIGN_CELLS = 2
_HIT = Style(reverse=True)
_HERE = Style(bold=True)
_QUIET = Style(dim=True)
_RULE = Style(bold=True)
_SIDEWAYS = 20  # cells
# What a program says with yellow is worth a look, which is magenta here; its blue and cyan are not read on every
# terminal, and black and white are one of them the background.
_OWN = {"red": "red", "green": "green", "yellow": "magenta", "magenta": "magenta"}

# The parts of a line that were searched for: where each begins and ends.
FindMarks = Callable[[str], list[tuple[int, int]]]


def own_style(part: Coloured) -> Style:
    """How a part is shown that the program gave a colour."""
    return Style(color=_OWN.get(part.colour or ""), bold=part.bold or None)


class LogView(Widget, can_focus=True):
    """Shows ``window``; says when it moved. What it needs it asks nobody for."""

    DEFAULT_CSS = """
    LogView { height: 1fr; width: 1fr; }
    """
    BINDINGS = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup,b", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("left,h", "sideways(-1)", show=False),
        Binding("right,l", "sideways(1)", show=False),
    ]

    class Moved(Message):
        """The view or the cursor is elsewhere, or follows, or no longer does."""

    def __init__(self) -> None:
        super().__init__(id="view")
        self.window = LogWindow()
        self.wrap = self.folded = False
        self._left = 0  # the first column in view
        self._marks: FindMarks | None = None
        self._lines: list[tuple[int, int]] = []

    def clear(self) -> None:
        """Show nothing, with a new window."""
        self.window = LogWindow()
        self._fit()
        self.changed()

    def mark(self, marks: FindMarks | None) -> None:
        """Show what ``marks`` finds in the lines."""
        self._marks = marks
        self.refresh()

    def set_wrap(self, wrap: bool) -> None:
        """Whether long lines go on below, or are cut at the edge."""
        self.wrap, self._left = wrap, 0
        self._fit()
        self.changed()

    def set_folded(self, folded: bool) -> None:
        """Whether of each traceback only its first line and what was raised are shown."""
        self.folded = folded
        self._fit()
        self.changed()

    def changed(self) -> None:
        """The window has changed: draw it, where it looks different."""
        self._lines = list(self.window.visible())
        self.refresh()

    def on_resize(self) -> None:
        self._fit()
        self.changed()
        self.post_message(self.Moved())

    def _fit(self) -> None:
        self.window.fit(self.size.height, self._high if self.wrap or self.folded else one_high)

    # -- moving --------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        self.window.move(by)
        self._moved()

    def action_page(self, by: int) -> None:
        self.window.page(by)
        self._moved()

    def action_sideways(self, by: int) -> None:
        if not self.wrap:
            longest = max((cell_len(self.window.rows[number].text) for number, _sub in self._lines), default=0)
            self._left = max(0, min(self._left + by * _SIDEWAYS, longest - _SIDEWAYS))
            self.refresh()

    def _moved(self) -> None:
        self.changed()
        self.post_message(self.Moved())

    # -- drawing -------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, PLAIN)
        number, sub = self._lines[y]
        row = self.window.rows[number]
        sign, style = level_style(row.level)
        here = number == self.window.cursor and not self.window.following
        lead = Segment(("›" if here else sign if sub == 0 else " ") + " ", style + _HERE if here else style)
        if here and sub == 0 and sign != " ":
            lead = Segment(f"›{sign}", style + _HERE)
        room = self._room(row)
        strip = Strip(self._segments(row, style))
        if self.wrap:
            pieces = self._pieces(row)
            begin = sum(cell_len(piece) for piece in pieces[:sub])
            # The last one with what stands behind the text.
            strip = strip.crop(begin, begin + cell_len(pieces[sub]) if sub < len(pieces) - 1 else begin + room)
        else:
            strip = strip.crop(self._left, self._left + room)
        if row.is_rule:
            strip = Strip([*strip, Segment(f" {'─' * (room - strip.cell_length)}", style + _RULE)])
        # The name of its log stays where a line goes on below, or is moved sideways.
        return Strip([lead, *([Segment(row.lead, _QUIET)] if row.lead else []), *strip]).adjust_cell_length(
            width, PLAIN
        )

    def _segments(self, row: Row, style: Style) -> list[Segment]:
        marks = self._marks(row.text) if self._marks is not None else []
        if row.is_rule:
            style += _RULE
        parts = [(part.begin, part.end, own_style(part)) for part in row.colours]
        parts += [(begin, end, _HIT) for begin, end in marks]
        borders = sorted({0, len(row.text), *(border for part in parts for border in part[:2])})
        segments = []
        for begin, end in itertools.pairwise(borders):
            own = (part for first, last, part in parts if first <= begin and end <= last)
            segments.append(Segment(row.text[begin:end], sum(own, style)))
        if self.folded and row.fold > 0:
            hidden = ngettext("{n} line hidden", "{n} lines hidden", row.fold).format(n=row.fold)
            segments.append(Segment(f" … {hidden}", _QUIET))
        return segments

    def _room(self, row: Row) -> int:
        """Cells for the text of a row."""
        return max(2, self.size.width - _SIGN_CELLS - cell_len(row.lead))

    def _pieces(self, row: Row) -> list[str]:
        room, text = self._room(row), row.text
        if text.isascii():
            return [text[at : at + room] for at in range(0, len(text), room)] or [""]
        return chop_cells(text, room) or [""]

    def _high(self, row: Row) -> int:
        if self.folded and row.fold == HIDDEN:
            return 0
        return len(self._pieces(row)) if self.wrap else 1
