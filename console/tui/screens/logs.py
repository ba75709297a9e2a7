"""The logs: which there are, and one of them to read while it grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from ...errors import ConsoleError
from ...logs.clean import terminal_safe
from ...logs.files import log_files
from ...logs.jumps import error_after, error_before, place_of
from ...logs.position import Position
from ...logs.wanted import Errors, Wanted
from ...results import LogFile
from ...shell_commands import log_commands, log_search_commands
from ...text import N_, _, ngettext
from ..appearance import ATTENTION, QUIET, style_sheet
from ..log_jobs import LogJob, LogJobEnded, LogJobProgress, LogWork
from ..log_reader import LogCame, LogPageRead, LogReader, LogShown
from ..log_search import Counted, FoundPlace, LogSearch
from ..log_settings import LogSettings, keep_log_settings, read_log_settings
from ..messages import LookFailed
from ..widgets.file_list import FileList
from ..widgets.line import Line
from ..widgets.log_prompt import LogPrompt
from ..widgets.log_view import LogView
from .base import ConsoleScreen
from .static import error_content

_TYPED = ("search", "filter", "time", "switch")  # while something is typed, their keys are text
FIND, COUNT = "find", "count"


class LogsScreen(ConsoleScreen):
    """The files of the log folder above, the chosen one below: its end first, with all that was rotated away."""

    CSS_PATH = style_sheet("logs")
    AUTO_FOCUS = "#view"
    # Those that ask something have priority over the next key: over a slow line a whole word may come at once.
    BINDINGS = [
        Binding(
            "tab",
            "switch",
            N_("Files"),
            id="switch",
            tooltip=N_("Between the files and the log; Enter opens one"),
            priority=True,
        ),
        Binding("f", "follow", N_("Follow"), id="follow", tooltip=N_("Go along with what comes, or stay")),
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
            tooltip=N_("Only errors, answers of 500 and above, and whole tracebacks; again: all lines"),
        ),
        Binding("e", "error(False)", N_("Next error"), id="next-error", show=False, tooltip=N_("The next error")),
        Binding(
            "E", "error(True)", N_("Previous error"), id="previous-error", show=False, tooltip=N_("The error before")
        ),
        Binding("w", "wrap", N_("Wrap"), id="wrap", show=False, tooltip=N_("Long lines go on below, or are cut")),
        Binding(
            "home,g", "begin", N_("Begin"), id="begin", key_display="g", show=False, tooltip=N_("The very beginning")
        ),
        Binding("end,G", "end", N_("End"), id="end", key_display="G", show=False, tooltip=N_("The end, and along")),
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
    title_text = N_("Logs")
    about = N_("The end first, with the rotated files before it. Moving up pauses it; the end (G) or f goes on.")

    def __init__(self, path: Path | None) -> None:
        super().__init__()
        self._path = path
        self._reader: LogReader | None = None
        self._turn = 0
        self._asked: tuple[str, Position] | None = None
        self._halted = False  # no more is looked for until somebody moves
        self._settings = LogSettings()
        self._search: LogSearch | None = None
        self._filter: LogSearch | None = None
        self._only_errors = False
        self._hits: int | None = None
        self._jobs: dict[str, LogJob] = {}

    def compose(self) -> ComposeResult:
        yield FileList()
        yield Line(id="log-title")
        yield LogView()
        yield LogPrompt()
        yield Line(id="told")
        yield self.make_key_bar()

    def on_mount(self) -> None:
        self._settings = read_log_settings(self.console_app.container)
        self._view.set_wrap(self._settings.wrap)
        self.start_reading()

    def start_reading(self) -> None:
        """Start the thread that reads."""
        self._reader = LogReader(self.post_message)
        self._reader.start()
        files = self._list_files()
        if self._path is None and files:
            self._path = files[0].path
        self._open(self._path)
        self.set_interval(5.0, self._list_files)

    def on_unmount(self) -> None:
        self._cancel_jobs()
        if self._reader is not None:
            self._reader.end()

    @property
    def _view(self) -> LogView:
        return self.query_one(LogView)

    @property
    def _wanted(self) -> Wanted | None:
        if self._only_errors:
            return Errors()
        return self._filter.wanted if self._filter is not None else None

    def _list_files(self) -> tuple[LogFile, ...]:
        app = self.console_app
        files = log_files(app.container, app.programs)
        self.query_one(FileList).show_files(files, self._path)
        return files

    def _open(self, path: Path | None) -> None:
        self._path = path
        self._cancel_jobs()
        self._tell("")
        if self._reader is not None:
            self._turn = self._reader.open(path, self._wanted)
        self._show_title()

    # -- what comes ----------------------------------------------------------------------------

    def on_log_shown(self, message: LogShown) -> None:
        message.stop()
        if message.turn != self._turn:
            return
        window = self._view.window
        self._asked, self._halted = None, False
        if message.page is None:
            self._view.show_page(None)
            name = terminal_safe(self._path.name) if self._path is not None else ""
            self._tell(_("{name} does not exist yet.").format(name=name))
        else:
            window.show(message.page, message.at)
            if message.at is None and not self._settings.follow:
                window.pause()
        self._changed()

    def on_log_page_read(self, message: LogPageRead) -> None:
        message.stop()
        if message.turn != self._turn:
            return
        self._asked = None
        window = self._view.window
        if message.side == "before":
            window.add_before(message.page)
        else:
            window.add_after(message.page)
        self._changed()

    def on_log_came(self, message: LogCame) -> None:
        message.stop()
        if message.turn != self._turn:
            return
        window, news = self._view.window, message.news
        if news.emptied and news.begin is not None:
            window.emptied(news.begin)
            self._tell(_("The log was emptied."))
        if news.page is None or not window.following:
            window.came(news.lines)
        elif news.jumped:
            window.show(news.page)
        else:
            window.came(news.lines)
            window.add_after(news.page)
        self._changed()

    def on_file_list_chosen(self, event: FileList.Chosen) -> None:
        self._open(event.path)
        self._view.focus()

    def on_log_view_moved(self) -> None:
        self._halted = False
        self._changed(drawn=True)

    def on_look_failed(self, message: LookFailed) -> None:
        message.stop()
        self.query_one("#told", Line).show(error_content(message.error, self.size.width))

    def _changed(self, *, drawn: bool = False) -> None:
        """The window has changed: show it, and ask for what it needs now."""
        window = self._view.window
        if not drawn:
            self._view.changed()
        self._show_title()
        if self._reader is None:
            return
        self._reader.follow_from(self._turn, window.end if window.following and window.at_end else None)
        needed = window.needs()
        if needed is not None and self._asked is None and not self._halted:
            self._asked = needed
            self._reader.read(self._turn, *needed)
        self._tell_looking(looks=needed is not None)

    def _tell_looking(self, *, looks: bool) -> None:
        """With a filter, whether it is still looked for lines; and that there are none."""
        if self._wanted is None or self.query_one(LogPrompt).has_focus:
            return
        count = len(self._view.window.rows)
        if looks and not self._halted:
            told = ngettext(
                "Looking through the log: {n} line so far", "Looking through the log: {n} lines so far", count
            )
            self._tell(told.format(n=count) + " · " + _("Escape stops"))
        elif not count and not self._halted:
            self._tell(_("No line matches."))
        elif not self._halted:
            self._tell("")

    # -- moving --------------------------------------------------------------------------------

    def action_switch(self) -> None:
        files = self.query_one(FileList)
        (self._view if files.has_focus else files).focus()

    def action_follow(self) -> None:
        window = self._view.window
        if window.following:
            window.pause()
            self._changed()
        else:
            self.action_end()
        self._keep(replace(self._settings, follow=window.following))

    def action_end(self) -> None:
        window = self._view.window
        if window.at_end or self._reader is None:
            window.follow()
            self._changed()
        else:
            window.follow()
            self._turn = self._reader.go_to_end()
            self._show_title()

    def action_begin(self) -> None:
        window = self._view.window
        window.pause()
        if window.at_begin or self._reader is None:
            window.go_to(0)
            self._changed()
        else:
            self._turn = self._reader.go_to_begin()

    def action_wrap(self) -> None:
        self._view.set_wrap(not self._view.wrap)
        self._keep(replace(self._settings, wrap=self._view.wrap))
        self._changed()

    def _keep(self, settings: LogSettings) -> None:
        if settings != self._settings:
            self._settings = settings
            keep_log_settings(self.console_app.container, settings)

    def _go_to(self, position: Position) -> None:
        window = self._view.window
        number = window.find(position)
        if number is not None or self._reader is None:
            window.go_to(number or 0)
            self._changed()
        else:
            window.pause()
            self._turn = self._reader.go_to(position)

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
        self.query_one(LogPrompt).ask("time", _("go to: 14:05, Thu 14:05, -2h or 50%"), "")

    def on_log_prompt_asking(self, message: LogPrompt.Asking) -> None:
        self._tell(message.about, QUIET)

    def on_log_prompt_answered(self, message: LogPrompt.Answered) -> None:
        self._close_prompt()
        try:
            if message.kind == "time":
                self._go_to_time(message.text)
            elif message.kind == "filter":
                self._choose(LogSearch(message.text, regex=message.regex) if message.text else None, only_errors=False)
            elif message.text:
                self._begin_search(LogSearch(message.text, regex=message.regex))
            else:
                self._search = None
                self._view.mark(None)
        except ConsoleError as error:
            self.query_one("#told", Line).show(error_content(error, self.size.width))

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
        at = window.current.begin if window.current is not None and not window.following else None
        if self._reader is not None:
            self._turn = self._reader.choose(self._wanted, at)
        self._show_title()

    # -- searching -----------------------------------------------------------------------------

    def _begin_search(self, search: LogSearch) -> None:
        self._search, self._hits = search, None
        self._view.mark(search.marks)
        row = self._view.window.current
        if row is not None:
            self._begin(FIND, search.find(row.end, self._wanted, back=True, both=True))
            self._begin(COUNT, search.count(self._wanted))

    def action_again(self, back: bool) -> None:
        row = self._view.window.current
        if self._search is not None and row is not None:
            self._begin(FIND, self._search.find(row.begin if back else row.end, self._wanted, back=back))

    def action_error(self, back: bool) -> None:
        row = self._view.window.current
        if row is not None:
            look, position = (error_before if back else error_after), row.begin
            self._begin(FIND, lambda timeline, watcher: FoundPlace(look(timeline, position, watcher)))

    def _go_to_time(self, text: str) -> None:
        if text.strip():
            self._begin(FIND, lambda timeline, watcher: FoundPlace(place_of(timeline, text, watcher)))

    def _begin(self, name: str, work: LogWork) -> None:
        """Do ``work`` beside, instead of what was at work under this name."""
        if name in self._jobs:
            self._jobs.pop(name).cancel()
        if self._path is not None:
            self._jobs[name] = LogJob(name, self._path, work, self.post_message)
            self._jobs[name].start()

    def _cancel_jobs(self) -> bool:
        """End what is at work; whether something was."""
        jobs, self._jobs = self._jobs, {}
        for job in jobs.values():
            job.cancel()
        return bool(jobs)

    def on_log_job_progress(self, message: LogJobProgress) -> None:
        message.stop()
        if self._jobs.get(message.job.name) is not message.job or self.query_one(LogPrompt).has_focus:
            return
        progress = message.progress
        share = f"{min(100, 100 * progress.done // progress.all)} %" if progress.all else ""
        self._tell(_("Searching: {share}").format(share=share) + " · " + _("Escape stops"))

    def on_log_job_ended(self, message: LogJobEnded) -> None:
        message.stop()
        if self._jobs.get(message.job.name) is not message.job:
            return
        del self._jobs[message.job.name]
        if message.error is not None:
            self.query_one("#told", Line).show(error_content(message.error, self.size.width))
        elif isinstance(message.result, Counted):
            self._hits = message.result.lines
            self._tell_hits()
        elif isinstance(message.result, FoundPlace):
            if message.result.position is None:
                self._tell(_("Nothing more that way."))
            else:
                self._tell_hits()
                self._go_to(message.result.position)

    def _tell_hits(self) -> None:
        if self._search is None or self._hits is None:
            self._tell("")
            return
        told = ngettext("{n} line matches: {text}", "{n} lines match: {text}", self._hits)
        self._tell(told.format(n=f"{self._hits:,}", text=terminal_safe(self._search.text)), QUIET)

    # -- the rest ------------------------------------------------------------------------------

    def action_back(self) -> None:
        if self.query_one(LogPrompt).has_focus:
            self._close_prompt()
        elif self._cancel_jobs():
            self._tell(_("Stopped."))
        elif self._asked is not None and self._wanted is not None and not self._halted:
            self._halted = True
            self._tell(_("Stopped."))
        else:
            super().action_back()

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        path = self._path or self.console_app.container.log_dir / "python.log"
        commands: list[tuple[str, Sequence[str]]] = [
            (_("What this screen shows"), (f"ls -lt {path.parent}", *log_commands(path, 40, True)))
        ]
        for search in (self._search, self._filter):
            if search is not None and search.regex:
                commands.append(
                    (_("Search"), log_search_commands(path, search.text, None, ignore_case=search.ignore_case))
                )
        return commands

    def _tell(self, told: str, style: str = ATTENTION) -> None:
        self.query_one("#told", Line).show(Content.styled(f" {told}" if told else "", style))

    def _show_title(self) -> None:
        window = self._view.window
        name = terminal_safe(self._path.name) if self._path is not None else _("no log")
        state = _("following") if window.following else _("paused")
        if window.unseen:
            state += ", " + ngettext("{n} new line", "{n} new lines", window.unseen).format(n=f"{window.unseen:,}")
        only = ""
        if self._only_errors:
            only = _("only errors")
        elif self._filter is not None:
            only = _("only: {text}").format(text=terminal_safe(self._filter.text)[:30])
        left, right = f"── {name} ", f" {state} ──"
        only = f"── {only} " if only else ""
        rule = "─" * max(0, self.size.width - len(left) - len(only) - len(right))
        self.query_one("#log-title", Line).show(
            Content.assemble(
                (left, QUIET), (only, ATTENTION), (rule, QUIET), (right, QUIET if window.following else ATTENTION)
            )
        )

    def on_resize(self) -> None:
        self._show_title()
