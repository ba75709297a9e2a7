"""What nginx does with a request, step by step, as lines of a screen."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from ..logs.clean import terminal_safe
from ..results import StaticExplanation, StaticStep
from ..text import _
from ..units import seconds
from .appearance import ATTENTION, BAD, QUIET, STRONG, mark
from .presentation import Parts, hanging


def explanation_content(found: StaticExplanation, width: int) -> Content:
    """The answer first, then why: the path as nginx reads it, the locations, the file."""
    lines = [_answer(found, width), Content("")]
    if found.path is None:
        lines.append(hanging(("✗", BAD), _refused_words(found), width))
    else:
        lines.append(_fact(_("path"), found.path, width))
    lines.append(_fact(_("server"), found.server or _("none"), width))
    lines += _steps(found.steps, width)
    if found.path is not None and found.location is None and not found.handler:
        lines.append(_fact(_("location"), _("none takes it"), width))
    if found.handler:
        lines.append(_fact(_("answers"), found.handler, width))
    if found.opens is not None:
        lines += [_fact(_("file"), str(found.opens), width), hanging(*_found(found), width)]
    for doubt in found.doubts:
        place = f"{doubt.file.name}:{doubt.line}"
        said = _("may change this: {directive} ({place})").format(directive=doubt.directive, place=place)
        lines.append(hanging(("!", ATTENTION), terminal_safe(said), width))
    if not found.sure:
        said = _("Not all of it can be judged from the files: what counts is what the real request answers.")
        lines.append(hanging(("!", ATTENTION), said, width))
    return Content("\n").join(lines)


def _answer(found: StaticExplanation, width: int) -> Content:
    if found.status is None:
        parts: Parts = [(_("No answer"), STRONG), f": {terminal_safe(found.error)}" if found.error else ""]
        return hanging(("✗", BAD), Content.assemble(*parts), width)
    who = {"nginx": _("nginx"), "app": _("the app")}.get(found.answered_by, found.answered_by)
    said = _("{status} from {who} in {time}").format(status=found.status, who=who, time=seconds(found.seconds or 0.0))
    asked = Content.styled(f"  GET {terminal_safe(found.sent)}", QUIET)
    return hanging(mark(found.status < 400), Content.assemble((said, STRONG), asked), width)


def _steps(steps: Sequence[StaticStep], width: int) -> list[Content]:
    """The locations in the order in which nginx looks at them; the one that takes the request says so."""
    winner = next((step for step in steps if step.outcome == "wins"), None)
    looked = [step for step in steps if step is not winner]
    lines = []
    for number, step in enumerate(looked, 1):
        wins = winner is not None and (step.location, step.file, step.line) == (
            winner.location,
            winner.file,
            winner.line,
        )
        place = terminal_safe(f"{step.file.name}:{step.line}")
        said = _outcome_words(step.outcome)
        if wins:
            said = _("{reason}: it takes the request").format(reason=said)
        parts: Parts = [
            (terminal_safe(f"location {step.location}"), STRONG if wins else ""),
            (f"  {place}", QUIET),
            f"\n{said}",
        ]
        lines.append(hanging((str(number), STRONG if wins else QUIET), Content.assemble(*parts), width))
    return lines


def _outcome_words(outcome: str) -> str:
    words = {
        "exact": _("the very path, nothing else is looked at"),
        "prefix": _("the longest that the path begins with"),
        "final": _("the longest that the path begins with; ^~ leaves the regular expressions out"),
        "regex": _("matches, the first that does"),
        "no-match": _("does not match"),
        "unknown": _("an expression that only nginx understands"),
        "redirect": _("its path without the last slash: nginx redirects there"),
    }
    return words.get(outcome, outcome)


def _found(found: StaticExplanation) -> tuple[tuple[str, str], str]:
    """Whether the file is there and can be read, with its sign."""
    closed = _("nginx may not enter {folder}").format(folder=terminal_safe(str(found.closed)))
    words = {
        "file": (mark(True), _("there, and nginx may read it")),
        "folder": (("!", ATTENTION), _("a folder")),
        "missing": (mark(False), _("not there")),
        "unreadable": (mark(False), _("there, but nginx may not read it")),
        "closed": (mark(False), closed),
    }
    return words.get(found.found, (mark(None), found.found))


def _refused_words(found: StaticExplanation) -> str:
    words = {
        "encoding": _("nginx refuses it: a percent-sign without its two digits, or a zero byte."),
        "above-root": _("nginx refuses it: it leads above the root."),
    }
    return words.get(found.refused, found.refused)


def _fact(name: str, text: str, width: int) -> Content:
    return hanging((" ", ""), Content.assemble((f"{name:<9}", QUIET), terminal_safe(text)), width)
