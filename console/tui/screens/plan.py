"""A plan before anything is touched: what would happen, what it stands for, and the safe choice focused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from ...logs.clean import terminal_safe
from ...text import N_, _
from ..appearance import KEY, QUIET, STRONG, style_sheet

AGREE, REFUSE = "agree", "refuse"
WAY, OFFER = "s", "o"  # the keys of the other choices


@dataclass(frozen=True)
class Choice:
    """What else a plan's sheet offers: ``key`` is WAY or OFFER, ``label`` says what it does, ``then`` does it."""

    key: str
    label: str
    then: Callable[[], object]


class PlanScreen(ModalScreen[str]):
    """Shows a plan; dismissed with AGREE when the person says yes, else with REFUSE, which is focused.

    Without ``agree`` there is nothing to say yes to. Each of ``choices`` is dismissed with its key.
    """

    CSS_PATH = style_sheet("plan")
    BINDINGS = [
        Binding("q,escape,n", "refuse", show=False),
        Binding("y", "agree", show=False),
        Binding(
            "s",
            "choose('s')",
            N_("Another way"),
            id="another-way",
            show=False,
            tooltip=N_("Plan it another way: repair, beside or in place"),
        ),
        Binding(
            "o",
            "choose('o')",
            N_("Change the file"),
            id="change-file",
            show=False,
            tooltip=N_("Write the versions that the plan offers into requirements.txt, and plan again"),
        ),
        Binding("left,right,tab,h,l", "other", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
    ]

    def __init__(
        self, title: str, body: Content, agree: str, commands: Sequence[str] = (), choices: Sequence[Choice] = ()
    ) -> None:
        super().__init__()
        self._title = title
        self._body = body
        self._agree = agree
        self._commands = commands
        self._choices = choices

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="sheet", can_focus=False):
            yield Static(Content.styled(self._title, STRONG))
            yield Static(self._body, id="body")
            if self._commands:
                yield Static(Content.styled(_("\nIt stands for"), QUIET))
                lines = "\n".join("  " + terminal_safe(line) for line in self._commands)
                yield Static(Content(lines), id="stands-for")
        with Horizontal(classes="choices"):
            yield Button(_("Cancel") if self._agree else _("Back"), id=REFUSE, compact=True)
            if self._agree:
                yield Button(self._agree, id=AGREE, compact=True)
            for choice in self._choices:
                yield Static(Content.assemble((choice.key, KEY), f" {choice.label}"), classes="choice")

    def on_mount(self) -> None:
        self.query_one("#refuse", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id or REFUSE)

    def action_refuse(self) -> None:
        self.dismiss(REFUSE)

    def action_agree(self) -> None:
        if self._agree:
            self.dismiss(AGREE)

    def action_choose(self, key: str) -> None:
        if any(choice.key == key for choice in self._choices):
            self.dismiss(key)

    def action_other(self) -> None:
        if not self._agree:
            return
        focused = self.focused
        self.query_one("#agree" if focused is not None and focused.id == "refuse" else "#refuse", Button).focus()

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
