"""`console logs`."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import click

from ..errors import WrongUsage
from ..logs.clean import terminal_safe
from ..text import _
from .options import Asked, number, with_global_options
from .printing import Printer

LOOK_EVERY = 0.25  # seconds; a look costs one stat when nothing happened


@click.command(help=_("The end of a log. NAME is a program or a file of the log folder."))
@click.argument("name", default="app")
@click.option("-n", "lines", default=40, show_default=True, type=number(click.IntRange(0)), help=_("How many lines."))
@click.option("-f", "--follow", is_flag=True, help=_("Go on with what comes, over rotations too."))
@click.option("--grep", metavar="REGEX", help=_("Only lines that match."))
@with_global_options
def logs(asked: Asked, name: str, lines: int, follow: bool, grep: str | None) -> None:
    """``console logs``."""
    from ..logs.files import find_log
    from ..programs.table import read_programs
    from ..shell_commands import log_commands

    container = asked.container()
    try:
        pattern = re.compile(grep.encode()) if grep else None
    except re.error as error:
        title = _("That is no regular expression: {pattern}").format(pattern=grep)
        raise WrongUsage(title, str(error)) from error
    _supervisor, programs = read_programs(container)
    path = find_log(container, name, programs)
    if asked.explained(log_commands(path, lines, follow)):
        return
    print_log(asked.printer, path, lines, follow=follow, pattern=pattern)


def print_log(printer: Printer, path: Path, count: int, *, follow: bool, pattern: re.Pattern[bytes] | None) -> None:
    """The last ``count`` lines (of those that match), then, with ``follow``, what comes, until interrupted.

    Lines come out safe for a terminal also in a pipe: what reads them may be ``less`` on one.
    """
    from ..logs.follow import Follower
    from ..logs.lines import last_lines

    follower = Follower(path) if follow else None
    lines = follower.tail(count) if follower is not None else last_lines(path, count)
    if pattern is not None:
        lines = [line for line in lines if pattern.search(line)]
    for line in lines:
        printer.line(terminal_safe(line))
    if follower is None:
        return
    while True:
        sys.stdout.flush()
        fresh = follower.poll()
        for line in fresh.lines:
            if pattern is None or pattern.search(line):
                printer.line(terminal_safe(line))
        time.sleep(LOOK_EVERY)
