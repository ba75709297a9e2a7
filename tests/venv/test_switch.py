"""The switch of /srv/venv, with every kind of thing that may stand there, and its undoing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.venv.generations import previous, remember_previous
from console.venv.switch import Switch, refuse_switch, switch_commands

Place = Callable[[Container, Path], None]


def _venv(folder: Path, name: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("version = 3.11.7\n")
    (folder / "name").write_text(name)
    return folder


def _real_folder(container: Container, elsewhere: Path) -> None:
    _venv(container.venv, "old")


def _link_of_ours(container: Container, elsewhere: Path) -> None:
    _venv(container.venvs / "20260101-000000-py3.8.1", "old")
    container.venv.symlink_to(".venvs/20260101-000000-py3.8.1")


def _link_of_somebody_else(container: Container, elsewhere: Path) -> None:
    _venv(elsewhere, "old")
    container.venv.symlink_to(elsewhere)


def _dangling_link(container: Container, elsewhere: Path) -> None:
    container.venv.symlink_to("nowhere")


def _nothing(container: Container, elsewhere: Path) -> None:
    pass


EVERYTHING = [_real_folder, _link_of_ours, _link_of_somebody_else, _dangling_link, _nothing]


def _snapshot(folder: Path) -> dict[str, str]:
    """Every name under ``folder`` with what it is."""
    found = {}
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent, name)
            found[str(path.relative_to(folder))] = str(path.readlink()) if path.is_symlink() else str(path.is_dir())
    return found


@pytest.fixture
def new(bare: Container) -> Path:
    return _venv(bare.venvs / "20260202-000000-py3.12.1", "new")


@pytest.mark.parametrize("place", EVERYTHING)
def test_after_the_switch_the_new_one_is_in_place_and_the_old_one_is_kept(
    bare: Container, new: Path, tmp_path: Path, place: Place
) -> None:
    place(bare, tmp_path / "theirs")
    refuse_switch(bare)
    switch = Switch(bare, new)
    switch.apply()
    switch.apply()
    assert bare.venv.readlink() == Path(".venvs") / new.name
    assert (bare.venv / "name").read_text() == "new"
    back = previous(bare)
    assert (back is None) == (place in (_dangling_link, _nothing))
    if back is not None:
        assert (back / "name").read_text() == "old"
        assert back == switch.before


@pytest.mark.parametrize("place", EVERYTHING)
def test_undoing_leaves_everything_as_it_was(bare: Container, new: Path, tmp_path: Path, place: Place) -> None:
    place(bare, tmp_path / "theirs")
    earlier = _venv(bare.venvs / "20251231-000000-py3.8.1", "earlier")
    remember_previous(bare, earlier)
    before = _snapshot(tmp_path)
    switch = Switch(bare, new)
    switch.apply()
    switch.undo()
    switch.undo()
    assert _snapshot(tmp_path) == before
    switch.apply()
    assert (bare.venv / "name").read_text() == "new"


def test_somebody_elses_folder_is_never_moved(bare: Container, new: Path, tmp_path: Path) -> None:
    _link_of_somebody_else(bare, tmp_path / "theirs")
    Switch(bare, new).apply()
    assert (tmp_path / "theirs" / "name").read_text() == "old"


def test_a_real_folder_moved_aside_works_through_a_link(bare: Container, new: Path, tmp_path: Path) -> None:
    _real_folder(bare, tmp_path)
    Switch(bare, new).apply()
    back = previous(bare)
    assert back is not None
    assert back.name.endswith("-original")
    Switch(bare, back).apply()
    assert (bare.venv / "name").read_text() == "old"
    assert previous(bare) == new


def test_a_death_between_the_two_renames_leaves_a_way_back(
    bare: Container, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _real_folder(bare, tmp_path)

    class Died(BaseException):
        pass

    def die(link: Path, target: str) -> None:
        raise Died

    monkeypatch.setattr("console.venv.switch.replace_link", die)
    with pytest.raises(Died):
        Switch(bare, new).apply()
    monkeypatch.undo()
    back = previous(bare)
    assert back is not None
    refuse_switch(bare)
    Switch(bare, back).apply()
    assert (bare.venv / "name").read_text() == "old"


def test_a_switch_that_fails_half_way_puts_everything_back(
    bare: Container, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _real_folder(bare, tmp_path)
    before = _snapshot(tmp_path)

    def fail(link: Path, target: str) -> None:
        raise ConsoleError("No.")

    monkeypatch.setattr("console.venv.switch.replace_link", fail)
    with pytest.raises(ConsoleError):
        Switch(bare, new).apply()
    assert _snapshot(tmp_path) == before


def test_a_folder_that_is_no_virtualenv_is_refused(bare: Container, new: Path) -> None:
    bare.venv.mkdir()
    (bare.venv / "photo.jpg").touch()
    with pytest.raises(ConsoleError):
        refuse_switch(bare)
    (bare.venv / "photo.jpg").unlink()
    bare.venv.rmdir()
    bare.venv.write_text("")
    with pytest.raises(ConsoleError):
        refuse_switch(bare)


def test_another_file_system_is_refused_before_anything_is_touched(
    bare: Container, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _real_folder(bare, tmp_path)
    monkeypatch.setattr(Path, "is_mount", lambda self: self == bare.venv)
    with pytest.raises(ConsoleError) as refused:
        refuse_switch(bare)
    assert "file system" in refused.value.cause


def test_the_commands_say_what_is_done(bare: Container, new: Path, tmp_path: Path) -> None:
    assert switch_commands(bare, new) == (f"ln -sfn .venvs/{new.name} {bare.venv}",)
    _real_folder(bare, tmp_path)
    assert switch_commands(bare, new)[0].startswith(f"mv {bare.venv} ")
