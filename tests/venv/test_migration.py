"""What a migration's guide has to know beforehand."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from console.container import Container
from console.venv.migration import look_into

from .conftest import make_venv
from .wheels import place_distribution

THIS = ".".join(map(str, sys.version_info[:3]))


def test_requirements_are_counted_with_the_files_that_they_include(bare: Container) -> None:
    make_venv(Path(sys.executable), bare.venv)
    bare.requirements.write_text("flask\n-r more.txt\n-c limits.txt\n")
    (bare.app / "more.txt").write_text("django\npillow\n")
    (bare.app / "limits.txt").write_text("urllib3<2\n")
    found = look_into(bare)
    assert (found.requirements, found.rescue, found.no_rescue) == (3, None, None)
    assert found.venv.requirements is not None


def test_without_requirements_the_rescue_is_there_although_the_interpreter_is_gone(bare: Container) -> None:
    site_packages = make_venv(Path(sys.executable), bare.venv)
    place_distribution(site_packages, "flask", "3.0.3", requested=True)
    for link in (bare.venv / "bin").glob("python*"):
        link.unlink()
    found = look_into(bare)
    assert found.venv.state == "dead"
    assert found.requirements is None
    assert found.rescue is not None
    assert b"flask==3.0.3" in found.rescue.new
    assert not bare.requirements.exists()


def test_nothing_to_rescue_is_said(bare: Container) -> None:
    make_venv(Path(sys.executable), bare.venv)
    found = look_into(bare)
    assert (found.requirements, found.rescue) == (None, None)
    assert found.no_rescue is not None


def test_an_interpreter_that_the_virtualenv_could_go_on_with_is_found_where_the_image_has_one(bare: Container) -> None:
    make_venv(Path(sys.executable), bare.venv)
    assert look_into(bare).old_python == THIS
    assert look_into(replace(bare, interpreters=())).old_python is None
