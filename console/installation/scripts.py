"""Scripts for sh out of their templates, with what they say in each language of the console."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from ..text import LANGUAGES, translated

_FILES = Path(__file__).parent / "files"


def script(name: str, values: Mapping[str, str]) -> bytes:
    """The script ``name``, each @NAME@ in it replaced; @SEARCH@ is how an interpreter is found."""
    told = {"SEARCH": _read("search").rstrip("\n"), **values}
    text = re.sub(r"@([A-Z_]+)@", lambda match: told[match.group(1)], _read(name))
    return text.encode("utf-8", "surrogateescape")


def in_each_language(message: str, **values: object) -> str:
    """``message`` as a word of sh for each of LANGUAGES, in their order."""
    return shlex.join(translated(message, language).format(**values) for language in LANGUAGES)


def _read(name: str) -> str:
    return (_FILES / f"{name}.in").read_text("utf-8")
