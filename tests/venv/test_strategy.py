"""Repair, beside or in place: chosen by what stands there, what is wanted, and what the disk has room for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from console.container import Container
from console.results import Venv
from console.venv.anatomy import Anatomy, read_anatomy
from console.venv.strategy import Needs, choose_strategy

from .conftest import make_venv

MB = 1_000_000
HERE = "{}.{}.{}".format(*sys.version_info[:3])
ROOM = Needs(new=100 * MB, free=1000 * MB, present=90 * MB)
LITTLE = Needs(new=100 * MB, free=60 * MB, present=90 * MB)
NONE = Needs(new=100 * MB, free=10 * MB, present=90 * MB)


def _venv(state: str, **other: object) -> Venv:
    return Venv(state, Path("/srv/venv"), HERE, 3, False, **other)  # type: ignore[arg-type]


@pytest.fixture
def anatomy(bare: Container) -> Anatomy:
    make_venv(Path(sys.executable).resolve(), bare.venv)
    found = read_anatomy(bare.venv)
    assert found is not None
    return found


@pytest.mark.parametrize("state", ["dead", "mismatch"])
@pytest.mark.parametrize("unmet", [None, ()])
def test_the_right_packages_with_the_wrong_interpreter_are_repaired(
    anatomy: Anatomy, state: str, unmet: tuple[str, ...] | None
) -> None:
    chosen = choose_strategy("auto", _venv(state, unmet=unmet), anatomy, HERE, ROOM)
    assert (chosen.name, chosen.problem) == ("repair", "")


def test_packages_that_are_not_what_is_asked_for_are_rebuilt(anatomy: Anatomy) -> None:
    assert choose_strategy("auto", _venv("dead", unmet=("django",)), anatomy, HERE, ROOM).name == "beside"


def test_a_good_one_is_rebuilt_beside(anatomy: Anatomy) -> None:
    assert choose_strategy("auto", _venv("ok", unmet=()), anatomy, HERE, ROOM).name == "beside"


def test_another_python_is_never_repaired(anatomy: Anatomy) -> None:
    assert choose_strategy("auto", _venv("dead", unmet=()), anatomy, "3.99.1", ROOM).name == "beside"
    assert "3.99.1" in choose_strategy("repair", _venv("dead"), anatomy, "3.99.1", ROOM).problem


def test_a_moved_virtualenv_is_not_repaired(anatomy: Anatomy, bare: Container) -> None:
    script = bare.venv / "bin" / "gunicorn"
    script.write_text("#!/srv/oldplace/bin/python\n")
    assert choose_strategy("auto", _venv("dead", unmet=()), anatomy, HERE, ROOM).name == "beside"
    assert "gunicorn" in choose_strategy("repair", _venv("dead"), anatomy, HERE, ROOM).problem
    script.write_text(f"#!{bare.venv}/bin/python3.99\n")
    assert choose_strategy("auto", _venv("dead", unmet=()), anatomy, HERE, ROOM).name == "repair"


def test_an_old_virtualenv_without_settings_is_not_repaired(anatomy: Anatomy, bare: Container) -> None:
    (bare.venv / "pyvenv.cfg").unlink()
    assert choose_strategy("auto", _venv("dead", unmet=()), anatomy, HERE, ROOM).name == "beside"


def test_one_with_parts_of_the_standard_library_in_it_is_not_repaired(anatomy: Anatomy) -> None:
    assert anatomy.site_packages is not None
    (anatomy.site_packages.parent / "os.py").symlink_to("/gone/lib/python2.7/os.py")
    assert choose_strategy("auto", _venv("dead", unmet=()), anatomy, HERE, ROOM).name == "beside"
    assert choose_strategy("repair", _venv("dead"), anatomy, HERE, ROOM).problem


def test_in_place_only_where_the_disk_has_no_room_for_two(anatomy: Anatomy) -> None:
    chosen = choose_strategy("auto", _venv("ok"), anatomy, HERE, LITTLE)
    assert (chosen.name, chosen.problem) == ("in-place", "")
    assert "room" in chosen.reason


def test_a_disk_that_has_no_room_either_way_is_a_problem_with_both_figures(anatomy: Anatomy) -> None:
    for wanted in ("auto", "beside", "in-place"):
        chosen = choose_strategy(wanted, _venv("ok"), anatomy, HERE, NONE)
        assert "10 MB" in chosen.problem
        assert chosen.needed > NONE.free


def test_what_was_asked_for_is_done(anatomy: Anatomy) -> None:
    assert choose_strategy("beside", _venv("dead", unmet=()), anatomy, HERE, ROOM).name == "beside"
    chosen = choose_strategy("in-place", _venv("ok"), anatomy, HERE, ROOM)
    assert (chosen.name, chosen.problem) == ("in-place", "")
    assert choose_strategy("repair", _venv("ok"), anatomy, HERE, ROOM).name == "repair"


def test_without_a_virtualenv_there_is_nothing_to_repair_or_to_replace(bare: Container) -> None:
    nothing = Needs(new=100 * MB, free=1000 * MB, present=0)
    assert choose_strategy("auto", _venv("missing"), None, HERE, nothing).problem == ""
    for wanted in ("repair", "in-place"):
        assert choose_strategy(wanted, _venv("missing"), None, HERE, nothing).problem


def test_in_place_needs_room_for_the_archive_and_for_what_is_larger_than_before() -> None:
    smaller = Needs(new=10 * MB, free=0, present=100 * MB)
    larger = Needs(new=300 * MB, free=0, present=100 * MB)
    assert 40 * MB <= smaller.in_place < 60 * MB
    assert 240 * MB <= larger.in_place < 260 * MB


@pytest.mark.parametrize(("maker", "told"), [("venv", True), ("pyvenv", True), ("virtualenv", False), ("uv", False)])
def test_a_repair_is_told_as_the_upgrade_in_place_where_the_guide_has_one(
    anatomy: Anatomy, maker: str, told: bool
) -> None:
    chosen = choose_strategy("auto", _venv("dead", made_by=maker), anatomy, HERE, ROOM)
    assert ("pyvenv --upgrade" in chosen.reason) == told
