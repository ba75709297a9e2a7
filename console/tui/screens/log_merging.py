"""All logs as one, by their times, and back to the one that a line is from."""

from __future__ import annotations

from textual.binding import Binding

from ...errors import ConsoleError
from ...logs.clean import terminal_safe
from ...logs.files import merged_logs, readable
from ...logs.merged_lines import LineAt, MergedPosition
from ...text import N_
from .log_searching import LogSearchingScreen


class LogMergingScreen(LogSearchingScreen):
    """Adds the key that shows the logs of all programs and supervisord's as one."""

    BINDINGS = [
        Binding(
            "m",
            "merge",
            N_("Merged"),
            id="merge",
            tooltip=N_("All programs' logs and supervisord's as one, by their times; again: the log of the line"),
        ),
    ]

    def action_merge(self) -> None:
        """Show all logs at the moment of the line under the cursor, or that line's own log."""
        row = self._row
        at = None if self._view.window.following or row is None or row.is_gone else row.at
        if self._merged is None:
            self._show_all(at)
        elif isinstance(at, MergedPosition):
            self._open(self._merged[at.source], at.position)
        else:
            self._open(self._path)
        self._show_files()
        self._count_hits()

    def _show_all(self, at: LineAt | None) -> None:
        app = self.console_app
        try:
            logs, left_out = readable(merged_logs(app.container, app.programs))
        except ConsoleError as error:
            self._tell_error(error)
            return
        self._merged = logs
        self._open_source(at)
        self._tell(terminal_safe(left_out))
