"""What a screen shows, as text that a person can read and compare: the cells, then their styles."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any

from textual.app import App

FOLDER = Path(__file__).parent / "snapshots"


def screen_text(app: App[Any]) -> str:
    """The screen's lines, then for each line the spans that are not plain: ``row: from-to style``."""
    lines, styles = [], []
    for row, strip in enumerate(app.screen._compositor.render_strips()):
        column, text = 0, ""
        for segment in strip:
            text += segment.text
            end = column + segment.cell_length
            style = (
                str(segment.style.without_color) if segment.style and not segment.style.color else str(segment.style)
            )
            named = " ".join(word for word in style.split() if word not in ("none", "default", "on", "None"))
            if named and segment.text.strip():
                styles.append(f"{row}: {column}-{end} {named}")
            column = end
        lines.append(text.rstrip())
    return "\n".join([*lines, "", *styles]) + "\n"


def check(app: App[Any], name: str) -> None:
    """Compare the screen with the snapshot ``name``; $UPDATE_SNAPSHOTS=1 writes it anew."""
    shown, file = screen_text(app), FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(shown)
    assert file.is_file(), f"there is no snapshot {name}; look at the screen, then run with UPDATE_SNAPSHOTS=1"
    expected = file.read_text()
    if shown != expected:
        changed = difflib.unified_diff(expected.splitlines(), shown.splitlines(), "snapshot", "now", lineterm="")
        raise AssertionError("\n".join([f"{name} does not look as it did:", *changed]))
