"""The virtualenv, a plan for it, and how a job ended, as lines of a screen."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from ..errors import ConsoleError
from ..logs.clean import terminal_safe
from ..results import PackageChange, Rebuild, RebuildPlan, RequirementsState, Venv
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
from .appearance import ATTENTION, BAD, GOOD, KEY, QUIET, STRONG, mark
from .job import JobModel
from .presentation import Parts, diff_content, error_lines, hanging

_HOW = {"wheel": ("+", GOOD), "build": ("+", ATTENTION), "removed": ("-", ATTENTION), "impossible": ("✗", BAD)}
_ORDER = ("impossible", "build", "wheel", "removed")
_OTHERS = 3
_WARNING = ("!", ATTENTION)


def venv_content(venv: Venv, width: int, *, brief: bool = False) -> Content:
    """How it is: state, place, what made it and what it takes, and what is wrong with it. ``brief`` while a job runs,
    which needs the room.
    """
    good = {"ok": True, "mismatch": None}.get(venv.state, False)
    head: Parts = [(terminal_safe(venv_words(venv)), STRONG)]
    facts = [terminal_safe(str(venv.path) if venv.target is None else f"{venv.path} → {venv.target}")]
    if venv.image_python:
        facts.append(_("the image's Python is {version}").format(version=venv.image_python))
    if not brief:
        facts += _making(venv)
    where = _indented(Content.styled(_joined(facts), QUIET), width)
    different = venv.requirements is not None and (venv.requirements.missing or venv.requirements.other)
    sign = _WARNING if good and different else mark(good)
    lines = [hanging(sign, Content.assemble(*head), width), where]
    if not brief:
        lines += _troubles(venv, width)
        if venv.rollback:
            back: Parts = [_("The one before stands ready:") + " ", ("u", KEY), " " + _("Roll back")]
            lines.append(_indented(Content.assemble(*back), width))
    return Content("\n").join([Content(""), *lines])


def _making(venv: Venv) -> list[str]:
    said = []
    if venv.made_by:
        said.append(_("made by {maker}").format(maker=terminal_safe(venv.made_by)))
    if venv.size_bytes is not None:
        said.append(size(venv.size_bytes))
    return said


def _troubles(venv: Venv, width: int) -> list[Content]:
    lines = []
    if venv.dead_scripts:
        lines.append((("✗", BAD), dead_scripts_words(venv.dead_scripts)))
    if venv.requirements is not None:
        lines += _differences(venv.requirements)
    return [hanging(sign, terminal_safe(text), width) for sign, text in lines]


def _differences(state: RequirementsState) -> list[tuple[tuple[str, str], str]]:
    if not (state.missing or state.other or state.problems):
        lines = [(mark(True), _("All of requirements.txt is installed."))]
    else:
        lines = []
    if state.missing:
        lines.append((("✗", BAD), _("Missing: {names}").format(names=some(state.missing))))
    if state.other:
        said = _("{name} is {installed}, wanted: {wanted}")
        others = [
            said.format(name=other.name, installed=other.installed, wanted=other.wanted)
            for other in state.other[:_OTHERS]
        ]
        more = " …" if len(state.other) > _OTHERS else ""
        lines.append((_WARNING, _joined(others) + more))
    if state.extra:
        lines.append((mark(None), _("Installed, and asked for by nothing: {names}").format(names=some(state.extra))))
    return lines + [(("✗", BAD), problem) for problem in state.problems]


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(parts)


def _indented(content: Content, width: int) -> Content:
    return hanging((" ", ""), content, width)


def plan_content(plan: RebuildPlan, width: int) -> Content:
    """Which way and why, from which Python to which, what is in the way, each package, and what it takes."""
    lines = [
        Content.assemble(
            (f"Python {plan.from_python or '–'} → {plan.to_python or '?'}", STRONG),
            " · ",
            (strategy_words(plan.strategy), STRONG),
        ),
        *_wrapped(plan.reason, width),
    ]
    for problem in plan.problems:
        first, *rest = problem.splitlines() or [""]
        lines += [hanging(("✗", BAD), terminal_safe(first), width)]
        lines += [_indented(Content(terminal_safe(line)), width) for line in rest]
    for offer in plan.offers:
        lines += [*_wrapped(offer.reason, width), diff_content(offer.diff)]
    lines += [hanging(_WARNING, terminal_safe(warning), width) for warning in plan.warnings]
    for how in _ORDER:
        for change in plan.packages:
            if change.how == how:
                lines += _package_lines(change, width)
    kept = [f"{change.name} {change.to_version}" for change in plan.packages if change.how == "kept"]
    if kept:
        lines.append(hanging(("=", QUIET), Content.styled(terminal_safe(", ".join(kept)), QUIET), width))
    for fact in plan_facts(plan):
        lines += _wrapped(fact, width)
    return Content("\n").join(lines)


def _package_lines(change: PackageChange, width: int) -> list[Content]:
    versions = " → ".join(dict.fromkeys(filter(None, (change.from_version, change.to_version))))
    words = f"{change.name:<26} {versions:<20} {package_words(change)}"
    lines = [hanging(_HOW.get(change.how, (" ", "")), terminal_safe(words), width)]
    if change.why:
        lines.append(_indented(Content(terminal_safe(change.why)), width))
    if change.nearest is not None:
        lines.append(_indented(Content(terminal_safe(_("nearest: {version}").format(version=change.nearest))), width))
    return lines


def _wrapped(text: str, width: int) -> list[Content]:
    return [line.rstrip() for part in Content(terminal_safe(text)).split() for line in part.wrap(max(20, width))]


def outcome_content(job: JobModel, width: int, *, keys: bool = True) -> Content:
    """How a job ended; with ``keys`` what this screen's keys do about it."""
    if job.error is not None:
        return error_lines(job.error, width)
    if isinstance(job.result, Rebuild):
        return _rebuild_content(job.result, width, note_first=job.name == "recover", keys=keys)
    return hanging(mark(None), _("Taken back. Nothing was changed."), width)


def _rebuild_content(result: Rebuild, width: int, *, note_first: bool, keys: bool) -> Content:
    verdict = result.restart.verdict if result.restart is not None and not result.ok else None
    head = [rebuild_words(result), result.note]
    if note_first and result.ok and result.note:
        head = [result.note]  # what it found and did; a package count would say nothing of it
    parts: Parts = []
    remedy = verdict.remedy if verdict is not None and verdict.remedy not in result.remedy else ""
    for text in (*head, result.remedy, verdict.detail if verdict else "", remedy):
        if text:
            parts.append(("\n" if parts else "") + "\n".join(map(terminal_safe, text.splitlines())))
    if result.ok and result.kept is not None and not note_first:
        if result.venv.rollback and keys:
            parts += ["\n" + _("The one before is kept:") + " ", ("u", KEY), " " + _("Roll back")]
        else:
            parts.append("\n" + terminal_safe(kept_words(result)))
    if result.freed_bytes:
        parts.append("\n" + _("Older ones were removed: {size} freed.").format(size=size(result.freed_bytes)))
    return hanging(mark(result.ok), Content.assemble(*parts), width)


def killed_content(error: ConsoleError, width: int) -> Content:
    """A job was killed, and what comes of it is under way."""
    return error_lines(ConsoleError(error.title, error.cause, _("It is finished or taken back now.")), width, _WARNING)
