"""The programs that the console is measured against."""

from __future__ import annotations

import sys

EMPTY_APP = [
    sys.executable,
    "-c",
    """
from textual.app import App
from textual.widgets import Static


class Empty(App[None]):
    def compose(self):
        yield Static("READY")


Empty().run(mouse=False)
""",
]

# What one writes first: every row written anew every second.
REWRITTEN_TABLE = [
    sys.executable,
    "-c",
    """
import time

from textual.app import App
from textual.widgets import DataTable


class Table(App[None]):
    def compose(self):
        yield DataTable()

    def on_mount(self):
        self.query_one(DataTable).add_columns("program", "state", "since", "cpu", "memory")
        self.set_interval(1, self.fill)

    def fill(self):
        table = self.query_one(DataTable)
        table.clear()
        seconds = int(time.monotonic())
        for name in ("app", "nginx", "READY"):
            table.add_row(name, "RUNNING", f"0:00:{seconds % 60:02}", f"{seconds % 10} %", "84 MB")


Table().run(mouse=False)
""",
]
