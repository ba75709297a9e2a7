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
from ..results import Freeze, Rebuild, RebuildPlan, RequirementsState, Rescue, Venv
from ..text import _, ngettext
from ..units import size
from ..wording import package_words, rebuild_words, strategy_words, venv_words
from .options import Asked, finish, with_global_options
from .printing import Printer
from .progress import ProgressLines

NAMES = 12  # of a list that only hints at what is there


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
@click.option(
    "--all", "all_packages", is_flag=True, help=_("Freeze all packages, not only those that no other one needs.")
)
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.option("--dry-run", is_flag=True, help=_("Show the plan or the diff; change nothing."))
@with_global_options
def venv(
    asked: Asked,
    action: str,
    python: str | None,
    requirements: Path | None,
    all_packages: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """``console venv``."""
    container = asked.container()
    if action == "status":
        finish(_status(asked, container))
    if action == "freeze":
        finish(_freeze(asked, container, top_level_only=not all_packages, yes=yes, dry_run=dry_run))
    if action == "rollback":
        finish(_rollback(asked, container, yes=yes, dry_run=dry_run))
    finish(_rebuild(asked, container, python, requirements, yes=yes, dry_run=dry_run or action == "plan"))


def _status(asked: Asked, container: Container) -> bool:
    from ..venv.look import read_venv

    if asked.explained((f"{container.venv}/bin/python --version", f"{container.venv}/bin/python -m pip list")):
        return True
    found = read_venv(container, requirements=True)
    if asked.as_json:
        asked.printer.document(found)
    else:
        print_venv(asked.printer, found)
    return found.fits


def _rebuild(
    asked: Asked, container: Container, python: str | None, requirements: Path | None, *, yes: bool, dry_run: bool
) -> bool:
    from ..venv.plan import plan_rebuild
    from ..venv.rebuild import rebuild

    printer = asked.printer
    plan = plan_rebuild(container, python=python, requirements=requirements)
    if asked.explained(plan.commands):
        return True
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
    _agree(asked, yes, _("Write it?"))
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
    """What it is, where it is, what it takes, and how it stands to requirements.txt."""
    good = {"ok": True, "missing": False, "dead": False, "foreign": False}.get(venv.state)
    printer.line(f"{printer.mark(good)} {terminal_safe(str(venv.path))}  {terminal_safe(venv_words(venv))}")
    if venv.target is not None:
        printer.lines(f"→ {venv.target}")
    if venv.image_python:
        printer.lines(_("The image's Python is {version}.").format(version=venv.image_python))
    if venv.made_by:
        made = _("Made by {maker}").format(maker=venv.made_by)
        printer.lines(f"{made}, {size(venv.size_bytes)}" if venv.size_bytes is not None else made)
    if venv.dead_scripts:
        said = ngettext(
            "{n} script names an interpreter that is gone: {names}",
            "{n} scripts name an interpreter that is gone: {names}",
            len(venv.dead_scripts),
        )
        printer.lines(said.format(n=len(venv.dead_scripts), names=_some(venv.dead_scripts)))
    if venv.requirements is not None:
        _print_requirements(printer, venv.requirements)
    if venv.rollback:
        printer.lines(_("The one before stands ready: console venv rollback"))


def _print_requirements(printer: Printer, state: RequirementsState) -> None:
    if not (state.missing or state.other or state.problems):
        printer.lines(_("All of requirements.txt is installed."))
    if state.missing:
        printer.lines(_("Missing: {names}").format(names=", ".join(state.missing)))
    for other in state.other:
        said = _("{name} is {installed}, wanted: {wanted}")
        printer.lines(said.format(name=other.name, installed=other.installed, wanted=other.wanted))
    if state.extra:
        printer.lines(_("Installed, and asked for by nothing: {names}").format(names=_some(state.extra)))
    for problem in state.problems:
        printer.lines(problem)


def _some(names: tuple[str, ...]) -> str:
    """The names, or the first NAMES of many."""
    return ", ".join(names[:NAMES]) + (" …" if len(names) > NAMES else "")


def plan_document(plan: RebuildPlan) -> dict[str, object]:
    """The plan with the contract's names ("from" and "to" cannot be field names)."""
    packages = [
        {"name": p.name, "from": p.from_version, "to": p.to_version, "how": p.how, "why": p.why} for p in plan.packages
    ]
    rest = {name: getattr(plan, name) for name in plan.__dataclass_fields__ if name not in ("from_python", "to_python")}
    return rest | {"from": plan.from_python, "to": plan.to_python, "packages": packages}


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
    needed, free = size(plan.bytes_needed), size(plan.bytes_free)
    printer.line(_("Disk: about {needed} needed, {free} free.").format(needed=needed, free=free))
    for problem in plan.problems:
        first, *rest = problem.splitlines() or [""]
        printer.line(f"  {printer.paint('✗', 'red')} {terminal_safe(first)}")
        printer.lines("\n".join(rest), indent="    ")
