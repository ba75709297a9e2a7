"""Jobs in processes of their own: begun, joined from several places, taken back, and never two at once."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from console.container import Container
from console.errors import ConsoleError, Locked
from console.events import Cancelled, Event, Output, Progress, Step, StepDone
from console.lock import held, holder
from console.results import Rebuild
from console.venv.attaching import JobKilled, attach, cancel
from console.venv.jobs import (
    JobFolder,
    Request,
    create_job,
    find_job,
    forget_old_jobs,
    is_done,
    job_state,
    jobs,
    read_request,
    running_id,
    unfinished,
)
from console.venv.journal import OUTPUT_BYTES, Journal
from console.venv.launching import launch
from console.venv.plan import plan_rebuild
from console.venv.worker import run_job

STEPS = ["create", "install", "compile", "prove", "switch", "clean-up"]


def _request(container: Container) -> Request:
    plan = plan_rebuild(container)
    assert plan.ok, plan.problems
    return Request("rebuild", plan)


def _wait(what: Callable[[], object], seconds: float = 30.0) -> None:
    limit = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.01)


def _worker(container: Container) -> int:
    told = holder(container.lock)
    assert told is not None
    pid = told["pid"]
    assert isinstance(pid, int)
    return pid


def test_a_job_in_its_own_process_is_joined_from_several_places_at_once(container: Container) -> None:
    job = launch(container, _request(container))
    assert running_id(container) == job.id
    told = job_state(container)
    assert told is not None
    assert (told.id, told.kind, told.running) == (job.id, "rebuild", True)
    assert psutil.Process(_worker(container)).terminal() is None
    assert os.getsid(_worker(container)) == _worker(container)

    heard: list[list[Event]] = [[], []]
    results: list[Rebuild | None] = [None, None]

    def join(number: int) -> None:
        results[number] = attach(container, job, on_event=heard[number].append)

    joined = [threading.Thread(target=join, args=(number,)) for number in range(2)]
    for each in joined:
        each.start()
        time.sleep(0.5)
    for each in joined:
        each.join()
    assert results[0] == results[1]
    assert results[0] is not None
    assert results[0].ok
    assert results[0].downtime_seconds is not None
    assert results[0].programs == ("app",)
    for events in heard:
        assert [event.name for event in events if isinstance(event, Step)] == STEPS
        assert [event.name for event in events if isinstance(event, StepDone)] == STEPS
        fractions = [event.fraction for event in events if isinstance(event, Progress)]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0
        assert any(isinstance(event, Output) and "Installed" in event.line for event in events)

    assert attach(container, job) == results[0]
    assert find_job(container) == job
    assert is_done(job)
    assert job_state(container) is None
    assert not job.reserve.exists()

    again: list[Progress] = []
    second = launch(container, _request(container))
    assert attach(container, second, on_event=lambda e: again.append(e) if isinstance(e, Progress) else None)
    assert again[0].remaining_seconds is not None
    assert again[-1].remaining_seconds == 0.0


def test_a_second_job_is_told_who_is_at_work_and_leaves_nothing(shared_container: Container) -> None:
    request = _request(shared_container)
    before = jobs(shared_container)
    with held(shared_container.lock, "static"), pytest.raises(Locked) as refused:
        launch(shared_container, request)
    assert str(os.getpid()) in refused.value.title
    assert jobs(shared_container) == before


def test_a_job_is_taken_back_in_order(shared_container: Container) -> None:
    job = launch(shared_container, _request(shared_container))
    taken = threading.Event()

    def heard(event: Event) -> None:
        if isinstance(event, Step) and event.name == "install" and not taken.is_set():
            taken.set()
            cancel(shared_container, job)

    with pytest.raises(Cancelled):
        attach(shared_container, job, on_event=heard)
    assert not shared_container.venv.is_symlink()
    assert list(shared_container.venvs.iterdir()) == []
    assert unfinished(shared_container) == []
    with pytest.raises(ConsoleError):
        cancel(shared_container, job)


def test_taking_back_is_refused_while_the_app_is_being_switched(shared_container: Container) -> None:
    job = create_job(shared_container, Request("rebuild"))
    journal = Journal(job)
    journal.record("begun", pid=os.getpid())
    journal.event(Step("switch", "Switching", 5, 6))
    with held(shared_container.lock, "rebuild", job.id), pytest.raises(ConsoleError) as refused:
        cancel(shared_container, job)
    assert "too late" in refused.value.title
    assert refused.value.cause
    journal.record("done", cancelled=True)
    journal.close()


def test_leaving_does_not_end_the_job(shared_container: Container) -> None:
    job = launch(shared_container, _request(shared_container))
    leave = threading.Event()
    leave.set()
    assert attach(shared_container, job, leave=leave) is None
    assert running_id(shared_container) == job.id
    cancel(shared_container, job)
    with pytest.raises(Cancelled):
        attach(shared_container, job)


def test_a_killed_worker_is_noticed_by_who_has_joined(shared_container: Container) -> None:
    job = launch(shared_container, _request(shared_container))

    def heard(event: Event) -> None:
        if isinstance(event, Step) and event.name == "create":
            os.kill(_worker(shared_container), signal.SIGKILL)

    with pytest.raises(JobKilled):
        attach(shared_container, job, on_event=heard)
    told = job_state(shared_container)
    assert told is not None
    assert (told.id, told.step, told.running) == (job.id, "create", False)
    assert [each.id for each in unfinished(shared_container)] == [job.id]
    done = attach(shared_container, launch(shared_container, Request("recover")))
    assert done is not None
    assert done.ok
    assert unfinished(shared_container) == []


def test_a_request_that_cannot_be_understood_says_so(bare: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    job = create_job(bare, Request("rebuild"))
    job.request.write_text("{}")
    with pytest.raises(ConsoleError):
        read_request(job)
    monkeypatch.setenv("CONSOLE_JOB", "")  # run_job sets it for its children
    assert run_job(bare, job) == 1
    assert "error" in _lines(job)[-1]


# -- the folder and the journal ------------------------------------------------------------------


def _lines(job: JobFolder) -> list[dict[str, object]]:
    return [json.loads(line) for line in job.journal.read_text().splitlines()]


def test_half_a_line_of_a_killed_writer_hides_nothing(bare: Container) -> None:
    job = create_job(bare, Request("rebuild"))
    first = Journal(job)
    first.record("begun", pid=1)
    first.close()
    with job.journal.open("ab") as file:
        file.write(b'{"record": "do')
    assert not is_done(job)
    second = Journal(job)
    second.record("done", cancelled=True)
    second.close()
    assert is_done(job)


def test_the_output_is_bounded_and_keeps_its_end(bare: Container) -> None:
    job = create_job(bare, Request("rebuild"))
    journal = Journal(job)
    line = "x" * 999
    for _number in range(3 * OUTPUT_BYTES // 1000):
        journal.event(Output(line))
    journal.event(Output("the end"))
    journal.close()
    assert job.output.stat().st_size + job.output_before.stat().st_size <= 2 * OUTPUT_BYTES
    assert job.output.read_text().endswith("the end\n")


def test_old_jobs_are_forgotten_but_none_that_was_killed(bare: Container) -> None:
    killed = create_job(bare, Request("rebuild"))
    journal = Journal(killed)
    journal.record("begun", pid=1)
    journal.close()
    for _number in range(8):
        job = create_job(bare, Request("rebuild"))
        journal = Journal(job)
        journal.record("begun", pid=1)
        journal.record("done", cancelled=True)
        journal.close()
    forget_old_jobs(bare, keep=3)
    assert len(jobs(bare)) == 4
    assert jobs(bare)[0] == killed
    assert find_job(bare, killed.id) == killed


def test_what_was_asked_for_is_read_back(shared_container: Container) -> None:
    request = Request("rebuild", plan_rebuild(shared_container), keep=3, timeout=9.5, language="cs")
    job = create_job(shared_container, request)
    assert read_request(job) == request
    assert job.request.stat().st_mode & 0o077 == 0
    for path in job.path.iterdir():
        path.unlink()
    job.path.rmdir()


def test_a_job_knows_when_it_was_asked_for(bare: Container) -> None:
    before = time.time()
    job = create_job(bare, Request("recover"))
    assert job.created is not None
    assert before - 1 <= job.created.timestamp() <= time.time() + 1
    assert job.created.tzinfo is not None
    assert JobFolder(bare.jobs / "none").created is None


def test_there_are_no_jobs_before_the_first(bare: Container, tmp_path: Path) -> None:
    assert (jobs(bare), find_job(bare), job_state(bare), unfinished(bare)) == ([], None, None, [])
