"""What is looked for in a log: hits, errors, times, or only the lines that are wanted."""

from __future__ import annotations

from pathlib import Path

from textual.binding import Binding

from ...errors import ConsoleError
from ...logs.clean import terminal_safe
from ...logs.wanted import Errors, Wanted
from ...text import N_, _, ngettext
from ..appearance import QUIET
from ..log_marks import MarksFound
from ..log_search import Counted, FoundPlace, LogSearch
from ..widgets.log_prompt import LogPrompt
from .log_taking import LogTakingScreen

FIND, COUNT = "find", "count"
_TYPED = ("search", "filter", "time", "save", "switch")  # while something is typed, their keys are text


class LogSearchingScreen(LogTakingScreen):
    """Adds the keys that look for something in the whole history."""

    # Those that ask something have priority over the next key: over a slow line a whole word may come at once.
    BINDINGS = [
        Binding(
            "slash",
            "search",
            N_("Search"),
            id="search",
            key_display="/",
            tooltip=N_("Search the whole history; n and N go on and back"),
            priority=True,
        ),
        Binding("n", "again(False)", N_("Next"), id="next", show=False, tooltip=N_("The next line that matches")),
        Binding(
            "N", "again(True)", N_("Previous"), id="previous", show=False, tooltip=N_("The line before that matches")
        ),
        Binding(
            "ampersand",
            "filter",
            N_("Filter"),
            id="filter",
            key_display="&",
            show=False,
            tooltip=N_("Only lines that match; empty: all lines again"),
            priority=True,
        ),
        Binding(
            "o",
            "only_errors",
            N_("Only errors"),
            id="only-errors",
            show=False,
            tooltip=N_("Only errors, 5xx and whole tracebacks; again: all lines"),
        ),
        Binding("e", "error(False)", N_("Next error"), id="next-error", show=False, tooltip=N_("The next error")),
        Binding(
            "E", "error(True)", N_("Previous error"), id="previous-error", show=False, tooltip=N_("The error before")
        ),
        Binding(
            "t",
            "time",
            N_("Go to"),
            id="time",
            show=False,
            tooltip=N_("Go to a time (14:05, Thu 14:05, -2h) or a part of the log (50%)"),
            priority=True,
        ),
    ]

    def __init__(self, path: Path | None) -> None:
        super().__init__(path)
        self._search: LogSearch | None = None
        self._filter: LogSearch | None = None
        self._only_errors = False
        self._hits: int | None = None

    def _wanted(self) -> Wanted | None:
        if self._only_errors:
            return Errors()
        return self._filter.wanted() if self._filter is not None else None

    def _only(self) -> str:
        if self._only_errors:
            return _("only errors")
        return _("only: {text}").format(text=terminal_safe(self._filter.text)[:30]) if self._filter is not None else ""

    # -- asking --------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While something is typed, the keys are text."""
        return action not in _TYPED or not self.query_one(LogPrompt).has_focus

    def action_search(self) -> None:
        value = self._search.text if self._search is not None else ""
        self.query_one(LogPrompt).ask("search", _("search"), value, takes_regex=True)

    def action_filter(self) -> None:
        value = self._filter.text if self._filter is not None else ""
        self.query_one(LogPrompt).ask("filter", _("only lines with"), value, takes_regex=True)

    def action_time(self) -> None:
        about = _("go to: 14:05, Thu 14:05, -2h or 50%")
        if self._merged is not None:
            about = _("go to: 14:05, Thu 14:05, -2h or 50% of the longest log")
        self.query_one(LogPrompt).ask("time", about, "")

    def on_log_prompt_asking(self, message: LogPrompt.Asking) -> None:
        self._tell(message.about, QUIET)

    def on_log_prompt_answered(self, message: LogPrompt.Answered) -> None:
        self._close_prompt()
        try:
            if message.kind == "save":
                self._save(message.text)
            elif message.kind == "time":
                self._go_to_time(message.text)
            elif message.kind == "filter":
                self._choose(LogSearch(message.text, regex=message.regex) if message.text else None, only_errors=False)
            elif message.text:
                self._begin_search(LogSearch(message.text, regex=message.regex))
            else:
                self._end_search()
        except ConsoleError as error:
            self._tell_error(error)

    def _close_prompt(self) -> None:
        self.query_one(LogPrompt).close()
        self._tell("")
        self.set_focus(self._view)

    def action_only_errors(self) -> None:
        self._choose(None, only_errors=not self._only_errors)

    def _choose(self, wanted: LogSearch | None, *, only_errors: bool) -> None:
        """Show only what is wanted, from the line under the cursor on, or the end."""
        window = self._view.window
        self._filter, self._only_errors = wanted, only_errors
        self._cancel_jobs()
        self._tell("")
        row = self._row
        at = row.at if row is not None and not window.following else None
        if self._reader is not None:
            self._turn = self._reader.choose(self._wanted(), at)
        self._show_title()

    # -- searching -----------------------------------------------------------------------------

    def _begin_search(self, search: LogSearch) -> None:
        self._end_search()
        self._search = search
        self._view.mark(lambda line: search.marks(line, self.post_message))
        row = self._row
        if row is not None:
            wanted = search.within(self._wanted())
            self._begin(FIND, search.find(wanted, row.end, back=True, both=True), wanted)
            self._count_hits()

    def _count_hits(self) -> None:
        self._hits = None
        if self._search is not None:
            wanted = self._search.within(self._wanted())
            self._begin(COUNT, self._search.count(wanted), wanted)

    def _end_search(self) -> None:
        if self._search is not None:
            self._search.close()
        self._search = None
        self._view.mark(None)

    def on_marks_found(self, message: MarksFound) -> None:
        message.stop()
        self._view.refresh()

    def on_unmount(self) -> None:
        if self._search is not None:
            self._search.close()

    def action_again(self, back: bool) -> None:
        row = self._row
        if self._search is not None and row is not None:
            wanted = self._search.within(self._wanted())
            self._begin(FIND, self._search.find(wanted, row.begin if back else row.end, back=back), wanted)

    def action_error(self, back: bool) -> None:
        row = self._row
        if row is not None:
            line, place = row.at, row.begin
            if row.is_gone:
                self._begin(FIND, lambda log, watcher: FoundPlace(log.hit(Errors(), place, watcher, back=back)))
            else:
                self._begin(FIND, lambda log, watcher: FoundPlace(log.error(line, watcher, back=back)))

    def _go_to_time(self, text: str) -> None:
        if text.strip():
            self._begin(FIND, lambda log, watcher: FoundPlace(log.place_of(text, watcher)))

    def _job_done(self, result: object) -> None:
        if isinstance(result, Counted):
            self._hits = result.lines
            self._tell_hits()
        elif isinstance(result, FoundPlace) and result.line is None:
            self._tell(_("Nothing more that way."))
        elif isinstance(result, FoundPlace) and result.line is not None:
            self._tell_hits()
            self._go_to(result.line)
        else:
            super()._job_done(result)

    def _tell_hits(self) -> None:
        if self._search is None or self._hits is None:
            self._tell("")
            return
        told = ngettext("{n} line matches: {text}", "{n} lines match: {text}", self._hits)
        self._tell(told.format(n=f"{self._hits:,}", text=terminal_safe(self._search.text)), QUIET)
