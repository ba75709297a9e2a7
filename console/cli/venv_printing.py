"""The virtualenv's results for people: how it is, what a rebuild would do, how it went."""

from __future__ import annotations

from ..logs.clean import terminal_safe
from ..results import ChoiceChange, Rebuild, RebuildPlan, RequirementsState, RollbackPlan, Venv, as_json
from ..text import _
from ..units import size
from ..wording import (
    dead_scripts_words,
    kept_words,
    package_words,
    plan_facts,
    rebuild_words,
    some,
    strategy_words,
    venv_words,
)
from .printing import Printer


def print_rebuild(printer: Printer, result: Rebuild) -> bool:
    """How a job ended; returns whether it did what was asked."""
    if printer.json:
        printer.json_line({"event": "done"} | as_json(result))
        return result.ok
    printer.line(f"{printer.mark(result.ok)} {terminal_safe(rebuild_words(result))}")
    printer.lines(result.note)
    printer.lines(result.remedy)
    if not result.ok and result.restart is not None and result.restart.verdict is not None:
        printer.verdict(result.restart.verdict)
    if result.app_failed and not result.venv.usable:
        printer.lines(_("To have it in place all the same, and mend the code: console venv rebuild --app-may-fail"))
    if not result.ok:
        for line in result.output:
            printer.line(printer.paint("  │ " + terminal_safe(line), "dim"))
    else:
        printer.lines(kept_words(result))
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
        printer.lines(dead_scripts_words(venv.dead_scripts))
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
        printer.lines(_("Installed, and asked for by nothing: {names}").format(names=some(state.extra)))
    for problem in state.problems:
        printer.lines(problem)


def plan_document(plan: RebuildPlan) -> dict[str, object]:
    """The plan with the contract's names ("from" and "to" cannot be field names)."""
    packages = [
        {"name": p.name, "from": p.from_version, "to": p.to_version, "how": p.how, "why": p.why, "nearest": p.nearest}
        for p in plan.packages
    ]
    # Not the files themselves: they may hold passwords, which the diff hides.
    offers = [{"path": offer.path, "diff": offer.diff, "reason": offer.reason} for offer in plan.offers]
    rest = {name: getattr(plan, name) for name in plan.__dataclass_fields__ if name not in ("from_python", "to_python")}
    rest |= {"from": plan.from_python, "to": plan.to_python, "packages": packages, "offers": offers}
    return rest | {"primary_tech": _choice_document(plan.primary_tech)}


def rollback_document(plan: RollbackPlan) -> dict[str, object]:
    """The plan of a rollback, the change of the chosen interpreter with the names that a rebuild's plan has."""
    fields = {name: getattr(plan, name) for name in plan.__dataclass_fields__}
    return fields | {"primary_tech": _choice_document(plan.primary_tech)}


def _choice_document(change: ChoiceChange | None) -> dict[str, object] | None:
    if change is None:
        return None
    return {
        "path": change.path,
        "from": change.old,
        "to": change.new,
        "from_python": change.from_python,
        "to_python": change.to_python,
    }


def print_in_use(printer: Printer, venv: Venv) -> bool:
    """That there is nothing to do, as the Python asked for is chosen and the virtualenv is right for it."""
    if printer.json:
        printer.document({"changes": False, "python": venv.image_python, "venv": venv})
        return True
    said = _("Nothing to do: Python {version} is chosen, and the virtualenv runs with it.")
    printer.line(f"{printer.mark(True)} {said.format(version=venv.image_python or '?')}")
    if venv.unmet:
        printer.lines(_("It lacks what requirements.txt asks for; rebuild it with: console venv rebuild"))
    return True


def print_plan(printer: Printer, plan: RebuildPlan) -> None:
    """Which way and why, from which Python to which, what happens to each package and program, disk and memory, and
    what stands in the way.
    """
    printer.line(
        _("Python {old} → {new}, {strategy}: {reason}").format(
            old=plan.from_python or "–",
            new=plan.to_python or "?",
            strategy=strategy_words(plan.strategy),
            reason=terminal_safe(plan.reason),
        )
    )
    for change in plan.packages:
        versions = " → ".join(dict.fromkeys(filter(None, (change.from_version, change.to_version))))
        printer.lines(f"{change.name:<28} {versions:<24} {package_words(change)}  {change.why or ''}".rstrip())
        if change.nearest is not None:
            printer.lines(_("nearest: {version}").format(version=change.nearest), indent="    ")
    for line in plan_facts(plan):
        printer.lines(line, indent="")
    for problem in plan.problems:
        first, *rest = problem.splitlines() or [""]
        printer.line(f"  {printer.paint('✗', 'red')} {terminal_safe(first)}")
        printer.lines("\n".join(rest), indent="    ")
    for warning in plan.warnings:
        printer.line(f"  {printer.paint('!', 'yellow')} {terminal_safe(warning)}")
    for offer in plan.offers:
        printer.lines(offer.reason, indent="")
        printer.diff(offer.diff)
