"""What nginx does with a request, step by step, for people."""

from __future__ import annotations

from ..logs.clean import terminal_safe
from ..results import StaticExplanation
from ..text import _
from ..units import seconds
from .printing import Printer


def print_explanation(printer: Printer, found: StaticExplanation) -> None:
    """The path as nginx reads it, the steps, the file, the answer."""
    if found.path is None:
        printer.lines(_refused_words(found.refused), indent="")
    else:
        printer.lines(_("{sent} is read as {path}").format(sent=found.sent, path=found.path), indent="")
    printer.lines(found.server or _("no server"), indent="")
    for number, step in enumerate(found.steps, 1):
        place = f"{step.file.name}:{step.line}"
        printer.lines(f"{number}. {step.location} ({place}): {_outcome_words(step.outcome)}")
    if found.path is not None and found.location is None and not found.handler:
        printer.lines(_("no location takes it"))
    if found.handler:
        printer.lines(_("answered by: {directive}").format(directive=found.handler))
    if found.opens is not None:
        printer.lines(f"{found.opens}: {_found_words(found)}")
    for doubt in found.doubts:
        place = f"{doubt.file.name}:{doubt.line}"
        printer.lines(_("may change this: {directive} ({place})").format(directive=doubt.directive, place=place))
    if not found.sure:
        printer.lines(_("Not all of it can be judged from the files: what counts is what the real request answers."))
    _print_answer(printer, found)


def _print_answer(printer: Printer, found: StaticExplanation) -> None:
    if found.status is None:
        printer.line(f"{printer.mark(False)} {terminal_safe(_('no answer: {error}').format(error=found.error))}")
        return
    who = {"nginx": _("nginx"), "app": _("the app")}.get(found.answered_by, found.answered_by)
    said = _("{status} from {who}, {seconds}").format(
        status=found.status, who=who, seconds=seconds(found.seconds or 0.0)
    )
    printer.line(f"{printer.mark(found.status < 400)} {said}")


def _outcome_words(outcome: str) -> str:
    words = {
        "exact": _("the very path, nothing else is looked at"),
        "prefix": _("the longest that the path begins with"),
        "final": _("the longest that the path begins with; ^~ leaves the regular expressions out"),
        "regex": _("matches, the first that does"),
        "no-match": _("does not match"),
        "unknown": _("an expression that only nginx understands"),
        "redirect": _("its path without the last slash: nginx redirects there"),
        "wins": _("takes the request"),
    }
    return words.get(outcome, outcome)


def _found_words(found: StaticExplanation) -> str:
    words = {
        "file": _("there, and nginx may read it"),
        "folder": _("a folder"),
        "missing": _("not there"),
        "unreadable": _("there, but nginx may not read it"),
        "closed": _("nginx may not enter {folder}").format(folder=found.closed),
    }
    return words.get(found.found, found.found)


def _refused_words(refused: str) -> str:
    words = {
        "encoding": _("nginx refuses it: a percent-sign without its two digits, or a zero byte."),
        "above-root": _("nginx refuses it: it leads above the root."),
    }
    return words.get(refused, refused)
