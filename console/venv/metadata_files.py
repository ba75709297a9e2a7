"""The metadata of one distribution, by its files: the interpreter that it was installed for need not run."""

from __future__ import annotations

import os
from functools import cached_property
from importlib.metadata import Distribution, PackageMetadata
from pathlib import Path


class MetadataFiles(Distribution):
    """A distribution's metadata files, as they are: missing, unreadable, or in Latin 1 like their author's name."""

    def __init__(self, entry: Path) -> None:
        self._entry = entry

    @cached_property
    def metadata(self) -> PackageMetadata:
        """Parsed once: name, version and requirements each ask for it."""
        return super().metadata

    def read_text(self, filename: str) -> str | None:
        path = self._entry / filename
        try:
            data = path.read_bytes() if path.is_file() else None  # a named pipe would be waited for
        except (OSError, ValueError):
            return None
        if data is None:
            return None
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("latin-1")

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        return self._entry.parent / path
