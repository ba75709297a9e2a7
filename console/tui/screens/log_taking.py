"""What is taken out of a log: copied, saved, shown whole; and the log emptied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from textual.binding import Binding

from ...atomic import write_file
from ...errors import ConsoleError
from ...logs.clean import terminal_safe
from ...logs.saving import SavedLines
from ...programs.clearing import ClearedLogs, clear_logs, log_bytes
from ...results import Program
from ...shell_commands import supervisorctl
from ...text import N_, _, ngettext
from ...units import size
from ..appearance import QUIET
from ..widgets.log_prompt import LogPrompt
from .log_reading import LogReadingScreen

TAKE, SAVE, CLEAR = "take", "save", "clear-log"
_LONGEST_SHOWN = 64 * 1024  # bytes of a line that are shown whole
_LONGEST_COPIED = 1024 * 1024
# What terminals take by OSC 52 ends somewhere: xterm at 100,000 bytes as they are sent, in base64.
_MOST_TO_TERMINAL = 70_000


@dataclass(frozen=True)
class _Taken:
    text: str
    then: Callable[[str], None]


class LogTakingScreen(LogReadingScreen):
    """Adds the keys that take something out."""

    BINDINGS = [
        Binding("enter", "whole", N_("Whole"), id="whole", show=False, tooltip=N_("The line whole, or its traceback")),
        Binding("y", "copy", N_("Copy"), id="copy", show=False, tooltip=N_("Copy the line, or its traceback")),
        Binding(
            "S",
            "save",
            N_("Save"),
            id="save",
            show=False,
            tooltip=N_("Save the lines that are shown, of the whole history, to a file"),
            priority=True,
        ),
        Binding("C", "clear", N_("Clear"), id="clear", show=False, tooltip=N_("Empty the program's log; asked first")),
    ]

    # -- a line or its traceback ---------------------------------------------------------------

    def action_whole(self) -> None:
        self._take(_LONGEST_SHOWN, self._show_whole)

    def action_copy(self) -> None:
        self._take(_LONGEST_COPIED, self._copy)

    def _take(self, longest: int, then: Callable[[str], None]) -> None:
        row = self._row
        if row is not None and row.is_gone:
            then(row.text)
        elif row is not None:
            line = row.at
            self._begin(TAKE, lambda log, _watcher: _Taken(log.text_at(line, longest), then))

    def _show_whole(self, text: str) -> None:
        from .whole_line import WholeLineScreen

        self.app.push_screen(WholeLineScreen(text))

    def _copy(self, text: str) -> None:
        """Hand ``text`` to the terminal; nobody can know whether it takes it, so it is in a file too."""
        folder, data = self.console_app.container.state_dir, text.encode("utf-8", "replace")
        file: Path | None = folder / "copied.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_file(folder / "copied.txt", data, mode=0o600, flush=False)
        except (OSError, ConsoleError):
            file = None
        count = len(text.rstrip("\n").split("\n"))
        told = ngettext("Copied {n} line.", "Copied {n} lines.", count).format(n=count)
        if len(data) <= _MOST_TO_TERMINAL:
            self.app.copy_to_clipboard(text)
        else:
            told = _("Too long for the terminal's clipboard.")
        if file is not None:
            told += " " + _("It is in {path} too.").format(path=terminal_safe(str(file)))
        self._tell(told, QUIET)

    # -- a file --------------------------------------------------------------------------------

    def action_save(self) -> None:
        if self._source is not None:
            about = self._path.name.removesuffix(".log") if self._path is not None and not self._merged else "merged"
            name = f"{about}-{datetime.now():%Y%m%d-%H%M%S}.txt"
            about = _("save to a file") if not self._only() else _("save what is shown to a file")
            self.query_one(LogPrompt).ask("save", about, str(self.console_app.container.srv / name))

    def _save(self, name: str) -> None:
        if name.strip():
            path, wanted = self.console_app.container.srv / name.strip(), self._wanted()
            self._begin(SAVE, lambda log, watcher: log.save(wanted, path, watcher), wanted)

    # -- emptying ------------------------------------------------------------------------------

    def action_clear(self) -> None:
        app, program = self.console_app, self._program()
        if self._merged is not None:
            self._tell(_("One log is cleared at a time: m shows the one of the line."))
            return
        if program is None:
            self._tell(_("Only the logs of programs can be emptied."))
            return
        container = app.container
        try:
            amount = size(log_bytes(container, program))
        except ConsoleError as error:
            self._tell_error(error)
            return
        title = _("Clear the log of {program} ({size})?").format(program=terminal_safe(program.full_name), size=amount)
        app.ask(
            title,
            _("It cannot be taken back. Rotated files stay."),
            _("Clear"),
            (supervisorctl(container, "clear", program.full_name),),
            lambda: app.begin(CLEAR, lambda _on_event, _cancel: clear_logs(container, program)),
        )

    def _program(self) -> Program | None:
        """The program whose log this is."""
        container = self.console_app.container
        for program in self.console_app.programs:
            logs = {program.log_file, program.error_log_file} - {None}
            if self._path in {container.under_root(log) for log in logs if log is not None}:
                return program
        return None

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        super().operation_ended(name, result, error)
        if name == CLEAR and error is not None:
            self._tell_error(error)
        elif isinstance(result, ClearedLogs):
            told = _("The log of {program} is empty: {size} removed.")
            self._tell(told.format(program=terminal_safe(result.program), size=size(result.bytes)), QUIET)

    def _job_done(self, result: object) -> None:
        if isinstance(result, _Taken):
            result.then(result.text)
        elif isinstance(result, SavedLines):
            told = ngettext("Saved {n} line ({size}): {path}", "Saved {n} lines ({size}): {path}", result.lines)
            told = told.format(n=f"{result.lines:,}", size=size(result.bytes), path=terminal_safe(str(result.path)))
            self._tell(told, QUIET)
