"""`console logs`."""

from __future__ import annotations

import click

from ..errors import WrongUsage
from ..text import _
from .options import Asked, number, with_global_options

LINES = 40


@click.command(
    help=_(
        "The end of a log, with its rotated files. NAME is a program or a file of the log folder.\n\n"
        "A time is 14:05, Thu 14:05, 2026-11-24 14:05 or -2h."
    )
)
@click.argument("name", required=False)
@click.option(
    "-n", "count", type=number(click.IntRange(0)), help=_("How many lines (default: 40, with a time all of them).")
)
@click.option("-f", "--follow", is_flag=True, help=_("Go on with what comes, over rotations too."))
@click.option("--grep", metavar="REGEX", help=_("Only lines that match."))
@click.option("-i", "--ignore-case", is_flag=True, help=_("With --grep: small and capital letters are the same."))
@click.option("--errors", is_flag=True, help=_("Only errors, answers of 500 and above, and whole tracebacks."))
@click.option("--since", metavar="TIME", help=_("Only from this time on."))
@click.option("--until", metavar="TIME", help=_("Only before this time."))
@click.option("--merged", is_flag=True, help=_("All programs' logs and supervisord's as one, by their times."))
@click.option("--clear", is_flag=True, help=_("Empty the log of the program NAME; asked first."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@with_global_options
def logs(
    asked: Asked,
    name: str | None,
    count: int | None,
    follow: bool,
    grep: str | None,
    ignore_case: bool,
    errors: bool,
    since: str | None,
    until: str | None,
    merged: bool,
    clear: bool,
    yes: bool,
) -> None:
    """``console logs``."""
    container = asked.container()
    if clear:
        if follow or grep or errors or since or until or merged or count is not None:
            raise WrongUsage(_("--clear goes with a program's name and --yes only."))
        from .logs_clearing import clear_log

        clear_log(asked, container, name or "app", yes)
        return
    if until and follow:
        raise WrongUsage(_("--until and -f cannot go together."))
    if merged and name:
        raise WrongUsage(_("--merged shows all logs: it takes no name."))
    from ..logs.jumps import Both
    from ..logs.pattern import make_pattern
    from ..logs.wanted import Errors, Matching, Wanted
    from ..logs.when import moment
    from ..programs.table import read_programs
    from .logs_printing import Choice, print_log, print_merged

    wanted: Wanted | None = Errors() if errors else None
    if grep:
        matching = Matching(make_pattern(grep, regex=True, ignore_case=ignore_case))
        wanted = matching if wanted is None else Both(wanted, matching)
    begin = moment(since) if since else None
    end = moment(until) if until else None
    if count is None and begin is None and end is None:
        count = LINES
    choice = Choice(wanted, count, begin, end, follow)
    _supervisor, programs = read_programs(container)
    if merged:
        from ..logs.files import merged_logs

        print_merged(asked, merged_logs(container, programs), choice)
        return
    from ..logs.files import find_log
    from ..shell_commands import log_commands, log_search_commands

    path = find_log(container, name or "app", programs)
    if grep and not follow:
        commands = log_search_commands(path, grep, count, ignore_case=ignore_case)
    else:
        commands = log_commands(path, LINES if count is None else count, follow)
    if not asked.explained(commands):
        print_log(asked, path, choice)
