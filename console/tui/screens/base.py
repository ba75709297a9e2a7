"""What every screen of the console has: its keys at the foot, help, the shell commands, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.binding import Binding
from textual.screen import Screen

from ...errors import ConsoleError
from ...events import Event
from ...results import Status
from ...text import N_, _
from ..widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from ..app import ConsoleApp
    from ..job import JobModel


class ConsoleScreen(Screen[None]):
    """Bindings are data: ``id`` is stable, the description a word for the foot, the tooltip a sentence for help."""

    BINDINGS = [
        Binding("x", "commands", N_("Commands"), id="commands", tooltip=N_("Show the shell commands this stands for")),
        Binding(
            "exclamation_mark",
            "app.shell",
            N_("Shell"),
            id="shell",
            key_display="!",
            tooltip=N_("A shell with the virtualenv active; Ctrl+D comes back"),
        ),
        Binding("question_mark", "app.help", N_("Help"), id="help", key_display="?", tooltip=N_("This help")),
        Binding("q,escape", "back", N_("Back"), id="back", key_display="q", tooltip=N_("Back to the screen before")),
    ]

    title_text = ""
    about = ""

    @property
    def console_app(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def keys(self) -> Sequence[tuple[str, str]]:
        """The keys for the foot: those with a description, by the order in which a screen lists them."""
        return [(key_name(binding), _(binding.description)) for binding in self.own_bindings() if binding.show]

    def own_bindings(self) -> list[Binding]:
        """The bindings of this screen and those that all have, without doubles; the nearest class first."""
        found: dict[str, Binding] = {}
        for kind in type(self).__mro__:
            for binding in kind.__dict__.get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.id and issubclass(kind, ConsoleScreen):
                    found.setdefault(binding.id, binding)
        return sorted(found.values(), key=lambda binding: binding.id == "back")  # the way out stands last

    def make_key_bar(self) -> KeyBar:
        return KeyBar(self.keys())

    def action_back(self) -> None:
        self.app.pop_screen()

    def action_commands(self) -> None:
        from .commands import CommandsScreen

        self.app.push_screen(CommandsScreen(self.shell_commands()))

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        """What this screen's actions stand for: a title and its lines each."""
        return ()

    def status_changed(self, status: Status) -> None:
        """A new look at the container."""

    def operation_progress(self, name: str, event: Event) -> None:
        """The operation that runs has come further."""

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        """It has ended."""

    def job_changed(self) -> None:
        """The virtualenv's job has come further, or time has."""

    def job_ended(self, job: JobModel, *, begun: bool) -> None:
        """The job is over, or (not ``begun``) never was."""


def key_name(binding: Binding) -> str:
    """How the key is written for people."""
    first = binding.key.split(",")[0]
    return binding.key_display or {"space": "Space", "enter": "Enter", "tab": "Tab"}.get(first, first)
