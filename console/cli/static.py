"""`console static`: nginx's static files."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from ..container import Container
from ..errors import WrongUsage
from ..results import as_json
from ..results.static import StaticPlan, StaticRepair
from ..text import _
from ..wording import static_words
from .options import Asked, finish, with_global_options
from .progress import ProgressLines
from .static_django import print_collect_plan, print_collected, print_django
from .static_explaining import print_explanation
from .static_printing import print_change, print_list, print_plan, print_problems, print_repair, print_static
from .which_server import of_one_server

_ACTIONS = ("status", "list", "on", "off", "check", "repair", "undo", "explain", "collect")
# Of --location, --alias, --file, --server and --dry-run; the others take all.
_TAKES = {
    "list": (),
    "repair": ("--location", "--file", "--server", "--dry-run"),
    "undo": ("--dry-run",),
    "explain": ("--server",),
    "collect": ("--dry-run",),
}


@dataclass(frozen=True)
class Wanted:
    """The options of one call."""

    action: str
    subject: str | None
    location: str | None
    alias: str | None
    file: Path | None
    server: str | None
    dry_run: bool
    django: bool


@click.command(
    help=_(
        "nginx's static files: how they stand, on, off, check.\n\n"
        "`on` and `off` show the change, make it, let nginx take it up, and fetch a file to prove it. `list` shows"
        " every mapping of every server, `repair CODE` mends one problem of a block, `undo` takes the last change"
        " back, `explain PATH` tells which location takes a request and which file nginx opens,"
        " `collect` runs Django's collectstatic."
    )
)
@click.argument("action", type=click.Choice(_ACTIONS), default="status")
@click.argument("subject", required=False)
@click.option("--location", metavar="/static/", help=_("The path on the site."))
@click.option("--alias", metavar="/srv/static/", help=_("The folder that it serves."))
@click.option(
    "--preset", type=click.Choice(["srv", "app"]), help=_("The usual folders: /srv/static/ or /srv/app/static/.")
)
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help=_("The site file."))
@click.option("--server", metavar="NAME", help=_("Which server, where a file has several: its name, :port or line."))
@click.option("--django", is_flag=True, help=_("With check: compare with the Django project's own settings."))
@click.option("--dry-run", is_flag=True, help=_("Show the diff; change nothing."))
@with_global_options
def static(
    asked: Asked,
    action: str,
    subject: str | None,
    location: str | None,
    alias: str | None,
    preset: str | None,
    file: Path | None,
    server: str | None,
    django: bool,
    dry_run: bool,
) -> None:
    """``console static``."""
    container = asked.container()
    _need_subject(action, subject)
    if django and action != "check":
        raise WrongUsage(_("--django goes with check only."))
    if preset is not None:
        if alias is not None:
            raise WrongUsage(_("--preset and --alias both say which folder."))
        alias = _preset(container, preset)
    wanted = Wanted(action, subject, location, alias, file, server, dry_run, django)
    _refuse_what_is_not_taken(wanted)
    finish(_DONE[action](asked, container, wanted))


def _need_subject(action: str, subject: str | None) -> None:
    """``repair`` and ``explain`` are about something, and nothing else is."""
    if action == "repair" and subject is None:
        raise WrongUsage(_("Say which problem: console static repair CODE"))
    if action == "explain" and subject is None:
        raise WrongUsage(_("Say which path: console static explain /static/app.css"))
    if action not in ("repair", "explain") and subject is not None:
        raise WrongUsage(_("{action} takes no {word}.").format(action=action, word=subject))


def _refuse_what_is_not_taken(wanted: Wanted) -> None:
    """An option that would be left out of account is wrong usage."""
    given = {
        "--location": wanted.location,
        "--alias": wanted.alias,
        "--file": wanted.file,
        "--server": wanted.server,
        "--dry-run": wanted.dry_run,
    }
    for option, value in given.items():
        if value and wanted.action in _TAKES and option not in _TAKES[wanted.action]:
            raise WrongUsage(_("{action} takes no {word}.").format(action=wanted.action, word=option))


def _preset(container: Container, name: str) -> str:
    from ..static_files.mappings import presets

    return next(preset.alias for preset in presets(container) if preset.name == name)


def _look(asked: Asked, container: Container, wanted: Wanted) -> bool:
    from ..static_files.change import check_static, read_static
    from ..static_files.django import compare_django

    commands = (f"cat {wanted.file or container.site_file}", *(("nginx -t",) if wanted.action == "check" else ()))
    if asked.explained(commands):
        return True
    look = read_static if wanted.action == "status" else check_static
    found = look(container, location=wanted.location, file=wanted.file, server=wanted.server)
    project = compare_django(container) if wanted.django else None
    if asked.as_json:
        asked.printer.document(as_json(found) | {"django": project} if project is not None else found)
    else:
        print_static(asked.printer, found)
        if project is not None:
            print_django(asked.printer, project)
    problems = [*found.problems, *(project.problems if project is not None else ())]
    return found.state != "broken" and not any(problem.severity == "error" for problem in problems)


def _list(asked: Asked, container: Container, _wanted: Wanted) -> bool:
    from ..static_files.mappings import list_mappings

    if asked.explained(("nginx -T | grep -nE 'server|listen|location|alias|root|include'",)):
        return True
    found = list_mappings(container, live=True)
    if asked.as_json:
        asked.printer.document(found)
    else:
        print_list(asked.printer, found)
    problems = [problem for row in found.mappings for problem in row.problems]
    problems += [each.problem for each in found.files]
    return not any(problem.severity == "error" for problem in problems)


def _turn(asked: Asked, container: Container, wanted: Wanted) -> bool:
    from ..static_files.change import plan_static

    def plan(server: str | None) -> StaticPlan:
        return plan_static(
            container, wanted.action, location=wanted.location, alias=wanted.alias, file=wanted.file, server=server
        )

    return _change(asked, container, of_one_server(asked, plan, wanted.server), wanted.dry_run)


def _undo(asked: Asked, container: Container, wanted: Wanted) -> bool:
    from ..static_files.undo import plan_undo, settle

    if not wanted.dry_run and not asked.explain:
        settle(container, on_event=ProgressLines(asked.printer))
    return _change(asked, container, plan_undo(container), wanted.dry_run)


def _repair(asked: Asked, container: Container, wanted: Wanted) -> bool:
    from ..static_files.repair import apply_repair, plan_repair

    printer = asked.printer
    assert wanted.subject is not None
    code = wanted.subject

    def plan(server: str | None) -> StaticRepair:
        return plan_repair(container, code, location=wanted.location, file=wanted.file, server=server)

    repair = of_one_server(asked, plan, wanted.server)
    if repair.plan is not None:
        return _change(asked, container, repair.plan, wanted.dry_run)
    if asked.explained(repair.commands):
        return True
    if not printer.json:
        print_repair(printer, repair)
    if not wanted.dry_run:
        apply_repair(container, repair)
    if printer.json:
        printer.document(repair)
    elif not wanted.dry_run:
        printer.line(_("Done. Look whether all is well now: console static check"))
    return True


def _explain(asked: Asked, container: Container, wanted: Wanted) -> bool:
    from ..static_files.explain import explain

    assert wanted.subject is not None
    url = f"http://127.0.0.1:{container.http_port}/{wanted.subject.lstrip('/')}"
    if asked.explained((shlex.join(["curl", "-sS", "-o", "/dev/null", "-D", "-", "--path-as-is", url]),)):
        return True
    found = explain(container, wanted.subject, host=wanted.server or "")
    if asked.as_json:
        asked.printer.document(found)
    else:
        print_explanation(asked.printer, found)
    return found.status is not None and found.status < 400


def _collect(asked: Asked, container: Container, wanted: Wanted) -> bool:
    from ..static_files.django import collect, plan_collect

    printer = asked.printer
    plan = plan_collect(container)
    if asked.explained(plan.commands):
        return True
    if wanted.dry_run and printer.json:
        printer.document(plan)
    if not printer.json:
        print_collect_plan(printer, plan)
    if wanted.dry_run:
        return True
    done = collect(container, plan, on_event=ProgressLines(printer))
    if printer.json:
        printer.document(done)
    else:
        print_collected(printer, done)
    return done.ok


def _change(asked: Asked, container: Container, plan: StaticPlan, dry_run: bool) -> bool:
    """Show the plan, and make it unless it is only to be shown."""
    from ..static_files.change import apply_static

    printer = asked.printer
    if asked.explained(plan.commands):
        return True
    if dry_run or not plan.changes:
        if printer.json:
            printer.document(
                {
                    "changes": plan.changes,
                    "diff": plan.diff,
                    "location": plan.location,
                    "alias": plan.alias,
                    "files": plan.files,
                    "bytes": plan.bytes,
                    "problems": plan.problems,
                    "commands": plan.commands,
                }
            )
            return True
        if not plan.changes:
            print_problems(printer, plan.problems)
            printer.line(_("Nothing to change: {state}.").format(state=static_words(plan.before)))
        else:
            print_plan(printer, plan)
        return True
    if not printer.json:
        print_plan(printer, plan)
    change = apply_static(container, plan, on_event=ProgressLines(printer))
    if printer.json:
        printer.document(change)
    else:
        print_change(printer, change)
    return change.ok


_DONE: dict[str, Callable[[Asked, Container, Wanted], bool]] = {
    "status": _look,
    "check": _look,
    "list": _list,
    "on": _turn,
    "off": _turn,
    "repair": _repair,
    "undo": _undo,
    "explain": _explain,
    "collect": _collect,
}
