"""The rebuild in place: the old one comes back out of its archive, from whatever state a death left."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.events import Cancelled
from console.venv import in_place
from console.venv.in_place import InPlace, InPlaceFacts, pack, unpack

from .snapshots import tree, without_byte_code


def _old(folder: Path) -> Path:
    library = folder / "lib" / "python3.8" / "site-packages"
    (library / "__pycache__").mkdir(parents=True)
    (library / "module.py").write_text("x = 1\n" * 1000)
    (library / "__pycache__" / "module.cpython-38.pyc").write_bytes(b"code")
    (library / "linked.py").hardlink_to(library / "module.py")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to("/gone/python3.8")
    (folder / "bin" / "run").write_text("#!/srv/venv/bin/python\n")
    (folder / "bin" / "run").chmod(0o755)
    (folder / "pyvenv.cfg").write_text("version = 3.8.1\n")
    return folder


@pytest.fixture(params=["folder", "link"])
def facts(bare: Container, request: pytest.FixtureRequest) -> InPlaceFacts:
    """An old virtualenv at /srv/venv, as a real folder and behind a symlink, packed."""
    bare.venvs.mkdir()
    link = None
    old = _old(bare.venv if request.param == "folder" else bare.venvs / "20260101-000000-py3.8.1")
    if request.param == "link":
        link = f".venvs/{old.name}"
        bare.venv.symlink_to(link)
    archive = bare.venvs / "20260102-000000-before.tar.gz"
    pack(old, archive, lambda done: None)
    return InPlaceFacts(old, link, archive, bare.venvs / "20260102-000000-py3.12.1")


def _builds(facts: InPlaceFacts) -> Callable[[], None]:
    def build() -> None:
        facts.new.mkdir()
        (facts.new / "pyvenv.cfg").write_text("version = 3.12.1\n")

    return build


def _state(container: Container) -> object:
    link = str(container.venv.readlink()) if container.venv.is_symlink() else None
    return link, without_byte_code(tree(Path(os.path.realpath(container.venv))))


def test_the_new_one_takes_the_place_of_the_old_one(bare: Container, facts: InPlaceFacts) -> None:
    exchange = InPlace(bare, facts, _builds(facts))
    exchange.apply()
    assert exchange.applied
    assert not facts.old.exists() or facts.old.is_symlink()
    assert (bare.venv / "pyvenv.cfg").read_text() == "version = 3.12.1\n"
    exchange.finish()
    assert [each.name for each in bare.venvs.iterdir()] == [facts.new.name]


def test_undoing_brings_the_old_one_back_but_for_its_byte_code(bare: Container, facts: InPlaceFacts) -> None:
    before = _state(bare)
    exchange = InPlace(bare, facts, _builds(facts))
    exchange.apply()
    exchange.undo()
    exchange.undo()
    assert _state(bare) == before
    assert not exchange.applied


@pytest.mark.parametrize("error", [ConsoleError("No."), Cancelled(), ZeroDivisionError()])
def test_a_build_that_fails_brings_the_old_one_back(
    bare: Container, facts: InPlaceFacts, error: Exception
) -> None:
    before = _state(bare)

    def build() -> None:
        _builds(facts)()
        assert not facts.old.exists()
        raise error

    with pytest.raises(type(error)):
        InPlace(bare, facts, build).apply()
    assert _state(bare) == before
    assert not facts.new.exists()


@pytest.mark.parametrize("deadly", ["remove_tree", "replace_link", "build"])
def test_from_a_death_it_can_be_undone(
    bare: Container, facts: InPlaceFacts, monkeypatch: pytest.MonkeyPatch, deadly: str
) -> None:
    before = _state(bare)

    class Died(BaseException):
        pass

    def die(*arguments: object) -> None:
        raise Died

    build = die if deadly == "build" else _builds(facts)
    exchange = InPlace(bare, facts, build)
    monkeypatch.setattr(exchange, "undo", lambda: None)  # a death undoes nothing
    if deadly != "build":
        monkeypatch.setattr(in_place, deadly, die)
    with pytest.raises(Died):
        exchange.apply()
    monkeypatch.undo()
    InPlace.restored(bare, exchange.facts).undo()
    assert _state(bare) == before


def test_a_death_while_it_comes_back_does_no_harm(
    bare: Container, facts: InPlaceFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _state(bare)
    exchange = InPlace(bare, facts, _builds(facts))
    exchange.apply()

    class Died(BaseException):
        pass

    real = in_place._extract

    def half(tar: object, folder: Path) -> None:
        real(tar, folder)  # type: ignore[arg-type]
        (folder / "pyvenv.cfg").unlink()
        raise Died

    monkeypatch.setattr(in_place, "_extract", half)
    with pytest.raises(Died):
        exchange.undo()
    monkeypatch.undo()
    assert facts.archive.exists()
    exchange.undo()
    assert _state(bare) == before


def test_packing_can_be_taken_back_and_leaves_nothing(bare: Container) -> None:
    old = _old(bare.venv)

    def read(done: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        pack(old, bare.srv / "a.tar.gz", read)
    assert [each.name for each in bare.srv.glob("a.tar*")] == []


def test_what_is_packed_comes_back_with_modes_and_links(bare: Container) -> None:
    old = _old(bare.venv)
    pack(old, bare.srv / "a.tar.gz", lambda done: None)
    unpack(bare.srv / "a.tar.gz", bare.srv / "again")
    assert tree(bare.srv / "again") == without_byte_code(tree(old))
