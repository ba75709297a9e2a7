"""The lines of a job's journal, read while another process may be writing them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_journal(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """The lines from byte ``offset`` on that are whole, and the offset behind them. What is damaged is left out."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return [], offset
    end = data.rfind(b"\n") + 1
    lines = []
    for line in data[:end].splitlines():
        try:
            told = json.loads(line)
        except ValueError:  # half of it was written when the machine went down
            continue
        if isinstance(told, dict):
            lines.append(told)
    return lines, offset + end
