"""Help where one stands: this screen's keys, each with a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding
from textual.content import Content

from ... import __version__
from ...text import _
from ..appearance import KEY, QUIET, STRONG
from .base import ConsoleScreen, key_name
from .reading import ReadingScreen


class HelpScreen(ReadingScreen):
    """The keys of ``screen``, and what the screen is for."""

    BINDINGS = [Binding("question_mark", "dismiss", show=False)]

    def __init__(self, screen: ConsoleScreen) -> None:
        super().__init__()
        self._screen = screen

    def paragraphs(self) -> Iterable[Content]:
        yield Content.styled(_(self._screen.title_text), STRONG)
        yield Content(_(self._screen.about) + "\n")
        for binding in self._screen.own_bindings():
            if binding.description:
                yield _row(key_name(binding), _(binding.tooltip or binding.description))
        yield _row("↑↓ jk", _("Move; PgUp, PgDn, Home and End as everywhere"))
        yield _row("Ctrl+P", _("Every action, by name"))
        yield Content.styled("\n" + _("● runs  ◐ on its way  ○ stopped  ! tries again  ✗ failed"), QUIET)
        yield Content.styled(f"\nrosti-console {__version__}", QUIET)


def _row(key: str, sentence: str) -> Content:
    return Content.assemble((f"  {key:<8}", KEY), sentence)
