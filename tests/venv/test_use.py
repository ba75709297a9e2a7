"""Another interpreter is chosen together with the virtualenv, on real containers: both, or neither."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.errors import ConsoleError
from console.events import Answered, Event, Step, Stopping
from console.health.status import container_facts
from console.playground import Interpreter
from console.programs.table import read_programs
from console.results import RebuildPlan
from console.venv.generations import previous
from console.venv.look import read_venv
from console.venv.plan import plan_rebuild
from console.venv.rebuild import rebuild
from console.venv.rollback import plan_rollback, rollback
from console.venv.use_plan import plan_use
from tests import containers, needs
from tests.conftest import MakeContainer

from .chosen import add_worker, link, make_venv_by_the_link, program_python, text_for
from .loops import Visitors
from .wheels import make_wheel

TROUBLE = "import sys\nif '--check-config' not in sys.argv:\n    raise RuntimeError('not today')\n"


@pytest.fixture
def runtime(make_container: MakeContainer, pythons: tuple[Interpreter, Interpreter]) -> Container:
    """A container of the runtime generation with the old Python chosen."""
    return make_container(generation="runtime", python=pythons[1].version)


@pytest.fixture(scope="module")
def used(pythons: tuple[Interpreter, Interpreter]) -> Iterator[Container]:
    """One for several tests, each of which leaves it with the old Python chosen and a virtualenv of it."""
    needs.program("nginx")
    made = containers.make(generation="runtime", python=pythons[1].version)
    yield made
    containers.remove(made.root)


def _planned(container: Container, version: str) -> RebuildPlan:
    plan = plan_use(container, version)
    assert plan is not None
    assert plan.ok, plan.problems
    return plan


def _pids(container: Container) -> dict[str, int | None]:
    return {program.full_name: program.pid for program in read_programs(container)[1]}


def test_the_site_runs_on_the_old_one_until_both_are_switched_and_goes_back_with_both(
    runtime: Container, pythons: tuple[Interpreter, Interpreter]
) -> None:
    new, old = pythons
    make_venv_by_the_link(runtime)
    add_worker(runtime)
    original = program_python(runtime, "app")
    before = _pids(runtime)
    plan = _planned(runtime, new.version)
    assert plan.primary_tech is not None
    assert (plan.primary_tech.old, plan.primary_tech.new) == (
        text_for(runtime, old.version),
        text_for(runtime, new.version),
    )
    assert (plan.primary_tech.from_python, plan.primary_tech.to_python) == (old.version, new.version)
    assert plan.programs == ("app", "worker")

    events: list[tuple[float, Event]] = []
    links: list[str | None] = []

    def heard(event: Event) -> None:
        events.append((time.monotonic(), event))
        if isinstance(event, Step):
            links.append(link(runtime))

    with Visitors(runtime.app_port) as visitors:
        time.sleep(0.1)
        result = rebuild(runtime, plan, on_event=heard)
        time.sleep(0.1)
    assert result.ok, result
    stopping = next(moment for moment, event in events if isinstance(event, Stopping))
    answered = next(moment for moment, event in events if isinstance(event, Answered))
    assert any(moment < stopping for moment in visitors.answered)
    assert all(stopping <= moment <= answered + 0.1 for moment in visitors.failed)
    assert links == [plan.primary_tech.old] * 5 + [plan.primary_tech.new]
    assert result.primary_tech == link(runtime) == text_for(runtime, new.version)
    assert f"Python {new.version} is chosen now" in result.note
    assert set(result.programs) == {"app", "worker"}
    assert program_python(runtime, "app") == program_python(runtime, "worker") == os.path.realpath(new.path)
    assert _pids(runtime)["nginx"] == before["nginx"]

    # Everything that depends on what is chosen: this container as it was found before, and found anew.
    assert container_facts(runtime).python == new.version
    assert find_container(runtime.root).python == runtime.root / f"opt/techs/python-{new.version}/bin/python3"
    assert (result.venv.state, result.venv.python, result.venv.image_python) == ("ok", new.version, new.version)
    login = subprocess.run(
        ["bash", "-c", ". ~/.bash_profile; python3 -c 'import sys; print(sys.version.split()[0])'"],
        env={"HOME": str(runtime.srv), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )
    assert login.stdout.strip() == new.version
    assert plan_use(runtime, new.version) is None
    assert plan_use(runtime, ".".join(map(str, new.release[:2]))) is None

    # The one before has the interpreter that the symlink leads to: it cannot run now, and will when that is back.
    assert result.venv.rollback
    back = plan_rollback(runtime)
    assert back.primary_tech is not None
    assert (back.primary_tech.new, back.primary_tech.to_python) == (text_for(runtime, old.version), old.version)
    assert old.version in back.note
    assert back.programs == ("app", "worker")
    went_back = rollback(runtime)
    assert went_back.ok, went_back
    assert link(runtime) == went_back.primary_tech == text_for(runtime, old.version)
    assert (went_back.venv.state, went_back.venv.python, went_back.venv.rollback) == ("ok", old.version, True)
    assert program_python(runtime, "app") == program_python(runtime, "worker") == original
    forward = rollback(runtime)
    assert forward.ok, forward
    assert (link(runtime), forward.venv.python) == (text_for(runtime, new.version), new.version)


def test_an_app_that_does_not_come_back_gets_both_back(
    runtime: Container, pythons: tuple[Interpreter, Interpreter]
) -> None:
    new, old = pythons
    make_venv_by_the_link(runtime)
    make_wheel(runtime.app, "trouble", "2.0", files={"trouble.py": TROUBLE})
    with runtime.requirements.open("a") as file:
        file.write("./trouble-2.0-py3-none-any.whl\n")
    code = runtime.app / "app.py"
    code.write_text("try:\n    import trouble\nexcept ImportError:\n    pass\n" + code.read_text())
    result = rebuild(runtime, _planned(runtime, new.version), timeout=3)
    assert (result.ok, result.undone) == (False, True)
    assert link(runtime) == result.primary_tech == text_for(runtime, old.version)
    assert (runtime.venv.is_symlink(), previous(runtime)) == (False, None)
    assert read_venv(runtime, probe=True).state == "ok"
    with Visitors(runtime.app_port) as visitors:
        time.sleep(0.2)
    assert visitors.answered
    assert not visitors.failed


def test_a_program_of_the_symlink_that_does_not_come_back_undoes_both(
    used: Container, pythons: tuple[Interpreter, Interpreter]
) -> None:
    """It is not in the virtualenv, so that no proof beforehand finds it."""
    new, old = pythons
    add_worker(used, "picky")
    script = used.app / "picky.py"
    script.write_text(f"import sys, time\nassert sys.version_info[:2] == {old.release[:2]}\ntime.sleep(1000)\n")
    config = used.srv / "conf" / "supervisor.d" / "picky.conf"
    config.write_text(config.read_text().replace("startsecs=0", "startsecs=1\nstartretries=1"))
    supervisorctl = used.srv / "bin" / "supervisorctl"
    subprocess.run([supervisorctl, "update"], check=True, capture_output=True)
    try:
        result = rebuild(used, _planned(used, new.version), timeout=8)
        assert (result.ok, result.undone) == (False, True)
        assert link(used) == text_for(used, old.version)
        assert program_python(used, "picky") == os.path.realpath(old.path)
        assert read_venv(used).python == old.version
    finally:
        config.unlink()
        subprocess.run([supervisorctl, "update"], check=True, capture_output=True)


def test_what_was_chosen_by_other_means_before_the_job_refuses_it(
    used: Container, pythons: tuple[Interpreter, Interpreter]
) -> None:
    plan = _planned(used, pythons[0].version)
    assert plan.primary_tech is not None
    assert plan.primary_tech.old is not None
    used.primary_tech.unlink()
    used.primary_tech.symlink_to("/somewhere/else")
    try:
        with pytest.raises(ConsoleError, match="changed meanwhile"):
            rebuild(used, plan)
    finally:
        used.primary_tech.unlink()
        used.primary_tech.symlink_to(plan.primary_tech.old)
    pids = _pids(used)

    def heard(event: Event) -> None:
        if isinstance(event, Step) and event.name == "prove":
            used.primary_tech.unlink()
            used.primary_tech.symlink_to("/somewhere/else")

    try:
        result = rebuild(used, plan, on_event=heard)
        assert (result.ok, result.undone, result.primary_tech) == (False, True, "/somewhere/else")
        assert "changed meanwhile" in result.error
    finally:
        used.primary_tech.unlink()
        used.primary_tech.symlink_to(plan.primary_tech.old)
    assert _pids(used) == pids


def test_what_was_chosen_by_hand_since_stays_when_the_virtualenv_goes_back(
    used: Container, pythons: tuple[Interpreter, Interpreter]
) -> None:
    new, old = pythons
    assert rebuild(used, _planned(used, new.version)).ok
    theirs = str(used.root / f"opt/techs/python-{old.version}/bin")
    (other,) = [
        tech.name for tech in used.techs.iterdir() if tech.name not in (f"python-{new.version}", f"python-{old.version}")
    ]
    used.primary_tech.unlink()
    used.primary_tech.symlink_to(f"../../opt/techs/{other}/bin")
    plan = plan_rollback(used)
    assert plan.primary_tech is None
    assert "since, and stays so" in plan.note
    result = rollback(used)
    assert (result.ok, result.venv.python, result.primary_tech) == (True, old.version, f"../../opt/techs/{other}/bin")
    # And in another form, where it was before all along: there is nothing to choose again.
    used.primary_tech.unlink()
    used.primary_tech.symlink_to(theirs)
    forward = plan_rollback(used)
    assert forward.primary_tech is not None
    assert (forward.primary_tech.old, forward.primary_tech.new) == (theirs, text_for(used, new.version))
    assert rollback(used).ok
    assert rollback(used).ok
    assert link(used) == theirs


def test_a_form_that_is_absolute_stays_absolute(used: Container, pythons: tuple[Interpreter, Interpreter]) -> None:
    new, old = pythons
    used.primary_tech.unlink()
    used.primary_tech.symlink_to(used.root / f"opt/techs/python-{old.version}/bin")
    result = rebuild(used, _planned(used, new.version))
    assert result.ok, result
    assert link(used) == str(used.root / f"opt/techs/python-{new.version}/bin")
    assert rollback(used).ok
    assert link(used) == str(used.root / f"opt/techs/python-{old.version}/bin")


def test_a_symlink_that_was_not_there_is_made_and_goes_again(
    used: Container, pythons: tuple[Interpreter, Interpreter]
) -> None:
    new, old = pythons
    was = link(used)
    assert was is not None
    used.primary_tech.unlink()
    try:
        result = rebuild(used, _planned(used, new.version))
        assert result.ok, result
        assert link(used) == str(used.root / f"opt/techs/python-{new.version}/bin")
        back = rollback(used)
        assert (back.ok, back.primary_tech, link(used)) == (True, None, None)
        assert "removed" in back.note
    finally:
        used.primary_tech.symlink_to(was)
    assert read_venv(used).python == old.version


def test_a_virtualenv_of_another_than_the_chosen_one_is_rebuilt_without_a_choice(
    used: Container, pythons: tuple[Interpreter, Interpreter]
) -> None:
    new, old = pythons
    was = link(used)
    assert was is not None
    used.primary_tech.unlink()
    used.primary_tech.symlink_to(text_for(used, new.version))
    plan = _planned(find_container(used.root), new.version)
    assert plan.primary_tech is None
    assert (plan.from_python, plan.to_python) == (old.version, new.version)
    result = rebuild(used, plan)
    assert (result.ok, result.venv.python, result.note) == (True, new.version, "")
    # A rollback of a rebuild is one of the virtualenv only: who chose by hand chooses again by hand.
    assert plan_rollback(used).primary_tech is None
    assert rollback(used).ok
    assert link(used) == text_for(used, new.version)
    used.primary_tech.unlink()
    used.primary_tech.symlink_to(was)


def test_a_repair_and_a_rebuild_in_place_are_chosen_with_as_well(
    used: Container, pythons: tuple[Interpreter, Interpreter]
) -> None:
    new, old = pythons
    used.primary_tech.unlink()
    used.primary_tech.symlink_to(text_for(used, old.version))
    in_place = plan_use(used, new.version, strategy="in-place")
    assert in_place is not None
    assert in_place.ok, in_place.problems
    done = rebuild(used, in_place)
    assert (done.ok, done.venv.python, link(used)) == (True, new.version, text_for(used, new.version))
    back = _planned(used, old.version)
    assert rebuild(used, back).ok
    for each in Path(os.path.realpath(used.venv), "bin").glob("python*"):
        each.unlink()
        each.symlink_to("/gone/python")
    used.primary_tech.unlink()
    used.primary_tech.symlink_to(text_for(used, new.version))
    repair = _planned(find_container(used.root), old.version)
    assert repair.strategy == "repair"
    assert repair.primary_tech is not None
    result = rebuild(used, repair)
    assert (result.ok, result.venv.state, link(used)) == (True, "ok", text_for(used, old.version))


def test_a_virtualenv_that_is_of_it_already_is_only_repaired_and_goes_back_with_what_was_chosen(
    used: Container, pythons: tuple[Interpreter, Interpreter]
) -> None:
    new, old = pythons
    assert rebuild(used, plan_rebuild(used, python=old.version, strategy="beside")).ok
    before = read_venv(used).target
    assert rebuild(used, plan_rebuild(used, python=new.version)).ok
    assert link(used) == text_for(used, old.version)
    plan = _planned(used, new.version)
    assert plan.strategy == "repair"
    assert not any(change.how in ("wheel", "build") for change in plan.packages)
    result = rebuild(used, plan)
    assert (result.ok, result.venv.state, link(used)) == (True, "ok", text_for(used, new.version))
    assert plan_use(used, new.version) is None
    back = rollback(used)
    assert (back.ok, back.venv.target, back.venv.state) == (True, before, "ok")
    assert link(used) == text_for(used, old.version)
