"""Jobs of the virtualenv on the command line: detached, joined, interrupted, killed and recovered."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from console.container import Container, memory
from console.events import Step
from console.lock import held, holder
from console.venv.jobs import Request, create_job, find_job, is_done, jobs, running_id
from console.venv.journal import Journal
from tests.faults.scene import wait, wait_for_step

from .test_commands import document, run


def _begin(container: Container, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "console", "--root", str(container.root), "venv", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _running_step(container: Container, step: str) -> None:
    wait(lambda: running_id(container))
    job = find_job(container)
    assert job is not None
    wait_for_step(job, step)


def test_a_detached_job_goes_on_and_is_joined(container: Container) -> None:
    told = document(container, "venv", "rebuild", "--yes", "--detach")
    assert told.keys() == {"job"}
    job = document(container, "status")["job"]
    assert (job["id"], job["kind"], job["running"]) == (told["job"], "rebuild", True)
    joined = run(container, "venv", "attach")
    assert joined.returncode == 0, joined.stderr
    assert "app answered again after" in joined.stdout
    again = run(container, "venv", "attach", "--json")
    assert json.loads(again.stdout.splitlines()[-1])["event"] == "done"
    assert document(container, "status")["job"] is None


def test_ctrl_c_takes_the_job_back_in_order(shared_container: Container) -> None:
    with _begin(shared_container, "rebuild", "--yes") as process:
        _running_step(shared_container, "install")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Taking it back" in errors
    assert "Nothing was changed" in errors
    assert "Traceback" not in output + errors
    assert not shared_container.venv.is_symlink()
    assert list(shared_container.venvs.iterdir()) == []


def test_a_worker_waits_for_a_plan_that_is_agreed_to_and_ends_with_it(shared_container: Container) -> None:
    def workers() -> int:
        lines = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
        return sum("console.venv.worker" in words and str(shared_container.root) in words for words in lines)

    before = jobs(shared_container)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        file = shared_container.app / "silent.txt"
        file.write_text(f"--index-url http://127.0.0.1:{silent.getsockname()[1]}/simple\nanything\n")
        words = ("rebuild", "--requirements", str(file))
        with _begin(shared_container, *words, "--yes") as process:
            silent.accept()  # the plan is being made, and will not be done
            assert workers() == (memory().limit_bytes is None)
            process.send_signal(signal.SIGINT)
            _output, errors = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "Traceback" not in errors
        wait(lambda: workers() == 0)
        for more in (["--yes", "--dry-run"], []):
            with _begin(shared_container, *words, *more) as process:
                silent.accept()
                assert workers() == 0
                process.send_signal(signal.SIGINT)
        assert jobs(shared_container) == before


def test_ctrl_c_in_the_switch_is_answered_and_the_job_followed_to_its_end(container: Container) -> None:
    with _begin(container, "rebuild", "--yes") as process:
        _running_step(container, "switch")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert "too late" in errors
    assert process.returncode == 0
    assert "app answered again" in output


def test_a_killed_terminal_of_the_one_who_follows_does_not_end_the_job(container: Container) -> None:
    with _begin(container, "rebuild", "--yes") as process:
        _running_step(container, "install")
        process.kill()
        process.communicate()
    job = find_job(container)
    assert job is not None
    wait(lambda: is_done(job))
    assert container.venv.is_symlink()


def test_a_killed_worker_is_recovered_by_the_one_who_follows(shared_container: Container) -> None:
    with _begin(shared_container, "rebuild", "--yes") as process:
        _running_step(shared_container, "install")
        told = holder(shared_container.lock)
        assert told is not None
        assert isinstance(told["pid"], int)
        os.kill(told["pid"], signal.SIGKILL)
        output, errors = process.communicate(timeout=30)
    assert "killed" in errors
    assert "taken back" in output
    assert process.returncode == 1  # what was asked for was not done
    done = run(shared_container, "venv", "recover")
    assert (done.returncode, "nothing to recover" in done.stdout) == (0, True)


def test_nothing_to_join_is_said(tmp_path: Path) -> None:
    (tmp_path / "srv" / "conf" / "supervisor.d").mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "console", "--root", str(tmp_path), "venv", "attach"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no job" in done.stderr


@pytest.mark.parametrize("words", [("restart",), ("stop",), ("start",)])
def test_programs_are_left_alone_while_they_are_switched(shared_container: Container, words: Sequence[str]) -> None:
    job = create_job(shared_container, Request("rebuild"))
    journal = Journal(job)
    journal.record("begun", pid=os.getpid())
    journal.record("exchange", kind="switch")
    journal.event(Step("switch", "Switching", 5, 6))
    with held(shared_container.lock, "rebuild", job.id):
        done = run(shared_container, *words)
        assert done.returncode == 4
        assert "being switched" in done.stderr
        journal.record("settled", applied=True)
        journal.record("done", cancelled=True)
        assert run(shared_container, "start").returncode == 0
    journal.close()


def test_the_strategy_and_how_many_stay_can_be_chosen(container: Container) -> None:
    assert document(container, "venv", "plan", "--strategy", "in-place")["strategy"] == "in-place"
    assert document(container, "venv", "plan", "--strategy", "beside")["strategy"] == "beside"
    for _number in range(3):
        done = run(container, "venv", "rebuild", "--yes", "--keep", "2")
        assert done.returncode == 0, done.stderr
        time.sleep(1)  # two in one second would only differ by their number
    made = [each for each in container.venvs.iterdir() if not each.is_symlink() and "-py" in each.name]
    assert len(made) == 3
    assert run(container, "venv", "rebuild", "--keep", "0").returncode == 2
