"""An image that was switched is told from the virtualenv, the image's Python, and what was seen before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.container import Container
from console.results import Program, Venv
from console.venv.image_switch import Seen, read_image_switch, read_seen, remember

NOW = datetime(2026, 11, 25, 14, 5, tzinfo=timezone(timedelta(hours=1)))
DEAD = Venv("dead", Path("/srv/venv"), "3.8.18", 12, False, image_python="3.12.1")
FITS = Venv("ok", Path("/srv/venv"), "3.8.18", 12, False, image_python="3.8.18", fits=True, usable=True)
RUNNING = (Program("app", "app", "RUNNING", 79, 5.0, None, None, ""),)


def test_a_dead_virtualenv_of_another_python_means_that_the_app_is_down(bare: Container) -> None:
    found = read_image_switch(bare, DEAD, ())
    assert found is not None
    assert (found.from_python, found.to_python, found.runs, found.seen) == ("3.8.18", "3.12.1", False, None)
    assert found.title == (
        "The image's Python is 3.12.1, your virtualenv was made for 3.8.18 and cannot run: the app is down."
    )


def test_an_app_that_still_runs_cannot_be_started_again(bare: Container) -> None:
    found = read_image_switch(bare, DEAD, RUNNING)
    assert found is not None
    assert found.title.endswith("once stopped, the app cannot start.")


def test_a_virtualenv_that_still_works_with_the_old_python_is_told_as_such(bare: Container) -> None:
    found = read_image_switch(bare, replace(DEAD, state="mismatch", usable=True), RUNNING)
    assert found is not None
    assert found.runs
    assert found.title == "The image's Python is 3.12.1; your virtualenv still works with 3.8.18."


def test_one_whose_interpreter_became_another_python_cannot_run(bare: Container) -> None:
    found = read_image_switch(bare, replace(DEAD, state="mismatch"), ())
    assert found is not None
    assert not found.runs


@pytest.mark.parametrize(
    "venv",
    [
        FITS,
        replace(FITS, state="missing", fits=False, usable=False, python=None),
        replace(FITS, state="mismatch", image_python="3.8.19"),  # runs on
        replace(DEAD, image_python=None),  # the image has no Python at all
        replace(DEAD, image_python="3.8.18"),  # dead for another reason
        replace(DEAD, python=None),  # and nobody has seen what it was
        replace(DEAD, state="mismatch", image_python="3.8.19"),  # a copy of another patch release: a repair
    ],
    ids=["fits", "missing", "patch release", "no Python", "same Python", "unknown", "copy"],
)
def test_anything_else_is_no_switch(bare: Container, venv: Venv) -> None:
    assert read_image_switch(bare, venv, ()) is None


def test_what_was_seen_says_when_and_stands_in_for_a_version_that_is_lost(bare: Container) -> None:
    remember(bare, FITS, NOW)
    assert read_seen(bare) == Seen("3.8.18", "3.8.18", NOW)
    found = read_image_switch(bare, replace(DEAD, python=None), ())
    assert found is not None
    assert (found.from_python, found.seen) == ("3.8.18", NOW)


def test_only_what_fits_is_remembered(bare: Container) -> None:
    remember(bare, DEAD, NOW)
    remember(bare, replace(FITS, python=None), NOW)
    assert read_seen(bare) is None


def test_the_same_is_not_written_again_within_the_hour(bare: Container) -> None:
    remember(bare, FITS, NOW)
    file = bare.state_dir / "image.json"
    first = file.stat().st_ino
    remember(bare, FITS, NOW + timedelta(minutes=59))
    assert file.stat().st_ino == first
    remember(bare, FITS, NOW + timedelta(minutes=61))
    assert read_seen(bare) == Seen("3.8.18", "3.8.18", NOW + timedelta(minutes=61))
    remember(bare, replace(FITS, python="3.8.19"), NOW + timedelta(minutes=62))
    assert read_seen(bare) == Seen("3.8.18", "3.8.19", NOW + timedelta(minutes=62))


def test_what_cannot_be_written_is_not_remembered_and_nothing_fails(bare: Container) -> None:
    bare.state_dir.write_text("a file in the folder's place")
    remember(bare, FITS, NOW)
    assert read_seen(bare) is None
    assert bare.state_dir.read_text() == "a file in the folder's place"


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_of_any_content_is_read_or_left(
    bare: Container, tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("srv")
    container = replace(bare, srv=folder)
    container.state_dir.mkdir()
    (container.state_dir / "image.json").write_bytes(content)
    assert read_seen(container) is None
