"""Why a program does not run, whole: the reason, what to do, the traceback, the last lines."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from ...logs.clean import terminal_safe
from ...results import Verdict
from ...text import _
from ..appearance import BAD, QUIET, STRONG
from .reading import ReadingScreen


class DetailsScreen(ReadingScreen):
    """A verdict to read."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self._verdict = verdict

    def paragraphs(self) -> Iterable[Content]:
        verdict = self._verdict
        yield Content.assemble(("✗ ", BAD), (terminal_safe(verdict.title), STRONG))
        for part in (verdict.detail, verdict.remedy):
            if part:
                yield _lines(part.splitlines(), before="\n")
        for title, lines in ((_("The last traceback"), verdict.traceback), (_("The last lines"), verdict.log)):
            if lines:
                yield Content.styled(f"\n{title}", QUIET)
                yield _lines(lines)


def _lines(lines: Iterable[str], before: str = "") -> Content:
    return Content(before + "\n".join(terminal_safe(line) for line in lines))
