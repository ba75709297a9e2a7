"""What nginx does with a request, step by step, as lines of a screen."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from ..explanation_wording import doubt_words, found_words, outcome_words, refused_words, unsure_words, who_words
from ..logs.clean import terminal_safe
from ..results.static import StaticExplanation, StaticStep
from ..text import _
from ..units import seconds
from .appearance import ATTENTION, BAD, QUIET, STRONG, mark
from .presentation import Parts, hanging


def explanation_content(found: StaticExplanation, width: int) -> Content:
    """The answer first, then why: the path as nginx reads it, the locations, the file."""
    lines = [_answer(found, width), Content("")]
    if found.path is None:
        lines.append(hanging(("✗", BAD), refused_words(found.refused), width))
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
        lines.append(hanging(("!", ATTENTION), terminal_safe(doubt_words(doubt)), width))
    if not found.sure:
        lines.append(hanging(("!", ATTENTION), unsure_words(), width))
    return Content("\n").join(lines)


def _answer(found: StaticExplanation, width: int) -> Content:
    if found.status is None:
        parts: Parts = [(_("No answer"), STRONG), f": {terminal_safe(found.error)}" if found.error else ""]
        return hanging(("✗", BAD), Content.assemble(*parts), width)
    said = _("{status} from {who} in {time}").format(
        status=found.status, who=who_words(found.answered_by), time=seconds(found.seconds or 0.0)
    )
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
        said = outcome_words(step.outcome)
        if wins:
            said = _("{reason}: it takes the request").format(reason=said)
        parts: Parts = [
            (terminal_safe(f"location {step.location}"), STRONG if wins else ""),
            (f"  {place}", QUIET),
            f"\n{said}",
        ]
        lines.append(hanging((str(number), STRONG if wins else QUIET), Content.assemble(*parts), width))
    return lines


def _found(found: StaticExplanation) -> tuple[tuple[str, str], str]:
    """Whether the file is there and can be read, with its sign."""
    signs = {"file": mark(True), "folder": ("!", ATTENTION)}
    bad = found.found in ("missing", "unreadable", "closed")
    return signs.get(found.found, mark(False if bad else None)), terminal_safe(found_words(found))


def _fact(name: str, text: str, width: int) -> Content:
    return hanging((" ", ""), Content.assemble((f"{name:<9}", QUIET), terminal_safe(text)), width)
