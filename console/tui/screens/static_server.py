"""Which of several servers is meant: each with its place, the one that the load balancer asks first."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ...logs.clean import terminal_safe
from ...text import _
from ..appearance import QUIET, STRONG, style_sheet
from ..presentation import sheet_width
from ..widgets.rows import STYLES, Row, Rows, fitted

_LABEL = 28


class StaticServerScreen(ModalScreen[int]):
    """``choices`` are a server's label and its place each, ``port`` the load balancer's. Dismissed with the number of
    the chosen one, and with nothing when the person goes back.
    """

    CSS_PATH = style_sheet("static_server")
    BINDINGS = [
        Binding("q,escape", "dismiss", show=False),
        Binding("enter,space", "choose", show=False),
    ]

    def __init__(self, choices: Sequence[tuple[str, str]], port: int) -> None:
        super().__init__()
        self._port = port
        self._choices = tuple(choices)

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield Static(Content.styled(_("Which server is meant?"), STRONG))
            yield Rows("servers")
            asked = _("The load balancer asks port {port}.").format(port=self._port)
            yield Static(Content.styled(f"\n{asked}\n" + _("Enter  this one · q  back"), QUIET))

    def on_mount(self) -> None:
        rows = self.query_one(Rows)
        rows.focus()
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = sheet_width(self.size.width)
        rows = [_row(number, *choice, width) for number, choice in enumerate(self._choices)]
        self.query_one(Rows).show_rows(rows)

    def action_choose(self) -> None:
        self.dismiss(self.query_one(Rows).cursor)


def _row(number: int, label: str, place: str, width: int) -> Row:
    told = fitted(terminal_safe(place), max(10, width - _LABEL - 5), end=True)
    return Row(number, ((f"{fitted(terminal_safe(label), _LABEL)} {told}", STYLES[""]),))
