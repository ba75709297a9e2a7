"""The line above a log: what is shown, what of it, and whether it goes along with what comes."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from ..logs.clean import terminal_safe
from ..text import _, ngettext
from .appearance import ATTENTION, QUIET
from .log_window import LogWindow

_REST = 46  # cells of the line that are left for other than names
_LEAST = 12


def log_title(name: str, window: LogWindow, only: str, width: int) -> Content:
    """``name`` is what is shown, ``only`` what of it (empty: all)."""
    state = _("following") if window.following else _("paused")
    if window.unseen:
        state += ", " + ngettext("{n} new line", "{n} new lines", window.unseen).format(n=f"{window.unseen:,}")
    left, right = f"── {name} ", f" {state} ──"
    only = f"── {only} " if only else ""
    rule = "─" * max(0, width - len(left) - len(only) - len(right))
    return Content.assemble(
        (left, QUIET), (only, ATTENTION), (rule, QUIET), (right, QUIET if window.following else ATTENTION)
    )


def merged_name(names: Iterable[str], width: int) -> str:
    """What several logs as one are called, in as much room as the line has."""
    listed = terminal_safe(", ".join(names))
    most = max(_LEAST, width - _REST)
    return _("merged: {names}").format(names=listed if len(listed) <= most else f"{listed[: most - 1]}…")
