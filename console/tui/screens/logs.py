"""The logs: which there are, and one of them to read while it grows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from ...logs.clean import terminal_safe
from ...logs.files import log_files
from ...results import LogFile
from ...shell_commands import log_commands
from ...text import N_, _, ngettext
from ..appearance import ATTENTION, QUIET, style_sheet
from ..messages import LogGrew, LogOlder, LookFailed
from ..watching import PAGE, LogWatch
from ..widgets.file_list import FileList
from ..widgets.line import Line
from ..widgets.log_view import MOST_LINES, LogView
from .base import ConsoleScreen
from .static import error_content


class LogsScreen(ConsoleScreen):
    """The files of the log folder above, the chosen one's live tail below."""

    CSS_PATH = style_sheet("logs")
    AUTO_FOCUS = "#view"
    BINDINGS = [
        Binding(
            "tab",
            "switch",
            N_("Files"),
            id="switch",
            tooltip=N_("Between the files and the log; Enter opens one"),
            priority=True,
        ),
        Binding("f", "follow", N_("Follow"), id="follow", tooltip=N_("Go to the end and along with what comes")),
        Binding(
            "slash",
            "search",
            N_("Search"),
            id="search",
            key_display="/",
            tooltip=N_("Search; n and N go on and back"),
            priority=True,  # before the next key: over a slow line the whole word may come at once
        ),
        Binding("n", "again(False)", N_("Next"), id="next", show=False, tooltip=N_("The next line that matches")),
        Binding(
            "N", "again(True)", N_("Previous"), id="previous", show=False, tooltip=N_("The line before that matches")
        ),
    ]
    title_text = N_("Logs")
    about = N_("The end first. Scrolling up pauses it; the end (G) or f goes on.")

    def __init__(self, path: Path | None) -> None:
        super().__init__()
        self._path = path
        self._watch: LogWatch | None = None
        self._searched = ""
        self._searching_back = False

    def compose(self) -> ComposeResult:
        yield FileList()
        yield Line(id="log-title")
        yield LogView()
        yield Input(id="search", placeholder=_("search"), compact=True)
        yield Line(id="told")
        yield self.make_key_bar()

    def on_mount(self) -> None:
        self._watch = LogWatch(self.post_message, first_lines=PAGE)
        self._watch.start()
        files = self._list_files()
        if self._path is None and files:
            self._path = files[0].path
        self._open(self._path)
        self.set_interval(5.0, self._list_files)

    def on_unmount(self) -> None:
        if self._watch is not None:
            self._watch.end()

    def _list_files(self) -> tuple[LogFile, ...]:
        app = self.console_app
        files = log_files(app.container, app.programs)
        self.query_one(FileList).show_files(files, self._path)
        return files

    def _open(self, path: Path | None) -> None:
        self._path = path
        if self._watch is not None:
            self._watch.follow(path)
        self._show_title()

    # -- what comes ----------------------------------------------------------------------------

    def on_log_grew(self, message: LogGrew) -> None:
        message.stop()
        if message.path != self._path:
            return
        view = self.query_one(LogView)
        if message.restarted:
            view.start_over(message.lines)
        else:
            view.add(message.lines)

    def on_file_list_chosen(self, event: FileList.Chosen) -> None:
        self._open(event.path)
        self.query_one(LogView).focus()

    def on_log_view_moved(self) -> None:
        self._show_title()

    def on_log_view_at_top(self) -> None:
        if self._watch is not None:
            self._watch.read_older()

    def on_log_older(self, message: LogOlder) -> None:
        message.stop()
        if message.path != self._path:
            return
        view = self.query_one(LogView)
        if message.lines:
            view.add_before(message.lines)
        if self._searching_back:
            self._search_back(more=bool(message.lines) and len(view.lines) < MOST_LINES)

    def on_look_failed(self, message: LookFailed) -> None:
        message.stop()
        self.query_one("#told", Line).show(error_content(message.error, self.size.width))

    # -- what the keys do ----------------------------------------------------------------------

    def action_switch(self) -> None:
        files, view = self.query_one(FileList), self.query_one(LogView)
        (view if files.has_focus else files).focus()

    def action_follow(self) -> None:
        self.query_one(LogView).follow()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a search is typed, its keys are text."""
        return action not in ("search", "switch") or not self.query_one("#search", Input).has_focus

    def action_search(self) -> None:
        box = self.query_one("#search", Input)
        box.display = True
        box.value = self._searched
        self.set_focus(box)  # at once: focus() waits for a turn of the loop, and what is typed meanwhile is lost

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._searched = event.value
        self._close_search()
        self.action_again(True)

    def _close_search(self) -> None:
        self.query_one("#search", Input).display = False
        self.set_focus(self.query_one(LogView))

    def action_again(self, back: bool) -> None:
        if not self._searched:
            return
        if back:
            self._search_back(more=True)
        else:
            self._tell_found(self.query_one(LogView).find(self._searched, back=False))

    def _search_back(self, more: bool) -> None:
        """Search what is loaded; where it is not there, read older pages, until it is or there are no ``more``."""
        found = self.query_one(LogView).find(self._searched, back=True)
        self._searching_back = not found and more
        if self._searching_back and self._watch is not None:
            self._watch.read_older()
        else:
            self._tell_found(found)

    def _tell_found(self, found: bool) -> None:
        told = ""
        if not found:
            count = len(self.query_one(LogView).lines)
            told = ngettext("Not found in the last line: {text}", "Not found in the last {n} lines: {text}", count)
            told = " " + told.format(n=count, text=terminal_safe(self._searched))
        self.query_one("#told", Line).show(Content.styled(told, ATTENTION))

    def action_back(self) -> None:
        if self.query_one("#search", Input).has_focus:
            self._close_search()
        else:
            super().action_back()

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        path = self._path or self.console_app.container.log_dir / "python.log"
        return ((_("What this screen shows"), (f"ls -lt {path.parent}", *log_commands(path, 40, True))),)

    def _show_title(self) -> None:
        view = self.query_one(LogView)
        name = terminal_safe(self._path.name) if self._path is not None else _("no log")
        state = _("following") if view.following else _("paused")
        if view.unseen:
            state += ", " + ngettext("{n} new line", "{n} new lines", view.unseen).format(n=view.unseen)
        left, right = f"── {name} ", f" {state} ──"
        rule = "─" * max(0, self.size.width - len(left) - len(right))
        self.query_one("#log-title", Line).show(
            Content.assemble((left + rule, QUIET), (right, QUIET if view.following else ATTENTION))
        )

    def on_resize(self) -> None:
        self._show_title()
