"""Programs stopped and started one after the other, as supervisord's own log tells it."""

from __future__ import annotations

import re

import pytest

from console.errors import ConsoleError
from console.events import Event, Stopped, Stopping
from console.programs.control import restart_in_order
from console.programs.order import start_stages
from console.programs.table import read_programs

from .sandbox import Sandbox
from .waiting import wait_for

SLEEP = "/bin/sleep 1000"
# Says when it listens to signals, and takes its time to end.
SLOW = """\
import signal, sys, time
def end(*_):
    time.sleep({seconds})
    sys.exit()
signal.signal(signal.SIGTERM, end)
open("listening", "w").close()
while True:
    time.sleep(1000)
"""


def _told(sandbox: Sandbox, since: int = 0) -> list[tuple[str, str]]:
    """What supervisord wrote of ends and starts, in its order: ("stopped", "app"), ("spawned", "app")."""
    text = sandbox.container.supervisor_log.read_text()[since:]
    return [(verb, name) for verb, name in re.findall(r"(?:INFO|WARN) (stopped|spawned): '?([\w:]+)", text)]


def _mark(sandbox: Sandbox) -> int:
    return len(sandbox.container.supervisor_log.read_text())


def _pids(sandbox: Sandbox) -> dict[str, int | None]:
    return {program.name: program.pid for program in read_programs(sandbox.container)[1]}


def test_stages_follow_the_priorities_of_groups_and_of_programs(any_sandbox: Sandbox) -> None:
    for name, priority in {"app": 999, "beat": 999, "early": 5, "late": 2000, "second": 2, "first": 1}.items():
        any_sandbox.add(name, SLEEP, priority=priority, autostart="false")
    any_sandbox.add("jobs", SLEEP, process_name="j%(process_num)s", numprocs=2, autostart="false")
    folder = any_sandbox.container.srv / "conf/supervisor.d"
    (folder / "z-group.conf").write_text("[group:last]\nprograms=first,second\npriority=3000\n")
    any_sandbox.up()
    stages = start_stages(any_sandbox.client, read_programs(any_sandbox.container)[1])
    assert [[program.full_name for program in stage] for stage in stages] == [
        ["early"],
        ["app"],
        ["beat", "jobs:j0", "jobs:j1"],
        ["late"],
        ["last:first"],
        ["last:second"],
    ]


def test_the_last_one_started_is_the_first_one_stopped(any_sandbox: Sandbox) -> None:
    any_sandbox.add("app", any_sandbox.server())
    any_sandbox.add("early", SLEEP, priority=5)
    any_sandbox.add("beat", SLEEP)
    any_sandbox.add("jobs", SLEEP, process_name="j%(process_num)s", numprocs=2)
    any_sandbox.add("late", SLEEP, priority=2000)
    any_sandbox.up()
    since = _mark(any_sandbox)
    seen: list[dict[str, str] | None] = []
    names = ["late", "beat", "app", "jobs", "early"]
    results = restart_in_order(any_sandbox.container, names, while_stopped=lambda: seen.append(any_sandbox.states()))
    assert [result.program for result in results] == ["early", "app", "beat", "jobs:j0", "jobs:j1", "late"]
    assert all(result.ok for result in results)
    assert seen == [dict.fromkeys(["app", "early", "beat", "j0", "j1", "late"], "STOPPED")]
    told = _told(any_sandbox, since)
    equals = {"beat", "j0", "j1"}
    assert [name for verb, name in told[:6] if verb == "stopped" and name not in equals] == ["late", "app", "early"]
    assert {name for _verb, name in told[1:4]} == equals
    assert told[6:] == [("spawned", name) for name in ("early", "app", "beat", "j0", "j1", "late")]


def test_a_worker_that_takes_its_time_to_end_costs_the_app_nothing(any_sandbox: Sandbox) -> None:
    any_sandbox.add("app", any_sandbox.server())
    any_sandbox.add("worker", any_sandbox.script(SLOW.format(seconds=3), "worker"), stopwaitsecs=20)
    any_sandbox.up()
    wait_for(lambda: (any_sandbox.container.app / "listening").exists())
    app = any_sandbox.pid("app")
    at_its_end: list[int] = []
    seconds: list[float] = []

    def heard(event: Event) -> None:
        if isinstance(event, Stopped) and event.program == "worker":
            at_its_end.append(any_sandbox.pid("app"))
            seconds.append(event.seconds)

    main, worker = restart_in_order(any_sandbox.container, ["app", "worker"], on_event=heard)
    assert (main.ok, worker.ok) == (True, True)
    assert at_its_end == [app]
    assert main.http is not None
    assert main.downtime_seconds is not None
    # Counted from when the app itself was told to stop, and that was after the worker's end.
    assert main.downtime_seconds <= main.http.seconds - seconds[0]


def test_what_ended_meanwhile_is_seen(sandbox: Sandbox) -> None:
    """The app goes while the worker is waited for: it is not told to stop, and started with it."""
    sandbox.add("app", sandbox.server(), autorestart="false")
    sandbox.add("worker", SLEEP)
    sandbox.up()

    def heard(event: Event) -> None:
        if isinstance(event, Stopping) and event.program == "worker":
            sandbox.client.stop("app", wait=True)

    main, worker = restart_in_order(sandbox.container, ["app", "worker"], on_event=heard)
    assert (main.ok, main.downtime_seconds, worker.ok) == (True, None, True)


@pytest.mark.parametrize("error", [ConsoleError("the switch failed"), KeyboardInterrupt()])
def test_whatever_the_hook_raises_all_that_ran_is_started_again(any_sandbox: Sandbox, error: BaseException) -> None:
    any_sandbox.add("app", any_sandbox.server())
    any_sandbox.add("worker", SLEEP, priority=5)
    any_sandbox.add("off", SLEEP, autostart="false")
    any_sandbox.up()
    before = _pids(any_sandbox)

    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        restart_in_order(any_sandbox.container, ["all"], while_stopped=fail)
    assert caught.value is error
    wait_for(lambda: any_sandbox.states() == {"app": "RUNNING", "worker": "RUNNING", "off": "STOPPED"})
    assert all(_pids(any_sandbox)[name] != before[name] for name in ("app", "worker"))


@pytest.mark.parametrize("moment", ["worker", "app"])
def test_an_interruption_between_two_stops_leaves_all_running(sandbox: Sandbox, moment: str) -> None:
    sandbox.add("app", sandbox.server())
    sandbox.add("worker", SLEEP)
    sandbox.up()
    before = _pids(sandbox)

    def interrupt(event: Event) -> None:
        if isinstance(event, Stopping) and event.program == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restart_in_order(sandbox.container, ["app", "worker"], on_event=interrupt)
    wait_for(lambda: sandbox.states() == {"app": "RUNNING", "worker": "RUNNING"})
    after = _pids(sandbox)
    assert after["worker"] != before["worker"]
    assert (after["app"] == before["app"]) == (moment == "worker")
