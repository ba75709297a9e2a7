"""What would I have typed? The shell commands that a screen's actions stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.binding import Binding
from textual.content import Content

from ...logs.clean import terminal_safe
from ...text import _
from ..appearance import QUIET, STRONG
from .reading import ReadingScreen


class CommandsScreen(ReadingScreen):
    """A list of commands to read, and to copy with the terminal's own selection."""

    BINDINGS = [Binding("x", "dismiss", show=False)]

    def __init__(self, commands: Sequence[tuple[str, Sequence[str]]]) -> None:
        super().__init__()
        self._commands = commands

    def paragraphs(self) -> Iterable[Content]:
        yield Content.styled(_("The shell commands"), STRONG)
        for title, lines in self._commands:
            yield Content.styled(f"\n{title}", QUIET)
            yield Content("\n".join("  " + terminal_safe(line) for line in lines))
