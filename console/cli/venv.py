"""`console venv`: status, plan, rebuild, rollback, freeze."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from ..container import Container
from ..errors import ConsoleError, WrongUsage
from ..logs.clean import terminal_safe
from ..results import Rebuild, RebuildPlan, Venv
from ..text import _
from ..units import size
from ..wording import package_words, rebuild_words, strategy_words, venv_words
from .options import Asked, finish, with_global_options
from .printing import Printer
from .progress import ProgressLines


@click.command(
    help=_(
        "The virtualenv: how it is, rebuild it, go back, freeze.\n\n"
        "A rebuild is made beside the present one while the app runs, proved, and switched to in the time of a"
        " restart; when the app does not come back, it is undone."
    )
)
@click.argument("action", type=click.Choice(["status", "plan", "rebuild", "rollback", "freeze"]), default="status")
@click.option("--python", metavar="VERSION|PATH", help=_("The interpreter (default: the image's)."))
@click.option(
    "--requirements",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=_("What to install (default: the app's requirements.txt)."),
)
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.option("--dry-run", is_flag=True, help=_("Show the plan or the diff; change nothing."))
@click.option("--accept-offer", is_flag=True, help=_("Write the versions into the requirements that the plan offers."))
@with_global_options
def venv(
    asked: Asked,
    action: str,
    python: str | None,
    requirements: Path | None,
    yes: bool,
    dry_run: bool,
    accept_offer: bool,
) -> None:
    """``console venv``."""
    container = asked.container()
    if action == "status":
        finish(_status(asked, container))
    if action == "freeze":
        finish(_freeze(asked, container, yes=yes, dry_run=dry_run))
    if action == "rollback":
        finish(_rollback(asked, container, yes=yes, dry_run=dry_run))
    dry_run = dry_run or action == "plan"
    finish(_rebuild(asked, container, python, requirements, yes=yes, dry_run=dry_run, accept_offer=accept_offer))


def _status(asked: Asked, container: Container) -> bool:
    from ..venv.look import read_venv

    if asked.explained((f"{container.venv}/bin/python --version", f"{container.venv}/bin/python -m pip list")):
        return True
    found = read_venv(container, requirements=True)
    if asked.as_json:
        asked.printer.document(found)
    else:
        print_venv(asked.printer, found)
    return found.state == "ok"


def _rebuild(
    asked: Asked,
    container: Container,
    python: str | None,
    requirements: Path | None,
    *,
    yes: bool,
    dry_run: bool,
    accept_offer: bool,
) -> bool:
    from ..venv.plan import plan_rebuild
    from ..venv.rebuild import rebuild

    printer = asked.printer
    plan = plan_rebuild(container, python=python, requirements=requirements)
    if asked.explained(plan.commands):
        return True
    if plan.offers and not dry_run and _offer(asked, container, plan, accept=accept_offer):
        plan = plan_rebuild(container, python=python, requirements=requirements)
    if dry_run or not plan.ok:
        if printer.json:
            printer.document(plan_document(plan))
        else:
            print_plan(printer, plan)
        return plan.ok
    if not printer.json:
        print_plan(printer, plan)
    _agree(asked, yes, _("Rebuild the virtualenv?"))
    progress = ProgressLines(printer, stream=True)
    result = _interruptible(progress, lambda: rebuild(container, plan, on_event=progress))
    return _print_rebuild(printer, result)


def _offer(asked: Asked, container: Container, plan: RebuildPlan, *, accept: bool) -> bool:
    """Change the requirements as the plan offers, when a person says so; whether it was done."""
    from ..venv.offers import apply_offer

    printer = asked.printer
    if not accept:
        if printer.json or not sys.stdin.isatty():
            return False
        print_plan(printer, plan)
        if not click.confirm(_("Change the requirements like this and go on?"), default=False, err=True):
            return False
    for offer in plan.offers:
        backup = apply_offer(container, offer)
        if not printer.json:
            printer.lines(_("Written: {path}").format(path=offer.path), indent="")
            printer.lines(_("The file as it was: {path}").format(path=backup))
    return True


def _rollback(asked: Asked, container: Container, *, yes: bool, dry_run: bool) -> bool:
    from ..venv.rollback import plan_rollback, rollback

    plan = plan_rollback(container)
    if asked.explained(plan.commands):
        return True
    printer = asked.printer
    if not printer.json:
        printer.lines(plan.title, indent="")
    elif dry_run:
        printer.document(plan)
    if dry_run:
        return True
    _agree(asked, yes, _("Go back to it?"))
    progress = ProgressLines(printer, stream=True)
    return _print_rebuild(printer, _interruptible(progress, lambda: rollback(container, on_event=progress)))


def _freeze(asked: Asked, container: Container, *, yes: bool, dry_run: bool) -> bool:
    from ..venv.freeze import apply_freeze, plan_freeze

    if asked.explained((f"{container.venv}/bin/python -m pip freeze > {container.requirements}",)):
        return True
    printer = asked.printer
    freeze = plan_freeze(container)
    if printer.json:
        printer.document({"path": freeze.path, "diff": freeze.diff, "packages": freeze.packages})
    elif freeze.diff:
        printer.diff(freeze.diff)
    else:
        printer.lines(_("{path} says what is installed already.").format(path=freeze.path), indent="")
    if dry_run or not freeze.diff:
        return True
    _agree(asked, yes, _("Write it?"))
    backup = apply_freeze(container, freeze)
    if not printer.json:
        printer.lines(_("Written: {path}").format(path=freeze.path), indent="")
        if backup is not None:
            printer.lines(_("The file as it was: {path}").format(path=backup))
    return True


def _agree(asked: Asked, yes: bool, question: str) -> None:
    """Go on only with ``--yes`` or a person's yes; the safe answer is the default."""
    if yes:
        return
    if asked.as_json or not sys.stdin.isatty():
        raise WrongUsage(_("This changes something, and nobody is there to ask."), "", _("Add --yes."))
    if not click.confirm(question, default=False, err=True):
        raise ConsoleError(_("Nothing was changed."))


def _interruptible(progress: ProgressLines, work: Callable[[], Rebuild]) -> Rebuild:
    try:
        return work()
    finally:
        progress.clear()


def _print_rebuild(printer: Printer, result: Rebuild) -> bool:
    if printer.json:
        done = {"event": "done"} | {name: getattr(result, name) for name in asdict(result)}
        printer.json_line(done)
        return result.ok
    printer.line(f"{printer.mark(result.ok)} {terminal_safe(rebuild_words(result))}")
    printer.lines(result.note)
    printer.lines(result.remedy)
    if result.restart is not None and result.restart.verdict is not None:
        printer.verdict(result.restart.verdict)
    if not result.ok:
        for line in result.output:
            printer.line(printer.paint("  │ " + terminal_safe(line), "dim"))
    elif result.kept is not None:
        printer.lines(_("The one before is kept: console venv rollback"))
    if result.freed_bytes:
        printer.lines(_("Older ones were removed: {size} freed.").format(size=size(result.freed_bytes)))
    return result.ok


def print_venv(printer: Printer, venv: Venv) -> None:
    """What it is, where it is, and how it stands to requirements.txt."""
    good = {"ok": True, "missing": False, "dead": False, "foreign": False}.get(venv.state)
    printer.line(f"{printer.mark(good)} {terminal_safe(str(venv.path))}  {terminal_safe(venv_words(venv))}")
    if venv.target is not None:
        printer.lines(f"→ {venv.target}")
    if venv.image_python:
        printer.lines(_("The image's Python is {version}.").format(version=venv.image_python))
    if venv.unmet:
        printer.lines(_("Not as requirements.txt asks: {names}").format(names=", ".join(venv.unmet)))
    elif venv.unmet is not None:
        printer.lines(_("All of requirements.txt is installed."))
    if venv.rollback:
        printer.lines(_("The one before stands ready: console venv rollback"))


def plan_document(plan: RebuildPlan) -> dict[str, object]:
    """The plan with the contract's names ("from" and "to" cannot be field names)."""
    packages = [
        {"name": p.name, "from": p.from_version, "to": p.to_version, "how": p.how, "why": p.why, "nearest": p.nearest}
        for p in plan.packages
    ]
    # Not the files themselves: they may hold passwords, which the diff hides.
    offers = [{"path": offer.path, "diff": offer.diff, "reason": offer.reason} for offer in plan.offers]
    rest = {name: getattr(plan, name) for name in plan.__dataclass_fields__ if name not in ("from_python", "to_python")}
    return rest | {"from": plan.from_python, "to": plan.to_python, "packages": packages, "offers": offers}


def print_plan(printer: Printer, plan: RebuildPlan) -> None:
    """From which Python to which, what happens to each package, the disk, and what stands in the way."""
    printer.line(
        _("Python {old} → {new}, {strategy}: {reason}").format(
            old=plan.from_python or "–",
            new=plan.to_python or "?",
            strategy=strategy_words(plan.strategy),
            reason=plan.reason,
        )
    )
    for change in plan.packages:
        versions = " → ".join(dict.fromkeys(filter(None, (change.from_version, change.to_version))))
        printer.lines(f"{change.name:<28} {versions:<24} {package_words(change)}  {change.why or ''}".rstrip())
        if change.nearest is not None:
            printer.lines(_("nearest: {version}").format(version=change.nearest), indent="    ")
    needed, free = size(plan.bytes_needed), size(plan.bytes_free)
    printer.line(_("Disk: about {needed} needed, {free} free.").format(needed=needed, free=free))
    for problem in plan.problems:
        first, *rest = problem.splitlines() or [""]
        printer.line(f"  {printer.paint('✗', 'red')} {terminal_safe(first)}")
        printer.lines("\n".join(rest), indent="    ")
    for warning in plan.warnings:
        printer.lines(f"! {warning}")
    for offer in plan.offers:
        printer.lines(offer.reason, indent="")
        printer.diff(offer.diff)
