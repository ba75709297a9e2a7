"""The log files: name, size, age and program, with a cursor."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ...logs.clean import terminal_safe
from ...results import LogFile
from ...text import _
from ...units import duration, size
from ..appearance import PLAIN


class FileList(Widget, can_focus=True):
    """Up and down choose, Enter opens. The file that is open is marked."""

    BINDINGS = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    class Chosen(Message):
        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    def __init__(self) -> None:
        super().__init__(id="files")
        self._files: tuple[LogFile, ...] = ()
        self._open: Path | None = None
        self._cursor = 0
        self._rows: list[str] = []

    def show_files(self, files: tuple[LogFile, ...], opened: Path | None) -> None:
        """Show ``files``; ``opened`` is the one that is being read."""
        at = self._files[self._cursor].path if self._files else opened
        resized, marked = len(files) != len(self._files), opened != self._open
        self._files, self._open = files, opened
        paths = [file.path for file in files]
        self._cursor = paths.index(at) if at in paths else 0
        rows = [self._row(file) for file in files]
        if rows != self._rows or marked:
            self._rows = rows
            self.refresh(layout=resized)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return max(1, len(self._files))

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        top = max(0, min(self._cursor - height + 1, len(self._rows) - height)) if self._cursor >= height else 0
        number = top + y
        if not self._files:
            return Strip([Segment(f"  {_('There is no log yet.')}", Style(dim=True))]).adjust_cell_length(width, PLAIN)
        if number >= len(self._rows):
            return Strip.blank(width, PLAIN)
        is_open = self._files[number].path == self._open
        style = Style(reverse=True) if number == self._cursor and self.has_focus else Style(bold=is_open)
        return Strip([Segment(f"{' ▸ ' if is_open else '   '}{self._rows[number]}", style)]).adjust_cell_length(
            width, PLAIN
        )

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def action_move(self, by: int) -> None:
        self._cursor = max(0, min(len(self._files) - 1, self._cursor + by))
        self.refresh()

    def action_choose(self) -> None:
        if self._files:
            self._open = self._files[self._cursor].path
            self.refresh()
            self.post_message(self.Chosen(self._open))

    def _row(self, file: LogFile) -> str:
        age = (datetime.now().astimezone() - file.modified).total_seconds()
        name = terminal_safe(file.path.name)
        name = name if len(name) <= 30 else name[:29] + "…"
        return f"{name:<30} {size(file.bytes):>8}  {_('{age} ago').format(age=duration(age)):>14}  {file.program or ''}"
