"""A sheet of text over the screen, to read and to leave."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ...text import _
from ..appearance import QUIET, style_sheet


class ReadingScreen(ModalScreen[None]):
    """Shows ``paragraphs``; q, Escape and Enter leave, the arrows, jk and the paging keys scroll."""

    CSS_PATH = style_sheet("reading")
    BINDINGS = [
        Binding("q,escape,enter", "dismiss", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("home,g", "scroll(-100000)", show=False),
        Binding("end,G", "scroll(100000)", show=False),
    ]

    def paragraphs(self) -> Iterable[Content]:
        """What there is to read; to be overridden."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="sheet", can_focus=False):
            for paragraph in self.paragraphs():
                yield Static(paragraph)
            yield Static(Content.styled("\n" + _("q  back"), QUIET))

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
