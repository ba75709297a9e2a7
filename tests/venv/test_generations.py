"""The virtualenvs in /srv/.venvs: which is which, and what may be removed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from console.container import Container
from console.venv.folder_tree import allocated_bytes, remove_tree
from console.venv.generations import (
    begin,
    current,
    finish,
    original_folder,
    previous,
    prune,
    remember_previous,
    sweep,
)
from console.venv.marks import MARKER

from .conftest import make_venv


def _made(container: Container, name: str) -> Path:
    folder = container.venvs / name
    folder.mkdir(parents=True)
    (folder / "file").write_bytes(b"x" * 10_000)
    return folder


def _names(container: Container) -> list[str]:
    return sorted(each.name for each in container.venvs.iterdir())


def test_two_builds_in_one_second_get_folders_of_their_own(bare: Container) -> None:
    first, second = begin(bare, "3.12.1"), begin(bare, "3.12.1")
    assert first != second
    assert all(folder.name.endswith("-py3.12.1") and (folder / MARKER).exists() for folder in (first, second))


def test_a_half_built_folder_is_swept_and_a_finished_one_is_not(bare: Container) -> None:
    half, done = begin(bare, "3.12.1"), begin(bare, "3.11.7")
    (half / "lib").mkdir()
    (half / "lib" / "big").write_bytes(b"x" * 100_000)
    finish(done)
    assert sweep(bare) >= 100_000
    assert _names(bare) == [done.name]
    assert sweep(bare) == 0


def test_a_marked_folder_that_no_rebuild_made_is_not_swept(bare: Container) -> None:
    (_made(bare, "mine") / MARKER).touch()
    (_made(bare, "20260101-000000-original") / MARKER).touch()
    sweep(bare)
    assert _names(bare) == ["20260101-000000-original", "mine"]


def test_the_folder_in_use_is_found_through_the_symlink_only(bare: Container) -> None:
    assert current(bare) is None
    folder = _made(bare, "20260101-000000-py3.12.1")
    bare.venv.symlink_to(Path(".venvs") / folder.name)
    assert current(bare) == folder
    bare.venv.unlink()
    bare.venv.mkdir()
    assert current(bare) is None


def test_the_one_before_is_remembered_until_it_is_gone(bare: Container, tmp_path: Path) -> None:
    folder = _made(bare, "20260101-000000-py3.12.1")
    remember_previous(bare, folder)
    assert (previous(bare), (bare.venvs / "previous").readlink()) == (folder, Path(folder.name))
    (tmp_path / "elsewhere").mkdir()
    remember_previous(bare, tmp_path / "elsewhere")
    assert previous(bare) == tmp_path / "elsewhere"
    (tmp_path / "elsewhere").rmdir()
    assert previous(bare) is None
    remember_previous(bare, None)
    assert not os.path.lexists(bare.venvs / "previous")


def test_pruning_keeps_the_one_in_use_the_one_before_and_what_we_did_not_make(bare: Container) -> None:
    for name in ("20260101-000000-py3.8.1", "20260102-000000-py3.9.1", "20260103-000000-py3.10.1", "mine"):
        _made(bare, name)
    _made(bare, "20260101-000000-original")
    (bare.venvs / "20260101-000001-py3.8.1").symlink_to("mine")
    bare.venv.symlink_to(".venvs/20260103-000000-py3.10.1")
    remember_previous(bare, bare.venvs / "20260101-000000-py3.8.1")
    assert prune(bare, 1) >= 10_000
    assert _names(bare) == [
        "20260101-000000-original",
        "20260101-000000-py3.8.1",
        "20260101-000001-py3.8.1",
        "20260103-000000-py3.10.1",
        "mine",
        "previous",
    ]


def test_pruning_keeps_as_many_as_asked_for_the_newest_first(bare: Container) -> None:
    for day in range(1, 6):
        _made(bare, f"2026010{day}-000000-py3.12.1")
    bare.venv.symlink_to(".venvs/20260105-000000-py3.12.1")
    prune(bare, 3)
    assert [name[6:8] for name in _names(bare)] == ["02", "03", "04", "05"]


def test_a_name_for_the_original_is_never_taken(bare: Container) -> None:
    first = original_folder(bare)
    first.mkdir(parents=True)
    assert original_folder(bare) != first


def test_removing_a_tree_gives_back_what_has_no_other_name(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "locked").mkdir(parents=True)
    (tree / "locked" / "own").write_bytes(b"x" * 50_000)
    (tree / "twice").write_bytes(b"x" * 50_000)
    os.link(tree / "twice", tree / "again")
    (tree / "shared").write_bytes(b"x" * 50_000)
    os.link(tree / "shared", tmp_path / "cache")
    (tree / "locked").chmod(0o500)
    assert allocated_bytes(tree) >= 150_000
    assert 100_000 <= remove_tree(tree) < 150_000
    assert not tree.exists()
    assert (tmp_path / "cache").exists()


def test_a_symlink_in_place_of_a_tree_is_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "link").symlink_to("precious")
    assert remove_tree(tmp_path / "link") == 0
    assert (tmp_path / "precious").is_dir()


def test_the_folder_found_at_the_beginning_goes_when_nothing_in_it_is_the_customers(bare: Container) -> None:
    bare.venvs.mkdir()
    python = Path(sys.executable).resolve()
    plain = bare.venvs / "20200101-000000-original"
    theirs = bare.venvs / "20200101-000001-original"
    for folder in (plain, theirs):
        make_venv(python, folder)
    (theirs / "notes.txt").write_text("mine")
    used = bare.venvs / "20200103-000000-py3.11.7"
    before = bare.venvs / "20200102-000000-py3.11.7"
    used.mkdir()
    bare.venv.symlink_to(used)
    remember_previous(bare, plain)
    prune(bare, 1)
    assert plain.exists()
    before.mkdir()
    remember_previous(bare, before)
    assert prune(bare, 1) > 0
    assert (plain.exists(), theirs.exists(), before.exists()) == (False, True, True)
