"""A job's programs: their lines, and their end when the job is taken back."""

from __future__ import annotations

import os
import selectors
import time
from pathlib import Path

import pytest

from console.errors import ConsoleError
from console.events import Cancelled
from console.venv.child import clean_environment, masked, run_child, silent_end
from tests.busy_machine import LateSelector


def _run(script: str) -> tuple[int, list[str]]:
    lines: list[str] = []
    code = run_child(["sh", "-c", script], on_line=lines.append, check=lambda: None)
    return code, lines


def _end(pids: list[int]) -> bool:
    """Whether all of them have ended, a moment after they were killed."""
    deadline = time.monotonic() + 10
    while any(_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(_alive(pid) for pid in pids)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_lines_of_both_streams_come_in_order_and_the_exit_code_is_returned() -> None:
    assert _run("echo one; echo two >&2; printf 'part 1\\rpart 2\\n'; printf last; exit 3") == (
        3,
        ["one", "two", "part 2", "last"],
    )


def test_bytes_that_are_no_text_do_not_stop_it() -> None:
    assert _run("printf 'a\\377b\\n'") == (0, ["a\ufffdb"])


def test_credentials_in_urls_are_masked() -> None:
    assert _run("echo 'Looking in https://me:s3cret@h.example/simple'")[1] == [
        "Looking in https://***@h.example/simple"
    ]
    assert masked("https://user:p@ss@h/x and https://token@h/") == "https://***@h/x and https://***@h/"
    assert (
        masked("git+ssh://git@h/u/p.git, mail a@b, https://h/a@b") == "git+ssh://git@h/u/p.git, mail a@b, https://h/a@b"
    )


def test_a_program_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConsoleError) as refused:
        run_child([str(tmp_path / "gone")], on_line=lambda _line: None, check=lambda: None)
    assert "gone" in refused.value.title


@pytest.mark.parametrize("trap", ["", "trap '' TERM; "])
def test_taking_the_job_back_ends_the_program_and_its_children(trap: str) -> None:
    pids: list[int] = []

    def check() -> None:
        if len(pids) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_child(
            ["sh", "-c", f"{trap}(echo $$; exec sh -c 'echo $$; exec sleep 60') & echo; wait; sleep 60"],
            on_line=lambda line: pids.append(int(line)) if line else None,
            check=check,
        )
    assert _end(pids)


def test_an_exception_while_a_line_is_told_ends_the_program() -> None:
    pids: list[int] = []

    def heard(line: str) -> None:
        pids.append(int(line))
        raise Cancelled

    with pytest.raises(Cancelled):
        run_child(["sh", "-c", "echo $$; exec sleep 60"], on_line=heard, check=lambda: None)
    assert _end(pids)


def test_a_grandchild_that_keeps_the_output_open_is_not_waited_for() -> None:
    began = time.monotonic()
    pids: list[str] = []
    assert run_child(["sh", "-c", "sleep 30 & echo $!"], on_line=pids.append, check=lambda: None) == 0
    assert time.monotonic() - began < 20
    os.kill(int(pids[0]), 9)


def test_the_last_lines_are_not_lost_on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "DefaultSelector", LateSelector)
    assert _run("sleep 0.3; echo why; exit 3") == (3, ["why"])


def test_an_end_without_a_word_has_its_reason_all_the_same() -> None:
    assert "exit status 3" in silent_end("uv", 3)
    assert "signal 15" in silent_end("uv", -15)
    assert "memory" in silent_end("uv", -9)


def test_what_belongs_to_another_python_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/srv/app")
    monkeypatch.setenv("VIRTUAL_ENV", "/srv/venv")
    monkeypatch.setenv("PIP_INDEX_URL", "https://h/simple")
    environment = clean_environment(UV_CONCURRENT_BUILDS="1")
    assert "PYTHONPATH" not in environment
    assert "VIRTUAL_ENV" not in environment
    assert (environment["PIP_INDEX_URL"], environment["UV_CONCURRENT_BUILDS"]) == ("https://h/simple", "1")
