"""A line of a log whole, or the traceback that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from ...logs.clean import terminal_safe
from .reading import ReadingScreen


class WholeLineScreen(ReadingScreen):
    """Shows ``text`` as it stands in the log."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def paragraphs(self) -> Iterable[Content]:
        yield Content("\n".join(terminal_safe(line) for line in self._text.split("\n")))
