"""supervisord's programs, a row each."""

from __future__ import annotations

from collections.abc import Iterator

from rich.style import Style
from textual.message import Message

from ...logs.clean import terminal_safe
from ...results import Program
from ...text import _, ngettext
from ...units import duration, size
from ..appearance import PLAIN, state_sign
from ..presentation import WIDE
from .rows import STYLES, Cell, Row, Rows, fitted

_NAME = 16  # cells
_DIM = STYLES["dim"]


class ProgramsTable(Rows):
    """The table. ``selected`` is the program under the cursor."""

    DEFAULT_CSS = """
    ProgramsTable { max-height: 9; }
    """

    class Selected(Message):
        """The cursor came to another program."""

        def __init__(self, program: Program) -> None:
            super().__init__()
            self.program = program

    def __init__(self) -> None:
        super().__init__(id="programs")
        self._programs: tuple[Program, ...] = ()
        self._stale = False

    @property
    def selected(self) -> Program | None:
        return self._programs[self.cursor] if self._programs else None

    def show_programs(self, programs: tuple[Program, ...], *, stale: bool = False) -> None:
        """Show ``programs``; ``stale`` greys them, for a table that cannot be asked for just now."""
        before = self.selected
        known = before is not None and before.full_name in [program.full_name for program in programs]
        self._programs, self._stale = programs, stale
        self._fill(None if known else "app", anew=not known)
        if before is None and self.selected is not None:
            self.post_message(self.Selected(self.selected))

    def move(self, by: int) -> None:
        before = self.cursor
        super().move(by)
        if self.cursor != before:
            self.post_message(self.Selected(self._programs[self.cursor]))

    def on_resize(self) -> None:
        self._fill()
        super().on_resize()

    def _fill(self, at: str | None = None, *, anew: bool = False) -> None:
        rows = [Row(program.full_name, tuple(self._cells(program))) for program in self._programs]
        self.show_rows(rows, list(self._names()), at=at, anew=anew)

    def _names(self) -> Iterator[Cell]:
        names = [_("program"), _("state"), _("since"), _("cpu"), _("memory")]
        yield "   ", PLAIN
        yield (f"  {names[0]:<{_NAME}} {names[1]:<10}{names[2]:>11}{names[3]:>8}{names[4]:>9}", _DIM)
        if self.size.width >= WIDE:
            yield (f"{_('pid'):>9}", _DIM)

    def _cells(self, program: Program) -> Iterator[Cell]:
        sign, style_name = state_sign(program.state)
        style = _DIM if self._stale else STYLES[style_name]
        since = program.uptime_seconds if program.uptime_seconds is not None else program.since_seconds
        cpu = "" if program.cpu_percent is None else f"{program.cpu_percent:.0f} %"
        yield sign, style
        yield f" {fitted(terminal_safe(program.full_name), _NAME)} ", PLAIN
        yield f"{program.state:<10}", style if style_name != "dim" else PLAIN
        yield f"{duration(since):>11}", PLAIN
        yield f"{cpu:>8}", PLAIN
        yield f"{size(program.memory_bytes):>9}", PLAIN
        if self.size.width >= WIDE:
            yield f"{program.pid or '':>9}", PLAIN
        if program.processes > 1:
            count = program.processes - 1
            yield "   " + ngettext("{n} worker", "{n} workers", count).format(n=count), PLAIN

    def _base(self, number: int) -> Style:
        base = super()._base(number)
        return base + _DIM if self._stale else base
