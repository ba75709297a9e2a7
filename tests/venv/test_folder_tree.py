"""What a folder takes on the disk, and taking it away."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.venv.folder_tree import allocated_bytes, remove_tree

BLOCKS = 8192  # bytes of a file that takes blocks on any file system


def _file(path: Path, size: int = BLOCKS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def _blocks(path: Path) -> int:
    return path.lstat().st_blocks * 512


def test_a_file_with_two_names_is_counted_once(tmp_path: Path) -> None:
    one = _file(tmp_path / "tree" / "one")
    (tmp_path / "tree" / "two").hardlink_to(one)

    assert allocated_bytes(tmp_path / "tree") == _blocks(one)


def test_counting_follows_no_symlink_but_that_to_the_folder_itself(tmp_path: Path) -> None:
    outside = _file(tmp_path / "outside" / "large", 100 * BLOCKS)
    one = _file(tmp_path / "tree" / "one")
    (tmp_path / "tree" / "folder").symlink_to(outside.parent)
    (tmp_path / "tree" / "file").symlink_to(outside)
    (tmp_path / "link").symlink_to(tmp_path / "tree")

    links = _blocks(tmp_path / "tree" / "folder") + _blocks(tmp_path / "tree" / "file")
    assert allocated_bytes(tmp_path / "link") == _blocks(one) + links


def test_a_folder_that_is_not_there_takes_nothing(tmp_path: Path) -> None:
    assert allocated_bytes(tmp_path / "nothing") == 0


def test_a_removed_tree_tells_what_it_gave_back(tmp_path: Path) -> None:
    one, two = _file(tmp_path / "tree" / "one"), _file(tmp_path / "tree" / "deep" / "down" / "two")
    (tmp_path / "tree" / "deep" / "again").hardlink_to(two)
    folders = [tmp_path / "tree", two.parent, two.parent.parent]
    expected = _blocks(one) + _blocks(two) + sum(_blocks(folder) for folder in folders)

    assert remove_tree(tmp_path / "tree") == expected
    assert not (tmp_path / "tree").exists()


def test_a_file_with_a_name_elsewhere_gives_nothing_back_and_stays(tmp_path: Path) -> None:
    kept = _file(tmp_path / "kept", 10 * BLOCKS)
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "linked").hardlink_to(kept)
    folder = _blocks(tree)

    assert remove_tree(tree) == folder
    assert kept.read_bytes() == b"x" * 10 * BLOCKS


@pytest.mark.parametrize("where", ["in it", "itself"])
def test_symlinks_are_removed_and_not_followed(tmp_path: Path, where: str) -> None:
    kept = _file(tmp_path / "outside" / "kept")
    tree = tmp_path / "tree"
    if where == "in it":
        tree.mkdir()
        (tree / "folder").symlink_to(kept.parent)
    else:
        tree.symlink_to(kept.parent)

    remove_tree(tree)

    assert kept.exists()
    assert not os.path.lexists(tree)


def test_a_file_in_its_place_is_removed(tmp_path: Path) -> None:
    one = _file(tmp_path / "one")
    size = _blocks(one)

    assert remove_tree(one) == size
    assert not one.exists()


def test_folders_that_may_not_be_written_go_too(tmp_path: Path) -> None:
    """As packages bring them; as a user who is not root, whom modes do not stop."""
    tree = Path(tempfile.mkdtemp(prefix="tree-"))
    _file(tree / "read-only" / "deep" / "one")
    for mode, folder in ((0o555, tree / "read-only" / "deep"), (0o000, tree / "read-only")):
        folder.chmod(mode)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                for path in (tree, tree / "read-only", tree / "read-only" / "deep"):
                    os.chown(path, 65534, 65534)
                os.setgid(65534)
                os.setuid(65534)
            remove_tree(tree / "read-only")
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not (tree / "read-only").exists()
    tree.rmdir()


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        remove_tree(tmp_path / "nothing")


NAMES = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..")
)
TREES = st.recursive(st.sampled_from(["file", "link"]), lambda inside: st.dictionaries(NAMES, inside, max_size=4))


@given(st.dictionaries(NAMES, TREES, max_size=5))
def test_any_tree_goes_and_nothing_beside_it(shape: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as place:
        kept = _file(Path(place, "kept"))
        tree = Path(place, "tree")
        _make(tree, shape, kept)

        taken = allocated_bytes(tree) + _blocks(tree)
        freed = remove_tree(tree)

        assert os.listdir(place) == ["kept"]  # noqa: PTH208 - names are wanted
        assert kept.read_bytes() == b"x" * BLOCKS
        assert freed == taken


def _make(path: Path, shape: object, kept: Path) -> None:
    if shape == "link":
        path.symlink_to(kept)
    elif isinstance(shape, dict):
        path.mkdir()
        for name, inside in shape.items():
            try:
                _make(path / name, inside, kept)
            except OSError:  # a name that this file system does not take, as one of too many bytes
                continue
    else:
        _file(path)
