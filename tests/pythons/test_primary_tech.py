"""The symlink that chooses: its form, what it leads to, what speaks against setting it."""

from __future__ import annotations

import os
import string
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.container import Container, find_container
from console.errors import ConsoleError
from console.playground import Interpreter
from console.pythons.primary_tech import (
    choice_commands,
    choice_obstacles,
    choice_warnings,
    link_text,
    plan_choice,
    python_behind,
    set_link,
)
from console.results import ChoiceChange

Pythons = tuple[Interpreter, Interpreter]


def _tech(container: Container, version: str) -> Path:
    return container.techs / f"python-{version}" / "bin"


def _change(container: Container, version: str) -> ChoiceChange:
    change = plan_choice(container, _tech(container, version) / "python3", version)
    assert change is not None
    return change


@pytest.mark.parametrize("absolute", [True, False])
def test_the_form_is_kept_and_leads_to_the_new_one(techs: Container, pythons: Pythons, absolute: bool) -> None:
    new, old = pythons
    there = _tech(techs, old.version)
    techs.primary_tech.symlink_to(there if absolute else os.path.relpath(there, techs.primary_tech.parent))
    change = _change(techs, new.version)
    assert (change.from_python, change.to_python) == (old.version, new.version)
    assert change.new is not None
    assert os.path.isabs(change.new) == absolute  # noqa: PTH117
    set_link(change.path, change.new)
    assert find_container(techs.root).interpreters[0] == _tech(techs, new.version) / "python3"
    assert plan_choice(techs, _tech(techs, new.version) / "python3", new.version) is None


def test_a_relative_form_counts_from_the_real_folder(techs: Container, pythons: Pythons) -> None:
    new, old = pythons
    tools = techs.srv / "deep" / "er" / "tools"
    tools.mkdir(parents=True)
    techs.primary_tech.parent.rmdir()
    techs.primary_tech.parent.symlink_to("deep/er/tools")
    techs.primary_tech.symlink_to(os.path.relpath(_tech(techs, old.version), tools))
    change = _change(techs, new.version)
    set_link(change.path, change.new)
    assert (tools / "primary_tech").readlink() == Path("../../../../opt/techs") / f"python-{new.version}" / "bin"
    assert python_behind(change.path, change.new) == new.version


def test_what_is_missing_is_made_absolute_its_folder_too(techs: Container, pythons: Pythons) -> None:
    techs.primary_tech.parent.rmdir()
    change = _change(techs, pythons[0].version)
    assert (change.old, change.from_python) == (None, None)
    assert choice_obstacles(change.path) == []
    assert choice_warnings(techs, change) == []
    set_link(change.path, change.new)
    assert link_text(techs.primary_tech) == str(_tech(techs, pythons[0].version))
    set_link(change.path, None)
    set_link(change.path, None)
    assert not os.path.lexists(techs.primary_tech)


def test_another_name_of_the_chosen_folder_is_no_change(techs: Container, pythons: Pythons) -> None:
    new = pythons[0]
    (techs.techs / "current").symlink_to(f"python-{new.version}")
    techs.primary_tech.symlink_to("../../opt/techs/current/bin")
    assert plan_choice(techs, _tech(techs, new.version) / "python3", new.version) is None


def test_what_it_leads_to_before_is_told(techs: Container, pythons: Pythons) -> None:
    node = techs.techs / "node-14.8.0" / "bin"
    node.mkdir(parents=True)
    mine = techs.srv / "mine"
    mine.mkdir()
    for target, said in (
        ("../../opt/techs/node-14.8.0/bin", "node-14.8.0 is chosen now"),
        ("../mine", "what it leads to stays"),
        ("/opt/techs/python-0.1.2/bin", "does not exist"),
        (f"../../opt/techs/python-{pythons[1].version}/bin", ""),
    ):
        set_link(techs.primary_tech, target)
        change = _change(techs, pythons[0].version)
        warnings = choice_warnings(techs, change)
        assert len(warnings) == (1 if said else 0)
        assert said in "".join(warnings)
        assert choice_obstacles(change.path) == []


@pytest.mark.parametrize("folder", [True, False])
def test_what_is_no_symlink_is_never_replaced(techs: Container, folder: bool) -> None:
    if folder:
        (techs.primary_tech / "tools").mkdir(parents=True)
    else:
        techs.primary_tech.write_text("mine")
    (problem,) = choice_obstacles(techs.primary_tech)
    assert "no symlink" in problem
    with pytest.raises(ConsoleError):
        set_link(techs.primary_tech, "/opt/techs/python-3.12.1/bin")
    assert techs.primary_tech.is_dir() == folder


def test_a_file_where_the_folder_should_be_is_told(techs: Container) -> None:
    techs.primary_tech.parent.rmdir()
    techs.primary_tech.parent.write_text("mine")
    (problem,) = choice_obstacles(techs.primary_tech)
    assert "is no folder" in problem


@given(
    st.one_of(st.none(), st.text(string.printable, min_size=1, max_size=40).filter(lambda text: "\0" not in text)),
    st.one_of(st.none(), st.text(string.printable, min_size=1, max_size=40).filter(lambda text: "\0" not in text)),
)
@example(None, "-n")
def test_the_commands_do_what_is_done(before: str | None, after: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        links = [Path(folder, name) for name in ("typed", "set")]
        for link in links:
            set_link(link, before)
        set_link(links[1], after)
        if (before, after) != (None, None):
            change = ChoiceChange(links[0], before, after, None, None)
            (command,) = choice_commands(change)
            subprocess.run(["sh", "-c", command], check=True)
        assert link_text(links[0]) == link_text(links[1]) == after
