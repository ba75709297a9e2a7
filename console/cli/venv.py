"""`console venv`: status, plan, rebuild, attach, rollback, freeze, recover."""

from __future__ import annotations

from typing import Any

import click

from ..container import Container
from ..logs.clean import terminal_safe
from ..results import Freeze, Rescue
from ..text import _
from .agreeing import agree
from .job_options import with_job_options
from .options import Asked, finish, with_global_options
from .printing import Printer
from .venv_printing import print_venv

_ACTIONS = ("status", "plan", "rebuild", "attach", "rollback", "freeze", "recover")


@click.command(
    help=_(
        "The virtualenv: how it is, rebuild it, go back, freeze.\n\n"
        "A rebuild is made beside the present one while the app runs, proved, and switched to in the time of a"
        " restart; when the app does not come back, it is undone. It goes on when the connection drops: attach joins"
        " it, and recover finishes what was killed."
    )
)
@click.argument("action", type=click.Choice(_ACTIONS), default="status")
@click.option("--python", metavar="VERSION|PATH", help=_("The interpreter (default: the image's)."))
@click.option(
    "--all", "all_packages", is_flag=True, help=_("Freeze all packages, not only those that no other one needs.")
)
@with_job_options
@with_global_options
def venv(
    asked: Asked,
    action: str,
    python: str | None,
    all_packages: bool,
    yes: bool,
    dry_run: bool,
    **more: Any,
) -> None:
    """``console venv``."""
    container = asked.container()
    if action == "status":
        finish(_status(asked, container))
    if action == "freeze":
        finish(_freeze(asked, container, top_level_only=not all_packages, yes=yes, dry_run=dry_run))
    from . import venv_jobs

    dry_run = dry_run or action == "plan"
    wanted = venv_jobs.Wanted(python=python, yes=yes, dry_run=dry_run, **more)
    if action == "attach":
        finish(venv_jobs.attach_command(asked, container))
    if action == "recover":
        finish(venv_jobs.recover_command(asked, container, wanted))
    if action == "rollback":
        finish(venv_jobs.rollback_command(asked, container, wanted))
    finish(venv_jobs.rebuild_command(asked, container, wanted))


def _status(asked: Asked, container: Container) -> bool:
    from ..venv.look import read_venv

    if asked.explained((f"{container.venv}/bin/python --version", f"{container.venv}/bin/python -m pip list")):
        return True
    found = read_venv(container, requirements=True, probe=True)
    if asked.as_json:
        asked.printer.document(found)
    else:
        print_venv(asked.printer, found)
    return found.fits


def _freeze(asked: Asked, container: Container, *, top_level_only: bool, yes: bool, dry_run: bool) -> bool:
    """Bring requirements.txt up to date; where there is none, write one from what is in the virtualenv."""
    from ..venv.freeze import apply_freeze, plan_freeze
    from ..venv.rescue import apply_rescue, plan_rescue

    if asked.explained((f"{container.venv}/bin/python -m pip freeze > {container.requirements}",)):
        return True
    printer = asked.printer
    plan: Freeze | Rescue
    if container.requirements.exists():
        plan = plan_freeze(container, top_level_only=top_level_only)
    else:
        plan = plan_rescue(container, top_level_only=top_level_only)
    _show_freeze(printer, plan)
    if dry_run or not plan.diff:
        return True
    agree(asked, yes, _("Write it?"))
    backup = None
    if isinstance(plan, Rescue):
        apply_rescue(container, plan)
    else:
        backup = apply_freeze(container, plan)
    if not printer.json:
        printer.lines(_("Written: {path}").format(path=plan.path), indent="")
        if backup is not None:
            printer.lines(_("The file as it was: {path}").format(path=backup))
    return True


def _show_freeze(printer: Printer, plan: Freeze | Rescue) -> None:
    unknown = plan.unknown if isinstance(plan, Rescue) else ()
    if printer.json:
        printer.document({"path": plan.path, "diff": plan.diff, "packages": plan.packages, "unknown": unknown})
        return
    if plan.diff:
        printer.diff(plan.diff)
    elif isinstance(plan, Freeze):
        printer.lines(_("{path} says what is installed already.").format(path=plan.path), indent="")
    for sentence in unknown:
        printer.line(f"{printer.paint('!', 'yellow')} {terminal_safe(sentence)}")
