"""Start, stop and restart of real programs under the oldest and the newest supervisord."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable

import pytest

from console.errors import ConsoleError, NothingThere, WrongUsage
from console.events import Answered, Event, Failing, Running, Starting, Stopped, Stopping
from console.programs.control import operate, restart, restart_all, start, start_all, stop, stop_all
from console.programs.faults import SupervisorFault
from console.programs.processes import tree
from console.results import Restart

from .sandbox import Sandbox
from .waiting import wait_for

SLEEP = "/bin/sleep 1000"
IGNORE_STOP = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('deaf', 'w').close()"


class Heard:
    """Collects events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def kinds(self) -> list[type]:
        return [type(event) for event in self.events]


def test_restart_ends_the_old_process_and_waits_for_the_new_ones_answer(any_sandbox: Sandbox) -> None:
    any_sandbox.add("app", any_sandbox.server(), startsecs=1)
    any_sandbox.up()
    wait_for(lambda: any_sandbox.states() == {"app": "RUNNING"})
    before = any_sandbox.pid("app")
    heard = Heard()
    result = restart(any_sandbox.container, "app", on_event=heard)
    assert result.ok
    assert (result.action, result.state, result.verdict) == ("restart", "RUNNING", None)
    assert result.pid == any_sandbox.pid("app") != before
    assert tree(before) == ()
    assert result.http is not None
    assert (result.http.port, result.http.status) == (any_sandbox.container.app_port, 200)
    assert result.seconds is not None
    assert result.downtime_seconds is not None
    assert 0 < result.http.seconds < result.seconds
    assert 0 < result.downtime_seconds <= result.http.seconds
    assert heard.kinds == [Stopping, Stopped, Starting, Answered, Running]


def test_stop_and_start_report_what_they_did_and_when_there_was_nothing_to_do(any_sandbox: Sandbox) -> None:
    any_sandbox.add("app", any_sandbox.server())
    any_sandbox.up()
    container = any_sandbox.container
    running = start(container, "app")
    assert (running.ok, running.unchanged, running.state) == (True, True, "RUNNING")
    stopped = stop(container, "app")
    assert (stopped.ok, stopped.unchanged, stopped.state, stopped.action) == (True, False, "STOPPED", "stop")
    assert stopped.seconds is not None
    again = stop(container, "app")
    assert (again.ok, again.unchanged, again.state, again.seconds) == (True, True, "STOPPED", None)
    heard = Heard()
    started = start(container, "app", on_event=heard)
    assert (started.ok, started.unchanged, started.state, started.action) == (True, False, "RUNNING", "start")
    assert started.downtime_seconds is None
    assert set(heard.kinds) == {Starting, Answered, Running}


def test_restart_starts_a_stopped_program(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server(), autostart="false")
    sandbox.up()
    result = restart(sandbox.container, "app")
    assert (result.ok, result.state, result.downtime_seconds) == (True, "RUNNING", None)


def test_restart_of_a_program_in_backoff_does_not_wait_for_its_turn(any_sandbox: Sandbox) -> None:
    any_sandbox.add("app", any_sandbox.script("raise SystemExit(1)"), startsecs=1, startretries=100)
    any_sandbox.up()
    wait_for(lambda: any_sandbox.states() == {"app": "BACKOFF"})
    any_sandbox.server()
    assert restart(any_sandbox.container, "app").ok


def test_start_of_a_program_in_backoff_tries_at_once(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.script("raise SystemExit(1)"), startsecs=1, startretries=100)
    sandbox.up()
    wait_for(lambda: sandbox.states() == {"app": "BACKOFF"})
    sandbox.server()
    result = start(sandbox.container, "app")
    assert (result.ok, result.action) == (True, "start")


@pytest.mark.parametrize("act", [start, restart])
def test_a_program_that_is_stopping_is_waited_for(sandbox: Sandbox, act: Callable[..., Restart]) -> None:
    sandbox.add("app", sandbox.server(before=IGNORE_STOP), stopwaitsecs=1)
    sandbox.up()
    wait_for(lambda: (sandbox.container.app / "deaf").exists())
    sandbox.client.stop("app")
    assert sandbox.states() == {"app": "STOPPING"}
    before = sandbox.pid("app")
    result = act(sandbox.container, "app")
    assert (result.ok, result.state) == (True, "RUNNING")
    assert result.pid != before


def test_a_program_that_ignores_the_stop_is_killed_after_its_stopwaitsecs(any_sandbox: Sandbox) -> None:
    """Longer than the call's own limit: else nobody would start it again."""
    any_sandbox.add("app", any_sandbox.server(before=IGNORE_STOP), stopwaitsecs=1)
    any_sandbox.up()
    wait_for(lambda: (any_sandbox.container.app / "deaf").exists())
    before = any_sandbox.pid("app")
    result = restart(any_sandbox.container, "app", timeout=0.3)
    assert (result.ok, result.state) == (True, "RUNNING")
    assert result.pid != before
    assert result.seconds is not None
    assert result.seconds > 0.9


def test_stop_gives_up_at_its_timeout_and_says_what_the_program_does(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server(before=IGNORE_STOP), stopwaitsecs=60)
    sandbox.up()
    wait_for(lambda: (sandbox.container.app / "deaf").exists())
    result = stop(sandbox.container, "app", timeout=0.3)
    assert (result.ok, result.state) == (False, "STOPPING")
    assert result.verdict is not None
    assert "has not ended" in result.verdict.title


def test_a_slow_start_is_waited_for(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server(before="time.sleep(0.8)"))
    sandbox.up()
    heard = Heard()
    result = restart(sandbox.container, "app", on_event=heard)
    assert result.ok
    assert result.http is not None
    assert result.http.seconds > 0.7
    assert heard.kinds == [Stopping, Stopped, Starting, Running, Answered]


def test_a_slow_answer_is_waited_for(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server(work="time.sleep(0.6)"))
    sandbox.up()
    result = restart(sandbox.container, "app")
    assert result.ok
    assert result.http is not None
    assert result.http.seconds > 0.5


def test_an_app_that_does_not_answer_fails_at_the_timeout(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server(work="time.sleep(1000)"))
    sandbox.up()
    began = time.monotonic()
    result = restart(sandbox.container, "app", timeout=0.8)
    assert time.monotonic() - began < 10
    assert (result.ok, result.state) == (False, "RUNNING")
    assert result.verdict is not None
    assert result.verdict.cause == "no-answer"
    assert str(sandbox.container.app_port) in result.verdict.title


def test_an_app_on_a_wrong_port_fails_and_the_verdict_names_the_port(sandbox: Sandbox) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        other = free.getsockname()[1]
    sandbox.add("app", sandbox.server(port=other))
    sandbox.up()
    result = restart(sandbox.container, "app", timeout=3)
    assert not result.ok
    assert result.verdict is not None
    assert result.verdict.cause == "no-answer"
    assert str(other) in result.verdict.detail


def test_an_app_that_serves_the_front_port_itself_is_asked_there(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server(port=sandbox.container.http_port))
    sandbox.up()
    result = restart(sandbox.container, "app")
    assert result.ok
    assert result.http is not None
    assert result.http.port == sandbox.container.http_port


def test_somebody_elses_answer_on_the_port_does_not_count(sandbox: Sandbox) -> None:
    intruder = socket.socket()
    intruder.bind(("127.0.0.1", sandbox.container.app_port))
    intruder.listen(16)
    asked: list[bytes] = []

    def answer() -> None:
        try:
            while True:
                connection, _address = intruder.accept()
                asked.append(connection.recv(1000))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                connection.close()
        except OSError:
            return

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        sandbox.add("app", sandbox.script("import time\ntime.sleep(1000)"))
        sandbox.up()
        result = restart(sandbox.container, "app", timeout=0.8)
    finally:
        intruder.shutdown(socket.SHUT_RDWR)
        intruder.close()
        thread.join()
    assert not result.ok
    assert result.http is None
    assert result.verdict is not None
    assert result.verdict.cause == "port-in-use"
    assert str(os.getpid()) in result.verdict.detail
    assert asked == []


def test_an_error_of_the_app_is_a_failure_with_its_traceback(sandbox: Sandbox) -> None:
    work = "import traceback\n    try: 1 / 0\n    except Exception: traceback.print_exc(); sys.stderr.flush()"
    sandbox.add("app", sandbox.server(work=work, status="500 Internal Server Error"))
    sandbox.up()
    result = restart(sandbox.container, "app")
    assert (result.ok, result.state) == (False, "RUNNING")
    assert result.http is not None
    assert result.http.status == 500
    assert result.verdict is not None
    assert result.verdict.cause == "http-error"
    assert "ZeroDivisionError" in result.verdict.title
    assert result.verdict.traceback[-1] == "ZeroDivisionError: division by zero"


def test_nginx_is_up_also_when_it_answers_for_an_app_that_is_down(sandbox: Sandbox) -> None:
    sandbox.add("nginx", sandbox.server(port=sandbox.container.http_port, status="502 Bad Gateway"))
    sandbox.up()
    result = restart(sandbox.container, "nginx")
    assert result.ok
    assert result.http is not None
    assert result.http.status == 502


def test_a_program_without_a_port_has_to_stay_for_a_moment(sandbox: Sandbox) -> None:
    sandbox.add("worker", SLEEP)
    sandbox.up()
    began = time.monotonic()
    result = restart(sandbox.container, "worker")
    assert (result.ok, result.http, result.downtime_seconds) == (True, None, None)
    assert time.monotonic() - began > 1.0


def test_a_worker_that_listened_before_is_asked_again(sandbox: Sandbox) -> None:
    sandbox.add("web2", sandbox.server())
    sandbox.up()
    wait_for(lambda: restart(sandbox.container, "web2").http is not None)


def test_a_program_that_dies_again_and_again_is_a_failure(any_sandbox: Sandbox) -> None:
    """With startsecs 0 supervisord calls each of these processes RUNNING and never gives up."""
    text = "import sys, time\ntime.sleep(0.1)\nprint('out of tea')\nsys.exit(3)"
    any_sandbox.add("worker", any_sandbox.script(text))
    any_sandbox.up()
    heard = Heard()
    result = restart(any_sandbox.container, "worker", on_event=heard)
    assert not result.ok
    assert result.verdict is not None
    assert result.verdict.cause == "exited-too-quickly"
    assert "out of tea" in result.verdict.log
    assert Failing in heard.kinds


def test_a_program_that_dies_between_two_looks_is_a_failure(sandbox: Sandbox) -> None:
    """Whoever looks seldom sees a RUNNING program each time, under another pid."""
    sandbox.add("worker", sandbox.script("import time\ntime.sleep(0.005)"))
    sandbox.up()
    result = restart(sandbox.container, "worker", timeout=20)
    assert not result.ok
    assert result.verdict is not None


def test_an_app_that_dies_after_listening_is_a_failure(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server(work="os._exit(7)"))
    sandbox.up()
    result = restart(sandbox.container, "app", timeout=20)
    assert not result.ok
    assert result.http is None
    assert result.verdict is not None


def test_a_program_that_supervisord_leaves_alone_is_a_failure(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.script("print('done')"), autorestart="false")
    sandbox.up()
    result = restart(sandbox.container, "app")
    assert (result.ok, result.state) == (False, "EXITED")
    assert result.verdict is not None
    assert result.verdict.log == ("done",)


def test_what_a_retry_cures_is_retried(sandbox: Sandbox) -> None:
    before = "\nif not os.path.exists('second'): open('second', 'w').close(); sys.exit('not yet')"
    sandbox.add("app", sandbox.server(before=before), autostart="false")
    sandbox.up()
    heard = Heard()
    result = start(sandbox.container, "app", on_event=heard)
    assert result.ok
    assert result.verdict is None
    assert Failing in heard.kinds


def test_what_no_retry_cures_ends_at_once(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server(before="import nosuchmodule"), startsecs=1, startretries=100)
    sandbox.up()
    began = time.monotonic()
    result = restart(sandbox.container, "app")
    assert time.monotonic() - began < 10
    assert (result.ok, result.state) == (False, "BACKOFF")
    assert result.verdict is not None
    assert result.verdict.cause == "import-error"


def test_a_command_that_is_gone_is_told_though_supervisord_does_not_try(sandbox: Sandbox) -> None:
    command = sandbox.container.app / "run"
    command.write_text("#!/bin/sh\nsleep 1000\n")
    command.chmod(0o755)
    sandbox.add("worker", str(command))
    sandbox.up()
    command.unlink()
    result = restart(sandbox.container, "worker")
    assert (result.ok, result.state) == (False, "STOPPED")
    assert result.verdict is not None
    assert result.verdict.cause == "command-not-found"
    assert str(command) in result.verdict.detail


def test_a_whole_group_is_restarted_at_once(any_sandbox: Sandbox) -> None:
    any_sandbox.add("worker", SLEEP, process_name="%(program_name)s_%(process_num)s", numprocs=3)
    any_sandbox.add("other", SLEEP)
    any_sandbox.up()
    names = [f"worker:worker_{number}" for number in range(3)]
    before = [any_sandbox.pid(name) for name in names]
    other = any_sandbox.pid("other")
    heard = Heard()
    results = restart_all(any_sandbox.container, ["worker:*"], on_event=heard)
    assert heard.kinds[:3] == [Stopping] * 3  # none is waited for before the next is told
    assert heard.kinds.index(Starting) > max(at for at, kind in enumerate(heard.kinds) if kind is Stopped)
    assert [result.program for result in results] == names
    assert all(result.ok and result.state == "RUNNING" for result in results)
    assert not set(before) & {any_sandbox.pid(name) for name in names}
    assert any_sandbox.pid("other") == other
    assert [result.state for result in stop_all(any_sandbox.container, ["worker"])] == ["STOPPED"] * 3
    mixed = start_all(any_sandbox.container, ["worker:*", "other"])
    assert [result.unchanged for result in mixed] == [False, False, False, True]


def test_one_broken_program_does_not_keep_the_others_down(sandbox: Sandbox) -> None:
    sandbox.add("good", SLEEP, autostart="false")
    sandbox.add("lost", "/no/such/program", autostart="false")
    sandbox.add("bad", sandbox.script("import nosuchmodule", "bad"), autostart="false", startsecs=1)
    sandbox.up()
    found = {result.program: result.ok for result in start_all(sandbox.container, ["all"])}
    assert found == {"good": True, "lost": False, "bad": False}


def test_the_hook_is_called_while_nothing_runs(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server())
    sandbox.up()
    seen: list[dict[str, str] | None] = []
    assert restart(sandbox.container, "app", while_stopped=lambda: seen.append(sandbox.states())).ok
    assert seen == [{"app": "STOPPED"}]


@pytest.mark.parametrize("error", [ConsoleError("the switch failed"), KeyboardInterrupt()])
def test_whatever_the_hook_raises_the_program_is_started_again(sandbox: Sandbox, error: BaseException) -> None:
    sandbox.add("app", sandbox.server())
    sandbox.up()

    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        restart(sandbox.container, "app", while_stopped=fail)
    assert caught.value is error
    wait_for(lambda: sandbox.states() == {"app": "RUNNING"})


def test_a_cancelled_restart_leaves_the_program_running(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server(before=IGNORE_STOP), stopwaitsecs=1)
    sandbox.up()
    wait_for(lambda: (sandbox.container.app / "deaf").exists())
    before = sandbox.pid("app")

    def interrupt(event: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restart(sandbox.container, "app", on_event=interrupt)
    assert sandbox.states() == {"app": "RUNNING"}
    assert sandbox.pid("app") != before


def test_a_crash_looping_program_is_really_stopped(any_sandbox: Sandbox) -> None:
    """Between two of its processes supervisord refuses a stop, and starts the next one."""
    any_sandbox.add("worker", any_sandbox.script("import time\ntime.sleep(0.05)"))
    any_sandbox.up()
    for _number in range(5):
        assert stop(any_sandbox.container, "worker").ok
        time.sleep(0.1)
        assert (any_sandbox.states() or {})["worker"] in ("STOPPED", "EXITED", "FATAL")
        pid = any_sandbox.pid("worker")
        assert pid == 0
        any_sandbox.client.start("worker")


def test_a_program_that_was_just_forked_is_stopped_at_once(any_sandbox: Sandbox) -> None:
    """Until it has become the program, a forked supervisord would swallow the signal; SIGKILL comes after 10 s."""
    any_sandbox.add("worker", SLEEP, autostart="false")
    any_sandbox.up()
    for _number in range(15):
        any_sandbox.client.start("worker")
        result = stop(any_sandbox.container, "worker", timeout=30)
        assert result.seconds is not None
        assert result.seconds < 5


def test_operate_names_what_a_person_can_do(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server())
    sandbox.up()
    actions = [result.action for action in ("stop", "start", "restart")
               for result in operate(sandbox.container, action, ["app"])]  # fmt: skip
    assert actions == ["stop", "start", "restart"]


def test_an_unknown_name_stops_nothing(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server())
    sandbox.up()
    pid = sandbox.pid("app")
    with pytest.raises(WrongUsage):
        restart_all(sandbox.container, ["app", "nobody"])
    assert sandbox.pid("app") == pid


def test_one_result_needs_one_program(sandbox: Sandbox) -> None:
    sandbox.add("worker", SLEEP, process_name="w%(process_num)s", numprocs=2, autostart="false")
    sandbox.up()
    with pytest.raises(WrongUsage):
        start(sandbox.container, "worker")
    assert set((sandbox.states() or {}).values()) == {"STOPPED"}


def test_a_supervisord_that_dies_meanwhile_is_told(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.script("import time\ntime.sleep(1000)"))
    sandbox.up()
    pid = sandbox.pid("app")

    def kill(event: Event) -> None:
        if isinstance(event, Running):
            sandbox.kill()

    try:
        with pytest.raises(NothingThere):
            restart(sandbox.container, "app", timeout=5, on_event=kill)
    finally:
        for line in sandbox.container.supervisor_log.read_text().splitlines():
            if "spawned: 'app' with pid " in line:
                pid = int(line.rpartition(" ")[2])
        os.kill(pid, signal.SIGKILL)


def test_a_refusal_is_raised(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.add("app", SLEEP)
    sandbox.up()

    def refuse(_self: object, name: str, wait: bool = False) -> None:
        raise SupervisorFault(30, "unknown problem", f"{name} cannot be stopped")

    monkeypatch.setattr("console.programs.client.Supervisor.stop", refuse)
    with pytest.raises(SupervisorFault):
        stop(sandbox.container, "app")
