"""Real gunicorn: a graceful reload without a missed request, and the ways in which it refuses."""

from __future__ import annotations

import http.client
import itertools
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.events import Answered, Event, Reloading, Running
from console.health.http import ask
from console.programs.client import Supervisor
from console.programs.control import restart, stop
from console.programs.processes import tree

from .. import containers, needs
from .waiting import wait_for

APP = """\
import os, time
VERSION = b"{version}"
def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow": time.sleep(1.0)
    body = VERSION + b" %d" % os.getpid()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""


_sizes = itertools.count(1)


def master_of(container: Container) -> int:
    return int(Supervisor(container.supervisor_socket).process("app")["pid"])


def get(container: Container, path: str = "/") -> str:
    connection = http.client.HTTPConnection("127.0.0.1", container.app_port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read().decode()
    finally:
        connection.close()


def program_file(container: Container) -> Path:
    files = container.srv.glob("conf/supervisor.d/*")
    return next(file for file in files if "[program:app]" in file.read_text())


def write_app(container: Container, version: str) -> None:
    # Python tells changed code by its time in whole seconds and its size: no two of these have the same.
    unique = "#" * next(_sizes)
    (container.app / "app.py").write_text(APP.format(version=version) + unique)


def _update(container: Container) -> None:
    """Have supervisord read its files, and wait until the app answers."""
    supervisorctl = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(container.supervisor_conf)]
    subprocess.run([*supervisorctl, "update"], check=True, stdout=subprocess.DEVNULL)
    wait_for(lambda: ask(container.app_port).ok)


@pytest.fixture(scope="module")
def gunicorn() -> Iterator[Container]:
    needs.program("nginx")
    made = containers.make(running=False)
    file = program_file(made)
    file.write_text(file.read_text() + "startsecs=0\n")  # a restart takes a second less
    _update(made)
    yield made
    containers.remove(made.root)


@pytest.fixture
def served(gunicorn: Container) -> Container:
    """A container whose gunicorn serves version "old"."""
    write_app(gunicorn, "old")
    assert restart(gunicorn, "app").ok
    assert get(gunicorn).startswith("old ")
    return gunicorn


def test_new_code_is_taken_up_without_a_missed_request(served: Container) -> None:
    failures: list[Exception] = []
    answers: list[str] = []
    ended = threading.Event()

    def ask_on() -> None:
        while not ended.is_set():
            try:
                answers.append(get(served))
            except Exception as error:  # noqa: BLE001  whatever goes wrong is a missed request
                failures.append(error)

    loops = [threading.Thread(target=ask_on) for _number in range(3)]
    slow: list[str] = []
    loops.append(threading.Thread(target=lambda: slow.append(get(served, "/slow"))))
    for loop in loops:
        loop.start()
    master = master_of(served)
    wait_for(lambda: len(answers) > 20)
    write_app(served, "new")
    events: list[Event] = []
    result = restart(served, "app", graceful=True, on_event=events.append)
    count = len(answers)
    wait_for(lambda: len(answers) > count + 20)
    ended.set()
    for loop in loops:
        loop.join()
    assert failures == []
    assert (result.ok, result.action, result.state) == (True, "reload", "RUNNING")
    assert result.pid == master == master_of(served)
    assert result.http is not None
    assert result.http.status == 200
    assert result.downtime_seconds == 0
    assert [type(event) for event in events] == [Reloading, Running, Answered]
    assert all(answer.startswith("new ") for answer in answers[count + 5 :])
    assert slow[0].startswith("old ")  # the worker that had it finished it
    assert get(served).startswith("new ")


def test_broken_code_is_refused_and_the_old_workers_go_on(served: Container) -> None:
    workers = tree(master_of(served))
    (served.app / "app.py").write_text("import nosuchmodule\n")
    result = restart(served, "app", graceful=True)
    assert (result.ok, result.unchanged, result.state) == (False, True, "RUNNING")
    assert result.verdict is not None
    assert result.verdict.cause == "import-error"
    assert result.verdict.traceback[-1] == "ModuleNotFoundError: No module named 'nosuchmodule'"
    assert tree(master_of(served)) == workers
    assert get(served).startswith("old ")


def test_preloaded_code_is_refused_and_a_restart_proposed(served: Container) -> None:
    config = served.app / "gunicorn.conf.py"
    config.write_text("workers = 1\npreload_app = True  # saves memory\n")
    with pytest.raises(ConsoleError) as caught:
        restart(served, "app", graceful=True)
    assert "preload" in caught.value.cause
    assert "console restart app" in caught.value.remedy
    config.unlink()
    program = program_file(served)
    text = program.read_text()
    program.write_text(text.replace("--bind", "--preload --bind"))
    with pytest.raises(ConsoleError):
        restart(served, "app", graceful=True)
    program.write_text(text)


@pytest.fixture
def behind_a_shell(served: Container) -> Iterator[Callable[[str], None]]:
    """Has a shell start gunicorn, with more options; as it was again afterwards."""
    program = program_file(served)
    text = program.read_text()
    command = next(line for line in text.splitlines() if line.startswith("command=")).removeprefix("command=")

    def start(options: str) -> None:
        program.write_text(text.replace(command, f"/bin/sh -c {shlex.quote(f'exec {command} {options}')}"))
        _update(served)

    yield start
    program.write_text(text)
    _update(served)


def test_preloading_is_seen_in_what_a_shell_has_started(
    served: Container, behind_a_shell: Callable[[str], None]
) -> None:
    behind_a_shell("--preload")
    with pytest.raises(ConsoleError) as caught:
        restart(served, "app", graceful=True)
    assert "preload" in caught.value.cause


def test_code_that_does_not_load_is_found_also_behind_a_shell(
    served: Container, behind_a_shell: Callable[[str], None]
) -> None:
    behind_a_shell("")
    master = master_of(served)
    write_app(served, "broken")
    code = served.app / "app.py"
    code.write_text(code.read_text() + "\nimport nosuchmodule\n")
    refused = restart(served, "app", graceful=True)
    write_app(served, "whole")
    assert (refused.ok, refused.unchanged, master_of(served)) == (False, True, master)


def test_only_gunicorn_can_be_reloaded(gunicorn: Container) -> None:
    with pytest.raises(ConsoleError) as caught:
        restart(gunicorn, "nginx", graceful=True)
    assert "gunicorn" in caught.value.cause


def test_a_stopped_gunicorn_is_started(served: Container) -> None:
    stop(served, "app")
    result = restart(served, "app", graceful=True)
    assert (result.ok, result.state) == (True, "RUNNING")


def test_a_master_that_ends_meanwhile_is_followed_until_it_is_back(served: Container) -> None:
    master = master_of(served)

    def end(event: Event) -> None:
        if isinstance(event, Reloading):
            os.kill(master, signal.SIGTERM)
            wait_for(lambda: master_of(served) not in (0, master))

    result = restart(served, "app", graceful=True, on_event=end)
    assert result.ok
    assert result.pid == master_of(served) != master
    assert get(served).startswith("old ")
