"""Workers: ready before their job is there, and gone when none comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from console.container import Container
from console.errors import ConsoleError
from console.lock import holder
from console.venv import launching
from console.venv.attaching import attach
from console.venv.journal_lines import read_journal
from console.venv.jobs import Request, jobs
from console.venv.launching import Worker, launch
from console.venv.plan import plan_rebuild

_STARTER = """
import sys
from pathlib import Path
from console.container import find_container
from console.venv.launching import Worker
Worker(find_container(Path(sys.argv[1])), "recover")
print("started", flush=True)
sys.stdin.read()
"""

# A worker that takes its time between its last word and its end.
_SLOW_TO_END = """
import time
from console.venv import worker
record = worker._record_error
def slow(*told):
    record(*told)
    time.sleep(0.5)
worker._record_error = slow
worker.main()
"""


def _workers(container: Container) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if "console.venv.worker" in words and str(container.root) in words:
            found.append(process)
    return found


def _wait_until_gone(container: Container) -> None:
    limit = time.monotonic() + 30
    while _workers(container):
        assert time.monotonic() < limit, "a worker stays"
        time.sleep(0.02)


def test_a_worker_that_is_ready_does_the_job(shared_container: Container) -> None:
    with Worker(shared_container, "recover") as worker:
        (process,) = _workers(shared_container)
        time.sleep(1.0)
        assert holder(shared_container.lock) is None  # it waits, and keeps nobody else from working
        job = launch(shared_container, Request("recover"), worker)
        result = attach(shared_container, job)
    assert result is not None
    assert result.ok
    assert read_journal(job.journal)[0][0]["pid"] == process.pid
    _wait_until_gone(shared_container)


def test_a_worker_without_a_job_ends_and_leaves_nothing(shared_container: Container) -> None:
    before = jobs(shared_container)
    with Worker(shared_container, "rebuild"):
        assert len(_workers(shared_container)) == 1
    _wait_until_gone(shared_container)
    assert jobs(shared_container) == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_a_worker_ends_with_the_console_that_has_no_job_for_it_yet(shared_container: Container, number: int) -> None:
    words = [sys.executable, "-c", _STARTER, str(shared_container.root)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"started\n"
        assert len(_workers(shared_container)) == 1
        os.kill(starter.pid, number)
        starter.wait()
        _wait_until_gone(shared_container)


def test_what_keeps_a_worker_from_loading_is_told(shared_container: Container) -> None:
    with pytest.raises(ConsoleError) as refused:
        launch(shared_container, Request("nonsense"))
    assert "KeyError: 'nonsense'" in refused.value.cause
    assert refused.value.remedy


def test_a_job_that_was_refused_does_not_hold_the_lock_any_more(
    shared_container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(plan_rebuild(shared_container), ok=False, problems=("not like this",))
    root = str(shared_container.root)
    monkeypatch.setattr(launching, "own_command", lambda *words: [sys.executable, "-c", _SLOW_TO_END, root, "rebuild"])
    with pytest.raises(ConsoleError, match="not like this"):
        launch(shared_container, Request("rebuild", plan))
    assert holder(shared_container.lock) is None


def test_a_worker_that_was_killed_while_it_waited_is_told(shared_container: Container) -> None:
    with Worker(shared_container, "recover") as worker:
        (process,) = _workers(shared_container)
        process.kill()
        process.wait()
        with pytest.raises(ConsoleError) as refused:
            launch(shared_container, Request("recover"), worker)
    assert "could not be started" in refused.value.title
    assert refused.value.cause
