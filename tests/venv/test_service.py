"""A virtualenv put into service under a real supervisord, with workers beside the app."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError, NothingThere
from console.events import Cancelled, Event, Stopping, ignore
from console.health.http import ask
from console.programs.table import read_programs
from console.venv.affected import find_affected, service_commands
from console.venv.exchange import Exchange
from console.venv.service import Service, put_into_service
from console.venv.switch import Switch
from tests.programs import supervisord_versions
from tests.programs.sandbox import SERVER, Sandbox
from tests.programs.waiting import wait_for

IDLE = "import time\ntime.sleep(1000)\n"
CRASH = "raise SystemExit('out of tea')\n"
# A few programs of either virtualenv write here which of the two they run from.
MARKED = "open('{name}.ran', 'w').write('{which}')\n{text}"


class Place:
    """A small container with an old virtualenv at /srv/venv and a new one, each a few scripts in ``bin``."""

    def __init__(self) -> None:
        self.sandbox = Sandbox(supervisord_versions.newest())
        self.container: Container = self.sandbox.container
        self.new = self.container.venvs / "20260101-000000-py3.11.7"
        self.switch = Switch(self.container, self.new)

    def script(self, name: str, old: str, new: str | None = None) -> str:
        """Write a script into both; the command that runs it."""
        for folder, which, text in ((self.container.venv, "old", old), (self.new, "new", old if new is None else new)):
            path = folder / "bin" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"#!{sys.executable} -IS\n" + MARKED.format(name=name, which=which, text=text))
            path.chmod(0o755)
        return f"{self.container.venv}/bin/{name}"

    def add(self, name: str, old: str, new: str | None = None, **options: object) -> None:
        self.sandbox.add(name, self.script(name, old, new), **options)

    def app(self, old: str = "200 OK", new: str = "200 OK", *, autostart: bool = True) -> None:
        """An app that answers with the status ``old`` or ``new``, and leaves the file ``asked`` when it is asked."""
        port, work = self.container.app_port, "open('asked', 'w').close()"
        first, second = (SERVER.format(port=port, before="", work=work, status=status) for status in (old, new))
        self.add("app", first, second, autostart=str(autostart).lower())

    def up(self, **states: str) -> None:
        """Start supervisord; return when the programs are in ``states``, those that run have said from where, and
        the app answers.
        """
        self.sandbox.up()
        wait_for(lambda: states.items() <= self.states().items())
        ran = [name for name, state in states.items() if state == "RUNNING"]
        wait_for(lambda: all(self.runs_from(name) for name in ran if (self.container.venv / "bin" / name).exists()))
        if "app" in ran:
            wait_for(lambda: ask(self.container.app_port).status is not None)
            (self.container.app / "asked").unlink()

    def runs_from(self, name: str) -> str:
        """Which of the two virtualenvs the last process of ``name`` came from."""
        try:
            return (self.container.app / f"{name}.ran").read_text()
        except OSError:
            return ""

    def states(self) -> dict[str, str]:
        return self.sandbox.states() or {}

    def pid(self, name: str) -> int | None:
        return next(program.pid for program in read_programs(self.container)[1] if program.name == name)

    def put(
        self,
        *,
        switch: Exchange | None = None,
        old_usable: bool = True,
        timeout: float = 10,
        on_event: Callable[[Event], None] = ignore,
    ) -> Service:
        return put_into_service(
            self.container,
            self.switch if switch is None else switch,
            find_affected(self.container, old_usable=old_usable),
            timeout=timeout,
            on_event=on_event,
        )


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()
    yield made
    made.sandbox.down()


def test_all_that_runs_from_it_is_restarted_and_nothing_else(place: Place) -> None:
    place.app()
    place.add("beat", IDLE)
    place.add("early", IDLE, priority=10)
    place.sandbox.add("jobs", place.script("job", IDLE), process_name="j%(process_num)d", numprocs=2)
    place.sandbox.add("stranger", "/bin/sleep 1000")
    place.up(app="RUNNING", beat="RUNNING", early="RUNNING", j0="RUNNING", j1="RUNNING", stranger="RUNNING")
    before = {name: place.pid(name) for name in ("app", "beat", "early", "j0", "j1", "stranger")}
    service = place.put()
    assert (service.ok, service.undone, service.note, service.error) == (True, False, "", "")
    assert [one.program for one in service.programs] == ["early", "app", "beat", "jobs:j0", "jobs:j1"]
    assert service.restart == service.programs[1]
    assert service.downtime_seconds == service.programs[1].downtime_seconds is not None
    assert {place.runs_from(name) for name in ("app", "beat", "early", "job")} == {"new"}
    after = {name: place.pid(name) for name in before}
    assert [name for name in before if before[name] == after[name]] == ["stranger"]


def test_a_stopped_worker_stays_stopped(place: Place) -> None:
    place.app()
    place.add("worker", IDLE, autostart="false")
    place.add("paused", IDLE)
    place.up(app="RUNNING", paused="RUNNING")
    place.sandbox.client.stop("paused", wait=True)
    service = place.put()
    assert service.ok
    assert [one.program for one in service.programs] == ["app"]
    assert place.states() == {"app": "RUNNING", "worker": "STOPPED", "paused": "STOPPED"}


def test_a_stopped_app_stays_stopped_while_its_workers_are_restarted(place: Place) -> None:
    place.app(autostart=False)
    place.add("worker", IDLE)
    place.up(worker="RUNNING")
    service = place.put()
    assert (service.ok, service.downtime_seconds) == (True, None)
    assert service.restart is not None
    assert service.restart.program == "worker"
    assert "app was stopped" in service.note
    assert place.states() == {"app": "STOPPED", "worker": "RUNNING"}
    assert place.runs_from("worker") == "new"


def test_what_had_to_stop_because_of_its_virtualenv_is_started(place: Place) -> None:
    """As after a change of the image: the one is given up by supervisord, the other was stopped by a person."""
    place.app(autostart=False)
    place.add("broken", CRASH, IDLE, startsecs=1, startretries=0)
    place.add("paused", IDLE)
    place.add("off", IDLE, autostart="false")
    place.up(broken="FATAL", paused="RUNNING")
    place.sandbox.client.stop("paused", wait=True)
    service = place.put(old_usable=False)
    assert service.ok
    assert "because of its virtualenv" in service.note
    assert place.states() == {"app": "RUNNING", "broken": "RUNNING", "paused": "RUNNING", "off": "STOPPED"}


def test_a_worker_that_does_not_come_back_undoes_the_switch(place: Place) -> None:
    place.app()
    place.add("worker", IDLE, CRASH, startsecs=1, startretries=0)
    place.up(app="RUNNING", worker="RUNNING")
    service = place.put()
    assert (service.ok, service.undone) == (False, True)
    assert service.error.startswith("worker")
    assert {one.program: one.ok for one in service.programs} == {"app": True, "worker": False}
    assert service.downtime_seconds is not None
    assert not place.switch.applied
    assert not place.container.venv.is_symlink()
    assert place.states() == {"app": "RUNNING", "worker": "RUNNING"}
    assert {place.runs_from(name) for name in ("app", "worker")} == {"old"}


def test_a_worker_that_comes_back_from_neither_is_named(place: Place) -> None:
    once = f"import os\nif os.path.exists('again'): raise SystemExit(1)\nopen('again', 'w').close()\n{IDLE}"
    place.app()
    place.add("worker", once, CRASH, startsecs=1, startretries=0)
    place.up(app="RUNNING", worker="RUNNING")
    service = place.put()
    assert (service.ok, service.undone) == (False, True)
    assert "worker" in service.remedy
    assert service.downtime_seconds is not None
    assert place.states()["app"] == "RUNNING"


def test_where_the_old_one_cannot_run_the_new_one_stays(place: Place) -> None:
    place.app()
    place.add("worker", IDLE, CRASH, startsecs=1, startretries=0)
    place.up(app="RUNNING", worker="RUNNING")
    service = place.put(old_usable=False)
    assert (service.ok, service.undone) == (False, False)
    assert "stays in place" in service.remedy
    assert place.switch.applied
    assert (place.states()["app"], place.runs_from("app")) == ("RUNNING", "new")


def test_a_worker_that_crashed_before_may_crash_after(place: Place) -> None:
    place.app()
    place.add("worker", "import nosuchmodule", startsecs=1, startretries=100)
    place.up(app="RUNNING")
    (place.container.app / "worker.ran").unlink()
    wait_for(lambda: place.runs_from("worker"))
    wait_for(lambda: place.states()["worker"] == "BACKOFF")  # and for a second or more
    service = place.put()
    assert (service.ok, service.undone) == (True, False)
    assert "worker did not run before" in service.note
    assert place.runs_from("app") == "new"


def test_an_error_that_the_app_answered_with_before_is_nothing_new(place: Place) -> None:
    place.app("500 Oh", "500 Oh")
    place.up(app="RUNNING")
    service = place.put()
    assert (service.ok, service.undone) == (True, False)
    assert service.restart is not None
    assert not service.restart.ok
    assert "500" in service.note
    assert place.runs_from("app") == "new"


@pytest.mark.parametrize(("old", "new"), [("200 OK", "500 Oh"), ("503 No", "500 Oh")])
def test_another_answer_than_before_undoes_the_switch(place: Place, old: str, new: str) -> None:
    place.app(old, new)
    place.up(app="RUNNING")
    service = place.put()
    assert (service.ok, service.undone) == (False, True)
    assert "500" in service.error
    assert service.remedy == "The app runs from the virtualenv before again."
    assert place.runs_from("app") == "old"


def test_the_app_is_asked_before_anything_is_stopped(place: Place) -> None:
    """One that hangs would lengthen the time that the others, or it itself, are down."""
    place.app("500 Oh", "500 Oh")
    place.add("worker", IDLE)
    place.up(app="RUNNING", worker="RUNNING")
    asked: list[bool] = []

    def heard(event: Event) -> None:
        if isinstance(event, Stopping):
            asked.append((place.container.app / "asked").exists())

    assert place.put(on_event=heard).ok
    assert asked == [True, True]


def test_without_an_app_the_workers_alone_are_restarted(place: Place) -> None:
    place.add("worker", IDLE)
    place.up(worker="RUNNING")
    service = place.put()
    assert (service.ok, service.note) == (True, "")
    assert [one.program for one in service.programs] == ["worker"]
    assert place.runs_from("worker") == "new"


def test_where_nothing_runs_from_it_it_is_only_exchanged(place: Place) -> None:
    place.script("unused", IDLE)
    place.sandbox.add("stranger", "/bin/sleep 1000")
    place.up(stranger="RUNNING")
    service = place.put()
    assert (service.ok, service.restart, service.programs) == (True, None, ())
    assert "There is no program app" in service.note
    assert place.switch.applied


class Refusing:
    """An exchange that is not possible."""

    applied = False

    def apply(self) -> None:
        raise ConsoleError("No.", "The disk is full.")

    def undo(self) -> None:
        raise AssertionError("nothing was applied")


def test_an_exchange_that_is_refused_leaves_all_running(place: Place) -> None:
    place.app()
    place.add("worker", IDLE)
    place.up(app="RUNNING", worker="RUNNING")
    service = place.put(switch=Refusing())
    assert (service.ok, service.undone) == (False, True)
    assert service.error == "No. The disk is full."
    wait_for(lambda: place.states() == {"app": "RUNNING", "worker": "RUNNING"})
    assert {place.runs_from(name) for name in ("app", "worker")} == {"old"}


class Failing(Refusing):
    """Fails in its own way when the programs have been stopped."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def apply(self) -> None:
        raise self._error


def test_after_an_exchange_that_failed_the_app_is_waited_for(place: Place) -> None:
    place.app()
    place.up(app="RUNNING")
    done = place.put(switch=Failing(ConsoleError("No.", remedy="Look into it.")))
    assert ask(place.container.app_port).status == 200
    assert (done.ok, done.undone, done.error) == (False, True, "No.")
    assert done.remedy == "The app runs from the virtualenv before again. Look into it."
    assert done.downtime_seconds is not None


def test_an_app_that_does_not_come_back_after_an_exchange_that_failed_is_told(place: Place) -> None:
    place.app()
    place.up(app="RUNNING")
    place.script("app", CRASH)
    done = place.put(switch=Failing(ConsoleError("No.")), timeout=3)
    assert (done.ok, done.undone, done.downtime_seconds) == (False, True, None)
    assert "does not start from it either" in done.remedy


def test_an_exchange_taken_back_leaves_the_app_answering(place: Place) -> None:
    place.app()
    place.up(app="RUNNING")
    with pytest.raises(Cancelled):
        place.put(switch=Failing(Cancelled()))
    assert ask(place.container.app_port).status == 200


def test_without_supervisord_nothing_is_exchanged(place: Place) -> None:
    place.app()
    with pytest.raises(NothingThere):
        place.put()
    assert not place.switch.applied


def test_the_commands_stop_in_one_order_and_start_in_the_other(place: Place) -> None:
    place.app()
    place.add("worker", IDLE)
    place.add("early", IDLE, priority=10)
    place.add("off", IDLE, autostart="false")
    conf = f"-c {place.container.supervisor_conf}"
    assert service_commands(place.container) == (f"supervisorctl {conf} stop app", f"supervisorctl {conf} start app")
    place.up(app="RUNNING", worker="RUNNING", early="RUNNING")
    assert service_commands(place.container) == (
        f"supervisorctl {conf} stop worker app early",
        f"supervisorctl {conf} start early app worker",
    )
    assert service_commands(place.container, ["app", "off"])[0] == f"supervisorctl {conf} stop off app"
    assert Path(conf.removeprefix("-c ")).is_file()
