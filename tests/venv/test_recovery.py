"""Jobs that were killed and left a journal that is hard to read; the faults themselves are in tests/faults."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.venv.attaching import JobKilled, attach
from console.venv.jobs import JobFolder, Request, create_job, is_done, unfinished
from console.venv.journal import Journal, begun_facts
from console.venv.recovery import end_leftovers, recover

from .conftest import make_venv


def _killed(container: Container, **exchange: object) -> JobFolder:
    job = create_job(container, Request("rebuild"))
    journal = Journal(job)
    journal.record("begun", pid=1)
    journal.record("exchange", **exchange)
    journal.close()
    return job


@pytest.mark.parametrize(
    ("before", "now", "told"), [(2, 3, True), (2, 2, False), (3, 0, False), (None, 3, False), (2, None, False)]
)
def test_a_job_that_the_kernel_ended_for_want_of_memory_says_so(
    bare: Container, monkeypatch: pytest.MonkeyPatch, before: int | None, now: int | None, told: bool
) -> None:
    make_venv(Path(sys.executable).resolve(), bare.venv)
    counts = iter([before])
    monkeypatch.setattr("console.venv.journal.oom_kills", lambda: next(counts, now))
    job = create_job(bare, Request("rebuild"))
    journal = Journal(job)
    journal.record("begun", **begun_facts("beside"))
    journal.close()
    with pytest.raises(JobKilled) as killed:
        attach(bare, job)
    assert ("memory was used up" in killed.value.cause) is told
    recovered = recover(bare)
    assert "taken back" in recovered.headline
    assert ("plan with more" in recovered.remedy) is told


@pytest.mark.parametrize("facts", [{"kind": "teleport", "facts": {}}, {"kind": "switch", "facts": {"new": 1}}])
def test_a_journal_of_another_version_stands_in_nobodys_way_where_the_virtualenv_is_whole(
    bare: Container, facts: dict[str, object]
) -> None:
    make_venv(Path(sys.executable).resolve(), bare.venv)
    job = _killed(bare, **facts)
    result = recover(bare)
    assert result.ok
    assert str(bare.venv) in result.headline
    assert is_done(job)
    assert unfinished(bare) == []


def test_a_journal_of_another_version_is_a_persons_matter_where_there_is_no_virtualenv(bare: Container) -> None:
    job = _killed(bare, kind="teleport", facts={})
    with pytest.raises(ConsoleError) as raised:
        recover(bare)
    assert str(bare.venv) in raised.value.remedy
    assert not is_done(job)


def test_only_what_the_job_started_is_ended() -> None:
    environment = {**os.environ, "CONSOLE_JOB": "mine"}
    mine = subprocess.Popen(["sleep", "60"], env=environment)
    other = subprocess.Popen(["sleep", "60"], env={**os.environ, "CONSOLE_JOB": "mine-too"})
    try:
        time.sleep(0.1)
        end_leftovers("mine")
        assert mine.wait(5) == -9
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
        mine.kill()


def test_what_another_console_has_recovered_meanwhile_is_told(bare: Container) -> None:
    make_venv(Path(sys.executable).resolve(), bare.venv)
    job = create_job(bare, Request("rebuild"))
    journal = Journal(job)
    journal.record("begun", pid=1)
    journal.close()
    asked = create_job(bare, Request("recover"))  # begins only when the other one has ended

    first = recover(bare)
    second = recover(bare, job=asked.id)

    assert "taken back" in first.headline
    assert second.headline == first.headline
    later = create_job(bare, Request("recover"))
    os.utime(job.journal, (time.time() - 60,) * 2)
    assert recover(bare, job=later.id).headline == "There is nothing to recover."
