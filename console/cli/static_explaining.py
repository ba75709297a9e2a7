"""What nginx does with a request, step by step, for people."""

from __future__ import annotations

from ..explanation_wording import doubt_words, found_words, outcome_words, refused_words, unsure_words, who_words
from ..logs.clean import terminal_safe
from ..results.static import StaticExplanation
from ..text import _
from ..units import seconds
from .printing import Printer


def print_explanation(printer: Printer, found: StaticExplanation) -> None:
    """The path as nginx reads it, the steps, the file, the answer."""
    if found.path is None:
        printer.lines(refused_words(found.refused), indent="")
    else:
        printer.lines(_("{sent} is read as {path}").format(sent=found.sent, path=found.path), indent="")
    printer.lines(found.server or _("no server"), indent="")
    for number, step in enumerate(found.steps, 1):
        place = f"{step.file.name}:{step.line}"
        printer.lines(f"{number}. {step.location} ({place}): {outcome_words(step.outcome)}")
    if found.path is not None and found.location is None and not found.handler:
        printer.lines(_("no location takes it"))
    if found.handler:
        printer.lines(_("answered by: {directive}").format(directive=found.handler))
    if found.opens is not None:
        printer.lines(f"{found.opens}: {found_words(found)}")
    for doubt in found.doubts:
        printer.lines(doubt_words(doubt))
    if not found.sure:
        printer.lines(unsure_words())
    _print_answer(printer, found)


def _print_answer(printer: Printer, found: StaticExplanation) -> None:
    if found.status is None:
        printer.line(f"{printer.mark(False)} {terminal_safe(_('no answer: {error}').format(error=found.error))}")
        return
    said = _("{status} from {who}, {seconds}").format(
        status=found.status, who=who_words(found.answered_by), seconds=seconds(found.seconds or 0.0)
    )
    printer.line(f"{printer.mark(found.status < 400)} {said}")
