"""The logs: which there are, and one of them to read while it grows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace

from textual.binding import Binding

from ...shell_commands import console_command, log_commands, log_search_commands
from ...text import N_, _
from ..log_settings import LogSettings, keep_log_settings
from ..widgets.file_list import FileList
from ..widgets.log_prompt import LogPrompt
from .log_merging import LogMergingScreen

_SPECIAL = re.compile(r"[][\\.*+?(){}|^$]")  # to grep -E


class LogsScreen(LogMergingScreen):
    """A log to read, with the keys that move."""

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
        Binding("w", "wrap", N_("Wrap"), id="wrap", show=False, tooltip=N_("Long lines go on below, or are cut")),
        Binding(
            "z",
            "fold",
            N_("Fold"),
            id="fold",
            show=False,
            tooltip=N_("Of tracebacks only the first line and what was raised, or all of them"),
        ),
        Binding(
            "home,g", "begin", N_("Begin"), id="begin", key_display="g", show=False, tooltip=N_("The very beginning")
        ),
        Binding("end,G", "end", N_("End"), id="end", key_display="G", show=False, tooltip=N_("The end, and along")),
    ]
    title_text = N_("Logs")
    about = N_("The end first, with the rotated files before it. Moving up pauses it; the end (G) or f goes on.")

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

    def action_fold(self) -> None:
        folded = not self._view.folded
        self._view.set_folded(folded)
        self._keep(replace(self._settings, fold=folded))
        window = self._view.window
        if folded and self._reader is not None and window.rows:
            # Read again: a traceback that was read while it was written is not known whole.
            current = self._row
            if window.following or current is None:
                self._turn = self._reader.go_to_end()
            else:
                self._turn = self._reader.go_to(current.at)
        self._changed()

    def _keep(self, settings: LogSettings) -> None:
        if settings != self._settings:
            self._settings = settings
            keep_log_settings(self.console_app.container, settings)

    def action_back(self) -> None:
        if self.query_one(LogPrompt).has_focus:
            self._close_prompt()
        elif self._cancel_jobs():
            self._tell(_("Stopped."))
        elif self._asked is not None and self._only() and not self._halted:
            self._halted = True
            self._tell(_("Stopped."))
        else:
            super().action_back()

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        container = self.console_app.container
        together = (_("The same without the screens"), (console_command(container, "logs", "--merged", "-f"),))
        if self._merged is not None:
            paths = list(self._merged.values())
        else:
            paths = [self._path or container.log_dir / "python.log"]
        folders = list(dict.fromkeys(shlex.quote(str(path.parent)) for path in paths))
        tails = [command for path in paths for command in log_commands(path, 40, True)]
        commands: list[tuple[str, Sequence[str]]] = [
            (_("What this screen shows"), (f"ls -lt {' '.join(folders)}", *tails)),
            *((together,) if self._merged is not None else ()),
        ]
        for search in (self._search, self._filter):
            if search is not None:
                regex = search.text if search.regex else _SPECIAL.sub(r"\\\g<0>", search.text)
                found = (log_search_commands(path, regex, None, ignore_case=search.ignore_case) for path in paths)
                commands.append((_("Search"), [command for one in found for command in one]))
        return commands
