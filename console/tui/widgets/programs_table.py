"""supervisord's programs: a row each, a cursor, and only what changed drawn again."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ...logs.clean import terminal_safe
from ...results import Program
from ...text import _, ngettext
from ...units import duration, size
from ..appearance import PLAIN, state_sign
from ..presentation import WIDE

_STYLES = {
    "ansi_green": Style(color="green"),
    "ansi_red bold": Style(color="red", bold=True),
    "ansi_magenta": Style(color="magenta"),
    "dim": Style(dim=True),
}
Cell = tuple[str, Style]


class ProgramsTable(Widget, can_focus=True):
    """The table. ``selected`` is the program under the cursor."""

    DEFAULT_CSS = """
    ProgramsTable { height: auto; max-height: 9; width: 1fr; }
    """
    BINDINGS = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("home", "move(-1000)", show=False),
        Binding("end", "move(1000)", show=False),
    ]

    class Selected(Message):
        """The cursor came to another program."""

        def __init__(self, program: Program) -> None:
            super().__init__()
            self.program = program

    def __init__(self) -> None:
        super().__init__(id="programs")
        self._programs: tuple[Program, ...] = ()
        self._rows: list[list[Cell]] = []
        self._cursor = 0
        self._top = 0
        self._stale = False

    @property
    def selected(self) -> Program | None:
        return self._programs[self._cursor] if self._programs else None

    def show_programs(self, programs: tuple[Program, ...], *, stale: bool = False) -> None:
        """Show ``programs``; ``stale`` greys them, for a table that cannot be asked for just now."""
        before = self.selected
        self._programs = programs
        names = [program.full_name for program in programs]
        if before is not None and before.full_name in names:
            self._cursor = names.index(before.full_name)
        else:
            self._cursor = names.index("app") if "app" in names else 0
        changed_size = len(programs) + 1 != len(self._rows)
        self._stale = stale
        self._draw(everything=changed_size)
        if changed_size:
            self.refresh(layout=True)
        if before is None and self.selected is not None:
            self.post_message(self.Selected(self.selected))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self._programs) + 1

    def on_resize(self) -> None:
        self._draw(everything=True)

    def on_focus(self) -> None:
        self._draw()

    def on_blur(self) -> None:
        self._draw()

    def action_move(self, by: int) -> None:
        if not self._programs:
            return
        cursor = max(0, min(len(self._programs) - 1, self._cursor + by))
        if cursor != self._cursor:
            self._cursor = cursor
            self._draw()
            self.post_message(self.Selected(self._programs[cursor]))

    def render_line(self, y: int) -> Strip:
        index = y if y == 0 else y + self._top
        if index >= len(self._rows):
            return Strip.blank(self.size.width, PLAIN)
        row = self._rows[index]
        return Strip([Segment(text, style) for text, style in row]).adjust_cell_length(self.size.width, row[-1][1])

    def _draw(self, *, everything: bool = False) -> None:
        """Make the rows anew and have those drawn that differ, from the first to the last changed cell."""
        self._keep_cursor_in_view()
        old, self._rows = self._rows, [self._title(), *map(self._row, range(len(self._programs)))]
        if everything or len(old) != len(self._rows):
            self.refresh()
            return
        for number, (before, after) in enumerate(zip(old, self._rows, strict=True)):
            region = _changed(before, after)
            if region is not None:
                left, width = region
                self.refresh(Region(left, number if number == 0 else number - self._top, width, 1))

    def _keep_cursor_in_view(self) -> None:
        room = max(1, self.size.height - 1)
        top = min(self._top, self._cursor)
        top = max(top, self._cursor - room + 1, 0)
        if top != self._top:
            self._top = top
            self.refresh()

    def _title(self) -> list[Cell]:
        dim = Style(dim=True)
        names = [_("program"), _("state"), _("since"), _("cpu"), _("memory")]
        cells: list[Cell] = [
            ("   ", dim),
            (f"  {names[0]:<16} {names[1]:<10}{names[2]:>11}{names[3]:>8}{names[4]:>9}", dim),
        ]
        if self.size.width >= WIDE:
            cells.append((f"{_('pid'):>9}", dim))
        return cells

    def _row(self, index: int) -> list[Cell]:
        program = self._programs[index]
        sign, style_name = state_sign(program.state)
        style = _STYLES[style_name]
        base = Style()
        if index == self._cursor:
            base = Style(reverse=True) if self.has_focus else Style(bold=True)
        if self._stale:
            base, style = base + Style(dim=True), Style(dim=True)
        since = program.uptime_seconds if program.uptime_seconds is not None else program.since_seconds
        cpu = "" if program.cpu_percent is None else f"{program.cpu_percent:.0f} %"
        name = terminal_safe(program.full_name)
        name = name if len(name) <= 16 else name[:15] + "…"
        cells = [
            (" ▸ " if index == self._cursor else "   ", base),
            (sign, base + style),
            (f" {name:<16} ", base),
            (f"{program.state:<10}", base + (style if style_name != "dim" else Style())),
            (f"{duration(since):>11}", base),
            (f"{cpu:>8}", base),
            (f"{size(program.memory_bytes):>9}", base),
        ]
        if self.size.width >= WIDE:
            cells.append((f"{program.pid or '':>9}", base))
        if program.processes > 1:
            count = program.processes - 1
            cells.append(("   " + ngettext("{n} worker", "{n} workers", count).format(n=count), base))
        return cells


def _changed(before: list[Cell], after: list[Cell]) -> tuple[int, int] | None:
    """The column and width of what differs between two rows; None when nothing does."""
    if before == after:
        return None
    if [len(text) for text, _style in before] != [len(text) for text, _style in after]:
        return 0, max(sum(len(text) for text, _style in row) for row in (before, after))
    column, changed = 0, []
    for old, new in zip(before, after, strict=True):
        if old != new:
            changed.append((column, column + len(new[0])))
        column += len(new[0])
    return changed[0][0], changed[-1][1] - changed[0][0]
