"""`console static`: nginx's static files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from ..logs.clean import terminal_safe
from ..results import Static, StaticChange, StaticProblem
from ..text import _
from ..wording import static_words
from .options import Asked, finish, with_global_options
from .printing import Printer
from .progress import ProgressLines


@click.command(
    help=_(
        "nginx's static files: how they stand, on, off, check.\n\n"
        "`on` and `off` show the change, make it, let nginx take it up, and fetch a file to prove it."
    )
)
@click.argument("action", type=click.Choice(["status", "on", "off", "check"]), default="status")
@click.option("--location", metavar="/static/", help=_("The path on the site."))
@click.option("--alias", metavar="/srv/static/", help=_("The folder that it serves."))
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help=_("The site file."))
@click.option("--dry-run", is_flag=True, help=_("Show the diff; change nothing."))
@with_global_options
def static(
    asked: Asked, action: str, location: str | None, alias: str | None, file: Path | None, dry_run: bool
) -> None:
    """``console static``."""
    from ..static_files.change import apply_static, check_static, plan_static, read_static

    container, printer = asked.container(), asked.printer
    if action in ("status", "check"):
        if asked.explained((f"cat {file or container.site_file}", *(("nginx -t",) if action == "check" else ()))):
            return
        look = read_static if action == "status" else check_static
        found = look(container, location=location, file=file)
        if printer.json:
            printer.document(found)
        else:
            print_static(printer, found)
        finish(found.state != "broken" and not any(problem.severity == "error" for problem in found.problems))
    plan = plan_static(container, action, location=location, alias=alias, file=file)
    if asked.explained(plan.commands):
        return
    if dry_run or not plan.changes:
        if printer.json:
            printer.document(
                {"changes": plan.changes, "diff": plan.diff, "problems": plan.problems, "commands": plan.commands}
            )
            return
        print_problems(printer, plan.problems)
        if not plan.changes:
            printer.line(_("Nothing to change: {state}.").format(state=static_words(plan.before)))
        printer.diff(plan.diff)
        return
    if not printer.json:
        print_problems(printer, plan.problems)
        printer.diff(plan.diff)
    change = apply_static(container, plan, on_event=ProgressLines(printer))
    if printer.json:
        printer.document(change)
    else:
        print_change(printer, change)
    finish(change.ok)


def print_static(printer: Printer, static: Static) -> None:
    """The state, where it stands in the file, and what is wrong with it."""
    good = {"on": True, "off": None, "absent": None}.get(static.state, False)
    printer.line(f"{printer.mark(False if static.problems else good)} {terminal_safe(static_words(static))}")
    printer.lines(f"{static.file}:{static.line}" if static.line else str(static.file))
    print_problems(printer, static.problems)


def print_problems(printer: Printer, problems: Iterable[StaticProblem]) -> None:
    """Each problem with its remedy, by sign and colour of its severity."""
    for problem in problems:
        sign = printer.paint("✗", "red") if problem.severity == "error" else printer.paint("!", "yellow")
        printer.line(f"  {sign} {terminal_safe(problem.title)}")
        printer.lines(problem.remedy, indent="    ")


def print_change(printer: Printer, change: StaticChange) -> None:
    """How it stands now, the proof or the reason, and where the old file lies."""
    printer.line(f"{printer.mark(change.ok)} {terminal_safe(static_words(change.static))}")
    printer.lines(change.error)
    printer.lines(change.proof)
    if change.backup is not None:
        printer.lines(_("The file as it was: {path}").format(path=change.backup))
