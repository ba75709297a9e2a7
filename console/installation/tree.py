"""Trees: a folder for each version that was installed, complete before it gets its name."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..atomic import sync_folder
from ..own_python import TREE_FACTS
from ..venv.folder_tree import remove_tree
from .contents import Contents
from .places import Places

_PROC = Path("/proc")
_UNFINISHED = ".new-"


@dataclass(frozen=True)
class Tree:
    """A tree that stands at ``path``; ``made`` are the folders that the first installation made around it."""

    path: Path
    version: str
    oldest: int
    made: tuple[Path, ...]


def present_tree(places: Places) -> Tree | None:
    """The tree that the launcher starts; None where there is none, or it cannot be understood."""
    try:
        path = Path(os.path.realpath(places.link))
        facts = json.loads((path / TREE_FACTS).read_text("utf-8"))
        return Tree(path, str(facts["version"]), int(facts["oldest"]), tuple(Path(each) for each in facts["made"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def same_files(contents: Contents, old: Tree | None) -> frozenset[str]:
    """The files of ``contents`` that ``old`` has as well, byte for byte."""
    if old is None:
        return frozenset()
    return frozenset(file.target for file in contents.files if _same(old.path / file.target, file.source))


def build_tree(
    places: Places,
    contents: Contents,
    *,
    old: Tree | None,
    same: frozenset[str],
    made: Iterable[Path],
    tell: Callable[[int], None],
) -> Path:
    """Copy ``contents`` beside the trees that are there, flushed to the disk; returns the unfinished tree.

    The files ``same`` as in ``old`` get another name, no copy. ``tell`` gets how many files are there. Raises OSError.
    """
    places.trees.mkdir(exist_ok=True)
    tree = places.trees / f"{_UNFINISHED}{contents.version}-{os.getpid()}"
    tree.mkdir()
    for number, file in enumerate(contents.files, 1):
        target = tree / file.target
        target.parent.mkdir(parents=True, exist_ok=True)
        if old is None or file.target not in same or not _linked(old.path / file.target, target):
            _copy(file.source, target)
        tell(number)
    (tree / TREE_FACTS).write_text(json.dumps(tree_facts(contents, made), indent=1) + "\n", "utf-8")
    return tree


def tree_facts(contents: Contents, made: Iterable[Path]) -> dict[str, object]:
    """What a tree says about itself in TREE_FACTS."""
    return {
        "version": contents.version,
        "oldest": contents.oldest,
        "lacking": contents.lacking,
        "made": [str(each) for each in made],
    }


def finish_tree(places: Places, unfinished: Path, version: str) -> Path:
    """Flush the tree to the disk and give it its name; returns the path that it has now. Raises OSError."""
    _flush(unfinished)
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    names = (f"{version}-{stamp}", *(f"{version}-{stamp}-{number}" for number in range(2, 100)))
    path = next(places.trees / name for name in names if not (places.trees / name).exists())
    unfinished.rename(path)
    sync_folder(places.trees)
    return path


def remove_unfinished(places: Places) -> None:
    """Remove what an installation that was killed left half-built. Only for the holder of the lock. Raises OSError."""
    for each in places.trees.glob(f"{_UNFINISHED}*"):
        remove_tree(each)


def remove_old(places: Places, keep: Iterable[Path]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Remove the trees but those to ``keep`` and those that something runs from; returns the removed and the used.

    Raises OSError.
    """
    kept = {path.name for path in keep}
    others = [tree for tree in sorted(places.trees.iterdir()) if tree.name not in kept]
    used = {tree for tree in others if running_from(tree)}
    for tree in others:
        if tree not in used:
            remove_tree(tree)
    return tuple(tree for tree in others if tree not in used), tuple(sorted(used))


def running_from(tree: Path) -> tuple[int, ...]:
    """The processes that run from ``tree``, the present one left out: its path stands in their command."""
    real = os.path.realpath(tree)
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has ended, or is hidden from us (and then another user's, in a container nobody's)
            continue
        if any(_within(os.fsdecode(word), tree.name, real) for word in words[:6]):
            found.append(int(entry.name))
    return tuple(sorted(found))


def _within(word: str, name: str, real: str) -> bool:
    return f"/{name}" in word and (os.path.realpath(word) + "/").startswith(f"{real}/")


def _same(old: Path, new: Path) -> bool:
    try:
        return filecmp.cmp(old, new, shallow=False)
    except OSError:
        return False


def _linked(old: Path, target: Path) -> bool:
    try:
        os.link(old, target)
    except OSError:  # another owner's (protected_hardlinks, proc(5)), or a file system without links
        return False
    return True


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    facts = source.stat()
    target.chmod(0o755 if facts.st_mode & 0o100 else 0o644)
    os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def _flush(tree: Path) -> None:
    """To the disk before the name is: a machine that loses its power must not keep a name for empty files."""
    for parent, _folders, names in os.walk(tree):
        for name in (*names, "."):
            fd = os.open(os.path.join(parent, name), os.O_RDONLY)  # noqa: PTH118 - thousands of files
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
