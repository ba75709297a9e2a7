"""`console start`, `stop` and `restart`."""

from __future__ import annotations

from collections.abc import Callable

import click

from ..logs.clean import terminal_safe
from ..text import _
from ..wording import orphans_words, restart_words
from .options import Asked, Command, finish, number, with_global_options
from .progress import ProgressLines


def _program_command(function: Command) -> Command:
    decorated = with_global_options(function)
    decorated = click.option(
        "--timeout",
        default=30.0,
        show_default=True,
        type=number(click.FloatRange(0)),
        metavar="SECONDS",
        help=_("How long to wait for it."),
    )(decorated)
    with_argument: Callable[[Command], Command] = click.argument("programs", nargs=-1, metavar="[PROGRAM]...")
    return with_argument(decorated)


@click.command(help=_("Start programs (default: app). Says whether they run, and if not, why."))
@_program_command
def start(asked: Asked, programs: tuple[str, ...], timeout: float) -> None:
    """``console start``."""
    _operate(asked, "start", programs, timeout)


@click.command(help=_("Stop programs (default: app)."))
@_program_command
def stop(asked: Asked, programs: tuple[str, ...], timeout: float) -> None:
    """``console stop``."""
    _operate(asked, "stop", programs, timeout)


@click.command(
    help=_(
        "Restart programs (default: app). Says whether they came back, and if not, why.\n\n"
        "PROGRAM is a program's name, `group:name`, or `group:*`."
    )
)
@click.option("--graceful", is_flag=True, help=_("gunicorn only: take up new code without a missed request."))
@_program_command
def restart(asked: Asked, programs: tuple[str, ...], timeout: float, graceful: bool) -> None:
    """``console restart``."""
    _operate(asked, "reload" if graceful else "restart", programs, timeout)


def _operate(asked: Asked, action: str, programs: tuple[str, ...], timeout: float) -> None:
    from ..programs.control import operate
    from ..shell_commands import program_commands
    from ..venv.exchanging import refuse_while_exchanging

    container, printer = asked.container(), asked.printer
    names = programs or ("app",)
    if asked.explained(program_commands(container, action, names)):
        return
    refuse_while_exchanging(container)
    results = operate(container, action, names, timeout=timeout, on_event=ProgressLines(printer))
    if printer.json:
        printer.document(results[0] if len(results) == 1 else results)
    else:
        for result in results:
            printer.line(f"{printer.mark(result.ok)} {terminal_safe(restart_words(result))}")
            if result.orphans:
                printer.lines(orphans_words(result))
            if result.verdict is not None:
                printer.verdict(result.verdict)
    finish(all(result.ok for result in results))
