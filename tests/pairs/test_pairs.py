"""A rebuild from every Python to every other one that this machine has, the former one gone from the image.

One container walks through all pairs, so that each rebuild is one step. Each test finds out by itself whether it stands
where it has to begin: run alone, or after one that failed, it goes there first. At least two Pythons have to be there.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.container import Container, find_container
from console.playground import Interpreter, switch_python
from console.results import Rebuild
from console.venv.look import read_venv
from console.venv.plan import plan_rebuild
from console.venv.rebuild import rebuild
from tests import containers, needs

from .asking import answering_python
from .walking import walk

PYTHONS = needs.minors("3.8", "3.13")
STEPS = walk(PYTHONS)


@pytest.fixture(scope="module")
def place() -> Iterator[Container]:
    needs.program("nginx")
    made = containers.make(python=PYTHONS[0].version)
    yield made
    containers.remove(made.root)


def _switch(place: Container, new: Interpreter) -> Container:
    switch_python(place.root, new.version)
    return find_container(place.root)


def _rebuild(container: Container) -> Rebuild:
    plan = plan_rebuild(container)
    assert plan.ok, plan.problems
    result = rebuild(container, plan)
    assert result.ok, result
    return result


def _stand_on(place: Container, old: Interpreter) -> None:
    """A virtualenv of ``old`` that is in service."""
    venv = read_venv(find_container(place.root))
    if (venv.state, venv.python) != ("ok", old.version):
        _rebuild(_switch(place, old))
    assert answering_python(place) == old.version


def test_there_are_two_pythons() -> None:
    if len(PYTHONS) < 2:
        needs.missing("two Pythons of 3.8 to 3.13")


@pytest.mark.parametrize(("old", "new"), STEPS, ids=[f"{old.version}-{new.version}" for old, new in STEPS])
def test_a_dead_virtualenv_is_rebuilt_for_the_new_python(place: Container, old: Interpreter, new: Interpreter) -> None:
    _stand_on(place, old)
    container = _switch(place, new)
    dead = read_venv(container, probe=True)
    assert (dead.state, dead.python, dead.image_python) == ("dead", old.version, new.version)
    assert answering_python(container) is None

    plan = plan_rebuild(container)
    assert plan.ok, plan.problems
    assert (plan.from_python, plan.to_python, plan.strategy) == (old.version, new.version, "beside")
    result = rebuild(container, plan)
    assert result.ok, result

    assert answering_python(container) == new.version
    venv = read_venv(container, requirements=True, probe=True)
    assert (venv.state, venv.python, venv.reason, venv.unmet, venv.dead_scripts) == ("ok", new.version, "", (), ())
    assert venv == read_venv(find_container(container.root), requirements=True, probe=True)
