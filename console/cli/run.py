"""The command line as click reads it."""

from __future__ import annotations

import click

from .options import Asked
from .root import cli


def run_command_line() -> int:
    """Run what the process's arguments ask for; returns the exit code. Raises ConsoleError, KeyboardInterrupt."""
    try:
        returned = cli.main(standalone_mode=False, obj=Asked())
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    return returned if isinstance(returned, int) else 0
