"""What a test needs of the machine: skipped with a reason where it is missing, failed where CI forbids the skip."""

from __future__ import annotations

import functools
import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from console.playground import Interpreter, interpreters_on_this_machine


def program(name: str) -> Path:
    """The path of the program ``name``."""
    found = shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin")
    return Path(found) if found else missing(f"the program {name}")


def interpreter(version: str) -> Interpreter:
    """The newest Python whose version starts with ``version`` ("3.8", "3.8.18")."""
    parts = version.split(".")
    for each in _interpreters():
        if each.version.split(".")[: len(parts)] == parts:
            return each
    return missing(f"Python {version}")


def old_interpreter(version: str) -> Interpreter:
    """As ``interpreter``, for Pythons that are long out of support: a machine without them may skip the test always."""
    parts = version.split(".")
    found = next((each for each in _interpreters() if each.version.split(".")[: len(parts)] == parts), None)
    return found or missing(f"Python {version}", everywhere=False)


def interpreters(count: int) -> tuple[Interpreter, ...]:
    """``count`` Pythons of different X.Y, from 3.9, the newest first."""
    found: dict[tuple[int, ...], Interpreter] = {}
    for each in _interpreters():
        if each.finished and each.release >= (3, 9):
            found.setdefault(each.release[:2], each)
    return tuple(found.values())[:count] if len(found) >= count else missing(f"{count} Pythons from 3.9")


def minors(oldest: str, newest: str) -> tuple[Interpreter, ...]:
    """The newest release of each X.Y from ``oldest`` to ``newest`` that is here, the newest first; may be none."""
    low, high = (tuple(int(part) for part in version.split(".")) for version in (oldest, newest))
    found: dict[tuple[int, ...], Interpreter] = {}
    for each in _interpreters():
        if each.finished and low <= each.release[:2] <= high:
            found.setdefault(each.release[:2], each)
    return tuple(found.values())


def missing(what: str, *, everywhere: bool = True) -> NoReturn:
    """Skip the test for want of ``what``; with $CONSOLE_TESTS_MUST_RUN fail it.

    Not ``everywhere``: no machine can be asked to have it any more; it is a skip there too.
    """
    if everywhere and os.environ.get("CONSOLE_TESTS_MUST_RUN"):
        pytest.fail(f"this machine lacks {what}, and no test may be skipped here", pytrace=False)
    pytest.skip(f"this machine lacks {what}")


@functools.cache
def _interpreters() -> tuple[Interpreter, ...]:
    return interpreters_on_this_machine()
