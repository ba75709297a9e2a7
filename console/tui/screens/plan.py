"""A plan before anything is touched: what would happen, what it stands for, and the safe choice focused."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from ...logs.clean import terminal_safe
from ...text import _
from ..appearance import QUIET, STRONG, style_sheet


class PlanScreen(ModalScreen[bool]):
    """Shows a plan; dismissed with True when the person says yes. Cancel is focused."""

    CSS_PATH = style_sheet("plan")
    BINDINGS = [
        Binding("q,escape,n", "refuse", show=False),
        Binding("y", "agree", show=False),
        Binding("left,right,tab,h,l", "other", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
    ]

    def __init__(self, title: str, body: Content, agree: str, commands: Sequence[str] = ()) -> None:
        super().__init__()
        self._title = title
        self._body = body
        self._agree = agree
        self._commands = commands

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="sheet", can_focus=False):
            yield Static(Content.styled(self._title, STRONG))
            yield Static(self._body, id="body")
            if self._commands:
                yield Static(Content.styled(_("\nIt stands for"), QUIET))
                lines = "\n".join("  " + terminal_safe(line) for line in self._commands)
                yield Static(Content(lines), id="stands-for")
        with Horizontal(classes="choices"):
            yield Button(_("Cancel"), id="refuse", compact=True)
            yield Button(self._agree, id="agree", compact=True)

    def on_mount(self) -> None:
        self.query_one("#refuse", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "agree")

    def action_refuse(self) -> None:
        self.dismiss(False)

    def action_agree(self) -> None:
        self.dismiss(True)

    def action_other(self) -> None:
        focused = self.focused
        self.query_one("#agree" if focused is not None and focused.id == "refuse" else "#refuse", Button).focus()

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


def diff_content(diff: str) -> Content:
    """A unified diff, its signs in colour; the lines as they are."""
    styles = {"+": "ansi_green", "-": "ansi_red", "@": QUIET}
    lines = []
    for line in diff.splitlines():
        safe = terminal_safe(line)
        style = styles.get(line[:1])
        lines.append(Content.styled(safe, style) if style else Content(safe))
    return Content("\n").join(lines)
