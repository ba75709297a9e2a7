"""The files of a new container, from the folder ``files``: @NAME@ stands for a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_FILES = Path(__file__).parent / "files"


def filled(name: str, values: Mapping[str, str]) -> bytes:
    """The file ``name`` with its values put in. Raises KeyError for a value that is not given."""
    text = (_FILES / f"{name}.in").read_text("utf-8")
    return re.sub(r"@([A-Z0-9_]+)@", lambda match: values[match.group(1)], text).encode()
