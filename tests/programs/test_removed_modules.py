"""Modules that a later Python has no more."""

from __future__ import annotations

import subprocess

import pytest

from console.programs.removed_modules import _PYTHON_2, _REMOVED, removed_module
from tests.needs import interpreter, minors


def test_a_removed_module_has_its_version_and_package() -> None:
    found = removed_module("cgi")
    assert found is not None
    assert (found.version, found.package) == ("3.13", "legacy-cgi")


@pytest.mark.parametrize("name", ["imp", "formatter"])
def test_one_that_nothing_gives_again_has_no_package(name: str) -> None:
    found = removed_module(name)
    assert found is not None
    assert found.package == ""


@pytest.mark.parametrize("name", ["json", "flask", ""])
def test_what_is_there_or_never_was_is_not_removed(name: str) -> None:
    assert removed_module(name) is None


_FIND = """
import importlib.util, sys
print(*(name for name in sys.argv[1:] if importlib.util.find_spec(name) is None))
"""


def test_each_is_gone_from_its_version_on_and_there_before() -> None:
    names = [*_REMOVED, *_PYTHON_2]
    pythons = minors("3.6", "3.14") or (interpreter("3"),)
    for python in pythons:
        # Without site-packages: setuptools gives distutils back there.
        run = subprocess.run([python.path, "-S", "-c", _FIND, *names], capture_output=True, text=True, check=True)
        missing = set(run.stdout.split())
        for name in names:
            found = removed_module(name)
            assert found is not None
            gone = python.release[:2] >= tuple(int(part) for part in found.version.split("."))
            assert (name in missing) == gone, (python.version, name)
