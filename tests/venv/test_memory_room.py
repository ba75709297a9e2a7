"""How much of a container's memory a job and a second app find free."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.container import Container
from console.results import Memory
from console.venv import memory_room
from console.venv.memory_room import JOB_BYTES, SPARE_BYTES, anonymous_bytes, has_room_for_app, room_for_job
from console.venv.plan import plan_rebuild
from tests.e2e.test_console import pid_of

LIMIT = 134_217_728


def _used(monkeypatch: pytest.MonkeyPatch, used: int, limit: int | None = LIMIT) -> None:
    monkeypatch.setattr(memory_room, "memory", lambda: Memory(used_bytes=used, limit_bytes=limit))


def test_a_job_has_room_where_its_peak_fits_below_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    _used(monkeypatch, LIMIT - JOB_BYTES)
    assert room_for_job() is None
    _used(monkeypatch, LIMIT - JOB_BYTES + 1)
    assert room_for_job() == (JOB_BYTES, JOB_BYTES - 1)
    _used(monkeypatch, LIMIT + 1)
    assert room_for_job() == (JOB_BYTES, 0)


def test_without_a_limit_there_is_always_room(shared_container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    _used(monkeypatch, 1 << 60, None)
    assert room_for_job() is None
    assert has_room_for_app(shared_container)


def test_a_second_app_takes_what_the_largest_process_of_the_first_takes(
    shared_container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = pid_of(shared_container, "app")
    assert master is not None
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    largest = max(anonymous_bytes(int(pid)) for pid in [str(master), *children])
    assert largest > 1_000_000
    _used(monkeypatch, LIMIT - largest // 2)
    assert not has_room_for_app(shared_container)
    _used(monkeypatch, LIMIT - 2 * largest - SPARE_BYTES)
    assert has_room_for_app(shared_container)


def test_an_app_that_does_not_run_leaves_its_own_room(bare: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_room, "all_programs", lambda container: ())
    _used(monkeypatch, LIMIT)
    assert has_room_for_app(bare)


def test_the_plan_says_that_the_start_will_be_the_proof(
    shared_container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "its start after the switch shows"
    assert not any(said in warning for warning in plan_rebuild(shared_container).warnings)
    _used(monkeypatch, LIMIT)
    assert any(said in warning for warning in plan_rebuild(shared_container).warnings)
    assert not any(said in warning for warning in plan_rebuild(shared_container, strategy="in-place").warnings)


def test_what_a_process_holds_in_no_file_is_counted() -> None:
    code = "data = b'x' * 30_000_000; print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        held = anonymous_bytes(process.pid)
        process.kill()
    assert 30_000_000 < held < 60_000_000
    assert anonymous_bytes(process.pid) == 0
    assert anonymous_bytes(os.getpid()) > 0
