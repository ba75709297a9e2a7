"""What looking at the image's interpreters returns, and the change of which one is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Interpreter:
    """One of the image's Pythons. ``version`` is None where it does not run; ``chosen``: the image's Python."""

    path: Path
    version: str | None
    chosen: bool


@dataclass(frozen=True)
class OfferedPython:
    """One of the image's Pythons, really run. ``version`` is what it said of itself, else what its folder's name says,
    None where nothing tells; ``fault`` is why it cannot be used, empty when it can.

    ``venv``: the virtualenv runs with it. ``made_for``: the virtualenv was made for this version. ``support`` is that
    of CPython's branch today: supported, security (fixes of security holes only), ended or unknown; ``fixes_until`` and
    ``end_of_life`` are dates or months of ISO 8601, None where they are not known.
    """

    path: Path
    version: str | None
    chosen: bool
    venv: bool
    made_for: bool
    support: str
    fixes_until: str | None
    end_of_life: str | None
    fault: str = ""


@dataclass(frozen=True)
class PythonList:
    """The image's Pythons, the chosen one first, then the newest. ``chosen`` is its version, None where none is, or it
    does not run; ``problem`` says why then. ``primary_tech`` is the text of the symlink that chooses in the runtime
    generation, None where there is none. ``venv_python`` is what the virtualenv was made for, ``venv_interpreter`` what
    runs in it now, None where nothing does.
    """

    generation: str
    chosen: str | None
    primary_tech: str | None
    venv_python: str | None
    venv_interpreter: Path | None
    interpreters: tuple[OfferedPython, ...]
    problem: str = ""


@dataclass(frozen=True)
class ChoiceChange:
    """A change of the symlink ``path`` (/srv/bin/primary_tech), which chooses the interpreter: its text is ``old`` and
    becomes ``new``; None is no symlink. ``from_python`` and ``to_python`` are the versions there, None where it leads
    to no Python.
    """

    path: Path
    old: str | None
    new: str | None
    from_python: str | None
    to_python: str | None
