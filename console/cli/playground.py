"""`console playground` and `console demo`: a real container in a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..container import find_container
from ..logs.clean import terminal_safe
from ..text import _
from .options import Asked, finish, number, with_global_options
from .printing import Printer
from .progress import ProgressLines

if TYPE_CHECKING:
    from ..playground.status import Playground

FOLDER = click.Path(file_okay=False, path_type=Path)
PORT = number(click.IntRange(1, 65535))


@click.group(
    help=_(
        "A container in a folder, to try things in.\n\nWith a real supervisord, nginx and sample app; needs no root."
    )
)
@with_global_options
def playground(asked: Asked) -> None:
    """``console playground``."""


@playground.command(help=_("Make the container in FOLDER, or start it again."))
@click.argument("folder", type=FOLDER)
@click.option(
    "--generation",
    type=click.Choice(["image", "runtime"]),
    default="image",
    show_default=True,
    help=_("How its system is laid out."),
)
@click.option("--python", metavar="VERSION", help=_("The image's Python (default: the newest on this machine)."))
@click.option("--port", type=PORT, help=_("Where nginx listens (8000)."))
@click.option("--app-port", type=PORT, help=_("Where the app listens (8080)."))
@with_global_options
def up(asked: Asked, folder: Path, generation: str, python: str | None, port: int | None, app_port: int | None) -> None:
    """``console playground up``."""
    from ..playground.up import container_up

    if _explained(asked):
        return
    progress = ProgressLines(asked.printer)
    made = container_up(folder, generation=generation, python=python, port=port, app_port=app_port, on_event=progress)
    print_playground(asked.printer, made)


@playground.command(help=_("Stop what was started in FOLDER, and only that."))
@click.argument("folder", type=FOLDER)
@with_global_options
def down(asked: Asked, folder: Path) -> None:
    """``console playground down``."""
    from ..playground.down import container_down

    if not _explained(asked):
        print_playground(asked.printer, container_down(folder))


@playground.command(help=_("What runs in FOLDER."))
@click.argument("folder", type=FOLDER)
@with_global_options
def status(asked: Asked, folder: Path) -> None:
    """``console playground status``."""
    from ..playground.status import container_status

    if _explained(asked):
        return
    found = container_status(folder)
    print_playground(asked.printer, found)
    finish(found.running)


@playground.command(
    name="switch-python",
    help=_(
        "Give FOLDER another image.\n\n"
        "That is what the hosting's administration does from outside. The virtualenv is dead afterwards, as it is"
        " for a customer; `console venv rebuild` mends it."
    ),
)
@click.argument("folder", type=FOLDER)
@click.argument("version")
@click.option(
    "--remove-old/--keep-old", default=True, show_default=True, help=_("Make the old interpreter unreachable.")
)
@with_global_options
def switch_python_(asked: Asked, folder: Path, version: str, remove_old: bool) -> None:
    """``console playground switch-python``."""
    from ..playground.switch import switch_python

    if not _explained(asked):
        progress = ProgressLines(asked.printer)
        print_playground(asked.printer, switch_python(folder, version, remove_old=remove_old, on_event=progress))


@click.command(help=_("A playground in FOLDER (default: demo), and the console on it."))
@click.argument("folder", type=FOLDER, default="demo")
@click.option("--port", type=PORT, help=_("Where nginx listens (8000)."))
@click.option("--app-port", type=PORT, help=_("Where the app listens (8080)."))
@with_global_options
def demo(asked: Asked, folder: Path, port: int | None, app_port: int | None) -> None:
    """``console demo``."""
    from ..playground.up import container_up

    if _explained(asked):
        return
    made = container_up(folder, port=port, app_port=app_port, on_event=ProgressLines(asked.printer))
    print_playground(asked.printer, made)
    if sys.stdin.isatty() and sys.stdout.isatty() and not asked.as_json:
        from .full_screen import open_console

        open_console(find_container(made.folder))
        if not asked.as_json:
            asked.printer.line(
                _("The container goes on running. Stop it with: console playground down {folder}").format(folder=folder)
            )


def _explained(asked: Asked) -> bool:
    """No customer types these; there is no command that they stand for."""
    return asked.explained((_("# The playground is the console's own; it stands for no command of the guide."),))


def print_playground(printer: Printer, found: Playground) -> None:
    """Where it is, what runs in it, and how to go on."""
    if printer.json:
        printer.document(found)
        return
    words = _("runs") if found.running else _("is stopped")
    printer.line(
        f"{printer.mark(found.running or None)} "
        + _("The container in {folder} ({generation}, Python {python}) {state}.").format(
            folder=terminal_safe(str(found.folder)),
            generation=found.generation,
            python=found.python or "–",
            state=words,
        )
    )
    good = {"RUNNING": True, "STARTING": None}
    for program in found.programs:
        printer.line(f"  {printer.mark(good.get(program.state, False))} {program.name:<10} {program.state}")
    for note in found.notes:
        printer.lines(note)
    if found.running:
        printer.line(f"  http://127.0.0.1:{found.port}/")
        printer.line(
            "  " + _("Look at it with: console --root {folder}").format(folder=terminal_safe(str(found.folder)))
        )
