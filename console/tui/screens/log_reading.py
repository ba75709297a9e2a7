"""One log on a screen: what its reader gives, shown; what the window needs, asked for."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult

from ...errors import ConsoleError
from ...logs.clean import terminal_safe
from ...logs.files import log_files
from ...logs.folding import HIDDEN
from ...logs.merged_lines import LineAt, Place
from ...logs.sources import Source
from ...logs.wanted import Wanted
from ...results import LogFile
from ...text import _, ngettext
from ..appearance import style_sheet
from ..log_pages import Row
from ..log_reader import LogCame, LogPageRead, LogReader, LogShown
from ..log_settings import LogSettings, read_log_settings
from ..log_title import log_title, merged_name
from ..messages import LookFailed
from ..widgets.file_list import FileList
from ..widgets.line import Line
from ..widgets.log_prompt import LogPrompt
from ..widgets.log_view import LogView
from .log_working import LogWorkingScreen

FILES, FILES_SECONDS = "log-files", 5.0


class LogReadingScreen(LogWorkingScreen):
    """The files of the log folder above, the chosen one below: its end first, with all that was rotated away.

    Keys are the business of the classes that build on it.
    """

    CSS_PATH = style_sheet("logs")
    AUTO_FOCUS = "#view"

    def __init__(self, path: Path | None) -> None:
        super().__init__()
        self._path = path  # the log that is shown, or was before all were as one
        self._merged: dict[str, Path] | None = None  # those that are shown as one
        self._files: tuple[LogFile, ...] = ()
        self._looks_at_files = False
        self._reader: LogReader | None = None
        self._turn = 0
        self._asked: tuple[str, Place] | None = None
        self._halted = False  # no more is looked for until somebody moves
        self._opening = False  # the end of a log that was just opened is to come
        self._looking = False  # it is said that lines are looked for, or that there are none
        self._settings = LogSettings()

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
        self._view.set_folded(self._settings.fold)
        self.start_reading()

    def start_reading(self) -> None:
        """Start the thread that reads."""
        self._reader = LogReader(self.post_message)
        self._reader.start()
        self._files = log_files(self.console_app.container, self.console_app.programs)
        if self._path is None and self._files:
            self._path = self._files[0].path
        self._show_files()
        self._open(self._path)
        self.set_interval(FILES_SECONDS, self._look_at_files)

    def on_unmount(self) -> None:
        self._cancel_jobs()
        if self._reader is not None:
            self._reader.end()

    @property
    def _view(self) -> LogView:
        return self.query_one(LogView)

    @property
    def _row(self) -> Row | None:
        """The row under the cursor; None as long as what was opened is not there."""
        return None if self._opening else self._view.window.current

    def _wanted(self) -> Wanted | None:
        """What is shown of the log, for one thread; None: all of it. To be overridden."""
        return None

    def _only(self) -> str:
        """The same in words, empty for all of it."""
        return ""

    def _look_at_files(self) -> None:
        if self._looks_at_files:  # a disk that does not answer is not asked again and again
            return
        self._looks_at_files = True
        container, programs = self.console_app.container, self.console_app.programs
        self.console_app.look_up(FILES, lambda *_: log_files(container, programs))

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name != FILES:
            return
        self._looks_at_files = False
        if error is not None:
            self._tell_error(error)
        elif isinstance(result, tuple):
            self._files = result
            self._show_files()

    def _show_files(self) -> None:
        self.query_one(FileList).show_files(self._files, self._path if self._merged is None else None)

    @property
    def _source(self) -> Source | None:
        return self._path if self._merged is None else self._merged

    def _open(self, path: Path | None, at: LineAt | None = None) -> None:
        """Show ``path``, at its end or at a line."""
        self._path, self._merged = path, None
        self._open_source(at)

    def _open_source(self, at: LineAt | None) -> None:
        self._opening = True
        # What is still in view is of what was open before: nothing is asked for by its places any more.
        window = self._view.window
        window.begin, window.end, window.unseen = None, None, 0
        self._cancel_jobs()
        self._tell("")
        if self._reader is not None:
            self._turn = self._reader.open(self._source, self._wanted(), at)
        self._show_title()

    # -- what comes ----------------------------------------------------------------------------

    def on_log_shown(self, message: LogShown) -> None:
        message.stop()
        if message.turn != self._turn:
            return
        window = self._view.window
        self._asked, self._halted = None, False
        if message.page is None:
            self._view.clear()
            if self._merged is not None:
                self._tell(_("There is no log yet."))
            else:
                name = terminal_safe(self._path.name) if self._path is not None else ""
                self._tell(_("{name} does not exist yet.").format(name=name))
        else:
            if message.at is not None:
                for row in message.page.rows:
                    if row.at == message.at:
                        self._unfold_for(row)
            window.show(message.page, message.at)
            if self._opening and not self._settings.follow:
                window.pause()
            self._opening = False
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
        if news.page is not None:
            self._asked = None
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
        self._asked = None  # what was asked for does not come
        self._tell_error(message.error)

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
            if window.following and not window.at_end:
                self._reader.catch_up(self._turn, needed[1])
            else:
                self._reader.read(self._turn, *needed)
        self._tell_looking(looks=needed is not None)

    def _tell_looking(self, *, looks: bool) -> None:
        """With a filter, whether it is still looked for lines; and that there are none."""
        if not self._only() or self._halted or self.query_one(LogPrompt).has_focus:
            return
        count = len(self._view.window.rows)
        if looks:
            told = ngettext(
                "Looking through the log: {n} line so far", "Looking through the log: {n} lines so far", count
            )
            self._tell(told.format(n=count) + " · " + _("Escape stops"))
        elif not count:
            self._tell(_("No line matches."))
        elif self._looking:
            self._tell("")
        self._looking = looks or not count

    # -- going somewhere -----------------------------------------------------------------------

    def _go_to(self, line: LineAt) -> None:
        window = self._view.window
        number = window.find(line)
        if number is not None or self._reader is None:
            self._unfold_for(window.rows[number or 0])
            window.go_to(number or 0)
            self._changed()
        else:
            window.pause()
            self._turn = self._reader.go_to(line)

    def _unfold_for(self, row: Row) -> None:
        """What was gone to must be seen."""
        if row.fold == HIDDEN and self._view.folded:
            self._view.set_folded(False)

    # -- showing -------------------------------------------------------------------------------

    def _show_title(self) -> None:
        name = terminal_safe(self._path.name) if self._path is not None else _("no log")
        if self._merged is not None:
            name = merged_name(self._merged, self.size.width)
        self.query_one("#log-title", Line).show(log_title(name, self._view.window, self._only(), self.size.width))

    def on_resize(self) -> None:
        self._show_title()
