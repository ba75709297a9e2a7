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
from ...results import StaticServer
from ...text import _
from ..appearance import QUIET, STRONG, style_sheet
from ..presentation import sheet_width
from ..widgets.rows import STYLES, Row, Rows, fitted

_LABEL = 28


class StaticServerScreen(ModalScreen[StaticServer]):
    """Dismissed with the chosen server, and not at all when the person goes back."""

    CSS_PATH = style_sheet("static_server")
    BINDINGS = [
        Binding("q,escape", "app.pop_screen", show=False),
        Binding("enter,space", "choose", show=False),
    ]

    def __init__(self, servers: Sequence[StaticServer], port: int) -> None:
        super().__init__()
        self._port = port  # the load balancer's
        self._servers = tuple(servers)

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
        rows = [_row(number, server, width) for number, server in enumerate(self._servers)]
        self.query_one(Rows).show_rows(rows)

    def action_choose(self) -> None:
        self.dismiss(self._servers[self.query_one(Rows).cursor])


def _row(number: int, server: StaticServer, width: int) -> Row:
    label = fitted(terminal_safe(server.label), _LABEL)
    place = fitted(terminal_safe(f"{server.file}:{server.line}"), max(10, width - _LABEL - 5), end=True)
    return Row(number, ((f"{label} {place}", STYLES[""]),))
