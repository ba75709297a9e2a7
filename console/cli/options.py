"""The options that every command takes, and what follows from them."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from ..container import Container, find_container
from ..text import LANGUAGES, _
from .printing import Printer, make_printer

Command = Callable[..., Any]
Range = TypeVar("Range", click.IntRange, click.FloatRange)

_OPTIONS: tuple[Callable[[Command], Command], ...] = (
    click.option(
        "--root",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help=_("Where `srv` and `opt` are (default: /, or $CONSOLE_ROOT)."),
    ),
    # Chosen already, by language.choose_language.
    click.option(
        "--lang", type=click.Choice(LANGUAGES), expose_value=False, help=_("The language of what is printed.")
    ),
    click.option("--explain", is_flag=True, help=_("Print the shell commands it stands for; change nothing.")),
    click.option("--json", "as_json", is_flag=True, help=_("One JSON document on stdout.")),
    click.option("--no-color", is_flag=True, help=_("No colour.")),
)


class Asked:
    """The global options of this call, wherever on the line they stood."""

    def __init__(self) -> None:
        self.root: Path | None = None
        self.explain = False
        self.as_json = False
        self.no_color = False

    def add(self, *, root: Path | None, explain: bool, as_json: bool, no_color: bool) -> None:
        """Take what one level of the line said on top of what stood before it."""
        self.root = root or self.root
        self.explain = self.explain or explain
        self.as_json = self.as_json or as_json
        self.no_color = self.no_color or no_color

    @property
    def printer(self) -> Printer:
        return make_printer(as_json=self.as_json, no_color=self.no_color)

    def container(self) -> Container:
        """The container to work on. Raises NothingThere when there is none."""
        return find_container(self.root)

    def explained(self, commands: Sequence[str]) -> bool:
        """Print ``commands`` when ``--explain`` asks for them; True means that nothing else is to be done."""
        if not self.explain:
            return False
        if self.as_json:
            self.printer.document({"commands": list(commands)})
        else:
            for command in commands:
                self.printer.lines(command, indent="")
        return True


def with_global_options(function: Command) -> Command:
    """Let a command take the global options too, and hand it the ``Asked`` as its first argument."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        asked = click.get_current_context().ensure_object(Asked)
        asked.add(**{name: kwargs.pop(name) for name in ("root", "explain", "as_json", "no_color")})
        return function(asked, *args, **kwargs)

    decorated: Command = wrapper
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def number(values: Range) -> Range:
    """The type of an option that takes a number; click's names of them ("integer range") are English only."""
    values.name = _("number")
    return values


def finish(good: bool) -> NoReturn:
    """End the process: 0 for done and verified, 1 for failed or a problem found."""
    sys.exit(0 if good else 1)
