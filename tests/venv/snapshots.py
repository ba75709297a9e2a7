"""What a folder holds, to be compared with what it holds later."""

from __future__ import annotations

import os
from pathlib import Path


def tree(folder: Path) -> dict[str, tuple[str, int, bytes | str]]:
    """Every file and symlink under ``folder``: kind, mode and content (where it points); empty folders too."""
    found: dict[str, tuple[str, int, bytes | str]] = {}
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent, name)
            key = str(path.relative_to(folder))
            if path.is_symlink():
                found[key] = ("link", 0, str(path.readlink()))
            elif path.is_file():
                found[key] = ("file", path.stat().st_mode & 0o777, path.read_bytes())
            else:
                found[key] = ("folder", path.stat().st_mode & 0o777, "")
    return found


def without_byte_code(found: dict[str, tuple[str, int, bytes | str]]) -> dict[str, tuple[str, int, bytes | str]]:
    return {name: what for name, what in found.items() if "__pycache__" not in name}
