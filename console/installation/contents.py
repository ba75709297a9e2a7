"""What goes into a tree: the files of the running console and of all that it requires, from where they are."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path, PurePosixPath

from .. import __version__
from ..errors import ConsoleError
from ..own_python import TREE_FACTS, own_tree
from ..text import _
from .closure import NEWEST, OLDEST, read_closure
from .extensions import sort_extensions

DISTRIBUTION = "rosti-console"
ENTRY = "__main__.py"
UV = "bin/uv"
# What an installer writes about its own work, and names places of the machine that the files come from.
_ABOUT_INSTALLING = frozenset(
    (
        "RECORD",
        "RECORD.jws",
        "RECORD.p7s",
        "INSTALLER",
        "REQUESTED",
        "direct_url.json",
        "uv_build.json",
        "uv_cache.json",
    )
)


@dataclass(frozen=True)
class File:
    """A file at ``source`` that becomes ``target`` in the tree."""

    source: Path
    target: str


@dataclass(frozen=True)
class Contents:
    """``oldest``: the Y of the Python 3.Y from which the tree serves. ``lacking``: by Y, why not older ones, from 3.10
    on. ``bytes`` is the sum of the files' sizes.
    """

    version: str
    oldest: int
    lacking: dict[int, str]
    files: tuple[File, ...]
    bytes: int


def read_contents() -> Contents:
    """The running console with all that it requires. Nothing is fetched from a network.

    Raises ConsoleError when something of it is not there or would run on one Python only.
    """
    tree = own_tree()
    return _of_a_tree(Path(tree)) if tree is not None else _of_an_environment()


def _of_an_environment() -> Contents:
    try:
        closure = read_closure(DISTRIBUTION)
    except PackageNotFoundError as error:
        raise _cannot(
            _("Where this console runs from, it was never installed: what it requires is not written down anywhere.")
        ) from error
    files: dict[str, Path] = {ENTRY: Path(__file__).with_name("entry.py")}
    lacking = dict(closure.lacking)
    for number, distribution in enumerate(closure.distributions):
        found = dict(_own_files(distribution) if number == 0 else _files(distribution))
        tags = re.findall(r"^Tag:\s*(\S+)", distribution.read_text("WHEEL") or "", re.MULTILINE)
        extensions = sort_extensions(found, tags)
        if extensions.bound:
            raise _cannot(
                _(
                    "{package} has a compiled part without a source beside it, which runs on one Python only: {file}"
                ).format(package=distribution.name, file=extensions.bound[0])
            )
        for minor in range(OLDEST, extensions.oldest):
            why = _("{package} {version} has a compiled part for Python 3.{minor} and later").format(
                package=distribution.name, version=distribution.version, minor=extensions.oldest
            )
            lacking.setdefault(minor, why)
        files |= {target: source for target, source in found.items() if target not in extensions.left_out}
    if UV not in files:
        raise _cannot(_("uv's program, which installs packages, is not where the console runs from."))
    oldest = _oldest(lacking)
    chosen = tuple(File(source, target) for target, source in sorted(files.items()))
    return Contents(__version__, oldest, lacking, chosen, _sizes(chosen))


def _of_a_tree(tree: Path) -> Contents:
    facts = json.loads((tree / TREE_FACTS).read_text("utf-8"))
    found = (
        (Path(parent, name), Path(parent, name).relative_to(tree))
        for parent, folders, names in os.walk(tree)
        if _walked(folders)
        for name in names
    )
    chosen = tuple(File(source, str(target)) for source, target in sorted(found) if str(target) != TREE_FACTS)
    lacking = {int(minor): str(why) for minor, why in facts["lacking"].items()}
    return Contents(__version__, int(facts["oldest"]), lacking, chosen, _sizes(chosen))


def _oldest(lacking: dict[int, str]) -> int:
    """The oldest Python from which on nothing is lacking. Raises ConsoleError when the newest lacks something."""
    if NEWEST in lacking:
        raise _cannot(_("It would not run on Python 3.{minor}: {why}.").format(minor=NEWEST, why=lacking[NEWEST]))
    return max((minor + 1 for minor in lacking), default=OLDEST)


def _own_files(own: Distribution) -> Iterator[tuple[str, Path]]:
    """The console's own files; an editable installation has them beside its styles, in the folder of its repository."""
    listed = dict(_files(own, own=True))
    package = Path(__file__).parents[1]
    if "console/__init__.py" in listed:
        yield from listed.items()
        return
    yield from ((target, source) for target, source in listed.items() if not target.startswith("console/"))
    for base, under in ((package, "console"), (package.parent / "styles", "console/styles")):
        for parent, folders, names in os.walk(base):
            if _walked(folders):
                for name in names:
                    source = Path(parent, name)
                    yield f"{under}/{source.relative_to(base).as_posix()}", source


def _files(distribution: Distribution, *, own: bool = False) -> Iterator[tuple[str, Path]]:
    """The files by their paths in a tree; without byte code, without scripts, which name an interpreter, and without
    the packages' own tests.
    """
    if distribution.files is None:
        raise _cannot(_("Nobody wrote down which files {package} has.").format(package=distribution.name))
    for file in distribution.files:
        source = Path(os.path.normpath(str(distribution.locate_file(file))))
        target = _target(file.as_posix(), source)
        if target is None or file.suffix == ".pyc" or PurePosixPath(target).parts[1:2] == ("tests",):
            continue
        if file.suffix == ".pth":
            if own:
                continue  # it leads to the package, which is found without it
            raise _cannot(
                _("{package} is not installed as a copy: {file} leads to it.").format(
                    package=distribution.name, file=file.name
                )
            )
        if not source.is_file():
            if own and target.startswith("console/"):
                continue
            raise _cannot(_("A file of {package} is missing: {path}").format(package=distribution.name, path=source))
        yield target, source


def _target(name: str, source: Path) -> str | None:
    parts = PurePosixPath(name).parts
    if ".." in parts or parts[0] == "/":
        return UV if parts[-2:] == ("bin", "uv") and not _is_script(source) else None
    if parts[0].endswith(".dist-info") and (parts[-1] in _ABOUT_INSTALLING or parts[1] == "sboms"):
        return None
    return name


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def _walked(folders: list[str]) -> bool:
    """For os.walk: not into byte code."""
    folders[:] = sorted(folder for folder in folders if folder != "__pycache__")
    return True


def _sizes(files: tuple[File, ...]) -> int:
    return sum(file.source.stat().st_size for file in files)


def _cannot(why: str) -> ConsoleError:
    return ConsoleError(
        _("This console cannot be copied."),
        why,
        _("Install the console and its packages anew, in their newest versions, and try again."),
    )
