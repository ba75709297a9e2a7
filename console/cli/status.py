"""`console status`."""

from __future__ import annotations

import sys

import click

from ..logs.clean import terminal_safe
from ..results import Status
from ..text import _
from ..units import duration, percent, size, size_of
from ..wording import job_state_words, static_words, venv_words
from .options import Asked, finish, with_global_options
from .printing import Printer


@click.command(help=_("Programs, path, static files, virtualenv, memory, disk."))
@with_global_options
def status(asked: Asked) -> None:
    """``console status``."""
    from ..health.status import read_status
    from ..shell_commands import status_commands

    container = asked.container()
    if asked.explained(status_commands(container)):
        return
    found = read_status(container)
    if asked.as_json:
        asked.printer.document(found)
    else:
        print_status(asked.printer, found)
    if not found.supervisor.reachable:
        sys.exit(3)
    finish(found.verdict is None)


def print_status(printer: Printer, status: Status) -> None:
    """The status for people: the headline and its reason, the programs, then a line for each other part."""
    from ..health.summary import headline, ports_part

    printer.line(f"{printer.mark(status.site_up)} {terminal_safe(headline(status))}")
    if status.verdict is not None:
        printer.verdict(status.verdict)
    if status.image_switch is not None:
        if status.image_switch.runs:
            printer.line(f"{printer.paint('!', 'yellow')} {terminal_safe(status.image_switch.title)}")
        printer.lines(_("What a rebuild would change: console venv plan"))
    printer.line()
    for program in status.programs:
        good = program.state == "RUNNING" or (None if program.state in ("STOPPED", "STARTING", "STOPPING") else False)
        since = program.uptime_seconds if program.uptime_seconds is not None else program.since_seconds
        cells = (
            f"{terminal_safe(program.full_name):<16}",
            f"{program.state:<9}",
            f"{duration(since):>12}",
            f"{percent(program.cpu_percent):>8}",
            f"{size(program.memory_bytes):>8}",
        )
        printer.line(f"  {printer.mark(good)} {' '.join(cells)}".rstrip())
    facts = status.container
    rows = [
        (_("path"), ports_part(status.request_path)),
        (_("static"), static_words(status.static)),
        (_("venv"), venv_words(status.venv)),
        (_("python"), f"{facts.python or '–'} ({facts.generation})"),
        (_("memory"), size_of(facts.memory.used_bytes, facts.memory.limit_bytes)),
        (
            _("disk"),
            _("{used}, {free} free").format(used=size(facts.disk.used_bytes), free=size(facts.disk.free_bytes)),
        ),
    ]
    if status.job is not None:
        rows.append((_("job"), job_state_words(status.job)))
    printer.line()
    for name, words in rows:
        printer.line(f"  {name:<8} {terminal_safe(words)}")
