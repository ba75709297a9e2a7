"""`console` itself: the full screen on a terminal, else the status."""

from __future__ import annotations

import importlib
import sys

import click

from .. import __version__
from ..text import _
from .options import Asked, with_global_options

_COMMANDS = {
    "status": "status",
    "start": "programs",
    "stop": "programs",
    "restart": "programs",
    "logs": "logs",
    "static": "static",
    "venv": "venv",
    "python": "python",
    "login": "login",
    "install": "installation",
    "uninstall": "installation",
    "playground": "playground",
    "demo": "playground",
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        found = getattr(importlib.import_module(f"console.cli.{module}"), cmd_name)
        assert isinstance(found, click.Command)
        return found


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    help=_(
        "The console of your container: programs, logs, static files and virtualenv.\n\n"
        "Without a command: the full screen on a terminal, else the same as `console status`."
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="console", message="%(prog)s %(version)s")
@click.pass_context
@with_global_options
def cli(asked: Asked, context: click.Context) -> None:
    """``console`` alone, and what comes before every command."""
    if context.invoked_subcommand is not None:
        return
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if on_terminal and not asked.as_json and not asked.explain:
        from .full_screen import open_console

        open_console(asked.container())
    else:
        from .status import status

        context.invoke(status)
