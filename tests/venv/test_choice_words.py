"""What is told of the chosen interpreter with a job's outcome."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.pythons.primary_tech import set_link
from console.results import ChoiceChange
from console.venv.choice_words import with_choice
from console.venv.service import Service

OLD, NEW = "/opt/techs/python-3.8.1/bin", "/opt/techs/python-3.12.1/bin"


def _change(link: Path, old: str | None = OLD, new: str | None = NEW) -> ChoiceChange:
    return ChoiceChange(link, old, new, "3.8.1", "3.12.1")


@pytest.fixture
def link(tmp_path: Path) -> Path:
    return tmp_path / "primary_tech"


def test_without_a_change_nothing_is_said() -> None:
    service = Service(ok=True, note="app is stopped.")
    assert with_choice(service, None) is service


@pytest.mark.parametrize("ok", [True, False])
def test_what_is_chosen_now_is_said_also_of_an_app_that_does_not_start_with_it(link: Path, ok: bool) -> None:
    set_link(link, NEW)
    said = with_choice(Service(ok=ok, note="app is stopped."), _change(link))
    assert said.note == f"app is stopped. Python 3.12.1 is chosen now: {link} leads to {NEW}."
    assert said.remedy == ""


def test_a_symlink_that_goes_is_said(link: Path) -> None:
    assert "removed" in with_choice(Service(ok=True), _change(link, NEW, None)).note


def test_a_choice_that_was_put_back_needs_no_word(link: Path) -> None:
    set_link(link, OLD)
    service = Service(ok=False, undone=True, error="no", remedy="look")
    assert with_choice(service, _change(link)) == service


def test_one_that_could_not_be_put_back_is_said_with_both_places(link: Path) -> None:
    set_link(link, NEW)
    told = with_choice(Service(ok=False, undone=True, error="no", remedy="Look."), _change(link))
    assert told.remedy.startswith("Look. ")
    assert OLD in told.remedy
    assert NEW in told.remedy


def test_what_somebody_else_has_set_is_not_called_chosen(link: Path) -> None:
    set_link(link, "/opt/techs/node-14.8.0/bin")
    assert with_choice(Service(ok=True), _change(link)) == Service(ok=True)
