"""What is required on which Python, out of the metadata of made-up distributions and of the real ones."""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, PathDistribution
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from console.installation.closure import NEWEST, OLDEST, Closure, read_closure


class Shelf:
    """Distributions in a folder, found by their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, *requires: str, python: str = "", extras: tuple[str, ...] = ()) -> None:
        info = self._folder / f"{canonicalize_name(name)}-1.0.dist-info"
        info.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0"]
        lines += [f"Requires-Dist: {each}" for each in requires]
        lines += [f"Provides-Extra: {each}" for each in extras]
        lines += [f"Requires-Python: {python}"] if python else []
        (info / "METADATA").write_text("\n".join(lines) + "\n")

    def find(self, name: str) -> Distribution:
        info = self._folder / f"{canonicalize_name(name)}-1.0.dist-info"
        if not info.is_dir():
            raise PackageNotFoundError(name)
        return PathDistribution(info)

    def closure(self) -> Closure:
        return read_closure("own", find=self.find)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def names(closure: Closure) -> list[str]:
    return [distribution.name for distribution in closure.distributions]


def test_what_requirements_require_belongs_to_it(shelf: Shelf) -> None:
    shelf.put("own", "first", "Second_One>=0.5")
    shelf.put("first", "third")
    shelf.put("second-one")
    shelf.put("third", "first")  # a circle
    shelf.put("stranger")
    closure = shelf.closure()
    assert names(closure)[0] == "own"
    assert sorted(names(closure)) == ["first", "own", "second-one", "third"]
    assert closure.lacking == {}


def test_what_only_an_older_python_needs_belongs_to_it(shelf: Shelf) -> None:
    shelf.put("own", "backport; python_version < '3.11'")
    shelf.put("backport", "deeper; python_full_version < '3.10.2'")
    shelf.put("deeper")
    assert sorted(names(shelf.closure())) == ["backport", "deeper", "own"]


def test_where_that_is_not_installed_the_older_python_is_not_served(shelf: Shelf) -> None:
    shelf.put("own", "backport; python_version < '3.12'")
    assert set(shelf.closure().lacking) == {10, 11}
    assert "backport" in shelf.closure().lacking[10]


def test_what_another_system_needs_does_not_matter(shelf: Shelf) -> None:
    shelf.put(
        "own", "windows; sys_platform == 'win32'", "old; python_version < '3.8'", "pypy; implementation_name == 'pypy'"
    )
    assert names(shelf.closure()) == ["own"]
    assert shelf.closure().lacking == {}


def test_extras_bring_what_they_ask_for(shelf: Shelf) -> None:
    shelf.put("own", "with[links]")
    shelf.put("with", "always", "link; extra == 'links'", "other; extra == 'other'", extras=("links", "other"))
    shelf.put("always")
    shelf.put("link")
    assert sorted(names(shelf.closure())) == ["always", "link", "own", "with"]


@pytest.mark.parametrize(
    ("asked", "lacking"), [(">=3.11", {10}), (">=3.10.2", set()), ("<3.14", {14}), ("!=3.12.*", {12})]
)
def test_a_package_that_asks_for_another_python_is_told(shelf: Shelf, asked: str, lacking: set[int]) -> None:
    shelf.put("own", "picky")
    shelf.put("picky", python=asked)
    told = shelf.closure().lacking
    assert set(told) == lacking
    for why in told.values():
        assert "picky 1.0" in why
        assert asked in why


def test_one_that_is_not_installed_has_no_closure(shelf: Shelf) -> None:
    with pytest.raises(PackageNotFoundError):
        shelf.closure()


def test_the_real_one_serves_every_python() -> None:
    """Else a pin in constraints.txt, or a marker in pyproject.toml, is for newer Pythons only."""
    closure = read_closure("rosti-console")
    assert closure.lacking == {}
    assert {"textual", "supervisor", "psutil", "virtualenv", "uv", "tomli", "rich"} <= set(names(closure))
    assert not {"pytest", "mypy"} & set(names(closure))
    assert (OLDEST, NEWEST) == (10, 14)
