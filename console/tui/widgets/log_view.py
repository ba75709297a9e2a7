"""A log to read: the end first, the rest as one scrolls up, and it stays put while lines arrive."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..appearance import PLAIN
from .log_tail import log_strip

MOST_LINES = 20_000  # kept in memory; older ones are read from the file again


class LogView(ScrollView, can_focus=True):
    """Lines with a view on them. ``following`` while the view is at the end; scrolling up pauses it."""

    BINDINGS = [
        Binding("up,k", "scroll_by(-1)", show=False),
        Binding("down,j", "scroll_by(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home,g", "top", show=False),
        Binding("end,G", "bottom", show=False),
        Binding("left,h", "sideways(-20)", show=False),
        Binding("right,l", "sideways(20)", show=False),
    ]

    class AtTop(Message):
        """The reader has come to the first line that is loaded."""

    class Moved(Message):
        """Following or the number of unseen lines has changed."""

    def __init__(self) -> None:
        super().__init__(id="view")
        self._lines: list[str] = []
        self.following = True
        self.unseen = 0
        self._found: int | None = None

    @property
    def lines(self) -> Sequence[str]:
        return self._lines

    def start_over(self, lines: Sequence[str]) -> None:
        """Show another log from its end."""
        self._lines = list(lines)
        self.following, self.unseen, self._found = True, 0, None
        self._measure()
        self._to_end()
        self.refresh()
        self.post_message(self.Moved())

    def add(self, lines: Sequence[str]) -> None:
        """Lines that came; the view goes along only while it is at the end."""
        self._lines.extend(lines)
        spare = len(self._lines) - MOST_LINES
        if spare > 0:
            del self._lines[:spare]
            if not self.following:
                self._go(y=max(0, self.scroll_offset.y - spare))
        self._measure()
        if self.following:
            self._to_end()
            self.refresh()
        else:
            self.unseen += len(lines)
            self.post_message(self.Moved())

    def add_before(self, lines: Sequence[str]) -> None:
        """Older lines; what is in view stays in view."""
        top = self._top
        self._lines[:0] = lines
        if self._found is not None:
            self._found += len(lines)
        self._measure()
        self._go(y=top + len(lines))
        self.refresh()

    def find(self, text: str, *, back: bool) -> bool:
        """Bring the next line that holds ``text`` (case does not matter) into view; False when there is none."""
        wanted = text.casefold()
        start = self._found if self._found is not None else self._top + (self.size.height if back else -1)
        numbers = range(start - 1, -1, -1) if back else range(start + 1, len(self._lines))
        for number in numbers:
            if number < len(self._lines) and wanted in self._lines[number].casefold():
                self._found = number
                self._pause()
                self._go(y=max(0, number - self.size.height // 2))
                self.refresh()
                return True
        return False

    def render_line(self, y: int) -> Strip:
        number, width, left = self._top + y, self.size.width, self.scroll_offset.x
        if number >= len(self._lines):
            return Strip.blank(width, PLAIN)
        if number == self._found:
            strip = Strip([Segment("› " + self._lines[number], Style(reverse=True))])
            return strip.crop(left, left + width).adjust_cell_length(width, PLAIN)
        return log_strip(self._lines[number], width, left)

    # -- moving --------------------------------------------------------------------------------

    def action_scroll_by(self, lines: int) -> None:
        self._go(y=self._top + lines)
        self._moved(lines)

    def action_page(self, pages: int) -> None:
        self.action_scroll_by(pages * max(1, self.size.height - 1))

    def action_top(self) -> None:
        self._go(y=0)
        self._moved(-1)

    def action_bottom(self) -> None:
        self.follow()

    def action_sideways(self, cells: int) -> None:
        self._go(x=max(0, self.scroll_offset.x + cells))
        self.refresh()

    def follow(self) -> None:
        """Go to the end and along with what comes."""
        self.following, self.unseen, self._found = True, 0, None
        self._to_end()
        self.refresh()
        self.post_message(self.Moved())

    def on_mouse_scroll_up(self) -> None:
        self._moved(-1)

    def on_resize(self) -> None:
        self._measure()
        if self.following:
            self._to_end()

    def _moved(self, by: int) -> None:
        if by < 0:
            self._pause()
            if self.scroll_offset.y == 0:
                self.post_message(self.AtTop())
        elif self.scroll_offset.y >= self.max_scroll_y:
            self.follow()

    def _pause(self) -> None:
        if self.following and len(self._lines) > self.size.height:
            self.following = False
            self.post_message(self.Moved())

    @property
    def _top(self) -> int:
        """The number of the first line in view. While following it is told by the lines: the scroll position
        only comes after them once the layout has taken in how many there are.
        """
        return max(0, len(self._lines) - self.size.height) if self.following else self.scroll_offset.y

    def _measure(self) -> None:
        width = max((len(line) for line in self._lines), default=0) + 2
        self.virtual_size = Size(width, len(self._lines))

    def _to_end(self) -> None:
        self.call_after_refresh(self._settle)

    def _go(self, x: float | None = None, y: float | None = None) -> None:
        # force: Textual else refuses until a layout has brought the scroll bar, after the lines are there.
        self.scroll_to(x=x, y=y, animate=False, force=True)

    def _settle(self) -> None:
        if self.following:
            self._go(y=max(0, len(self._lines) - self.size.height))
