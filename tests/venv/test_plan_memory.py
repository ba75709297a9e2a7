"""What a plan says of memory, by a container's limit."""

from __future__ import annotations

import os

import pytest

from console.results import Memory, PackageChange
from console.venv import plan_memory
from console.venv.changes import Changes
from console.venv.installer import PIP, UV
from console.venv.memory_room import FOLLOWING_BYTES, anonymous_bytes
from console.venv.plan_memory import free_memory, memory_bytes, memory_warnings

LIMIT, USED = 134_217_728, 100_000_000


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_memory, "memory", lambda: Memory(used_bytes=USED, limit_bytes=LIMIT))


def test_what_planning_holds_is_free_for_the_job(small: None) -> None:
    own = anonymous_bytes(os.getpid())
    assert own > FOLLOWING_BYTES
    ends, follows = free_memory(ends=True), free_memory(ends=False)
    assert ends is not None
    assert follows is not None
    assert ends == pytest.approx(LIMIT - USED + own, abs=2_000_000)
    assert ends - follows == pytest.approx(FOLLOWING_BYTES, abs=2_000_000)


def test_without_a_limit_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_memory, "memory", lambda: Memory(used_bytes=USED, limit_bytes=None))
    assert free_memory(ends=True) is None
    assert memory_warnings(Changes(), 1 << 60, None) == []


def test_too_little_is_said_before() -> None:
    assert memory_warnings(Changes(), 45_000_000, 45_000_000) == []
    (said,) = memory_warnings(Changes(), 45_000_001, 45_000_000)
    assert "45 MB" in said


def test_a_build_is_named_where_memory_is_small() -> None:
    changes = Changes((PackageChange("lxml", None, "5.0", "build"), PackageChange("six", None, "1.0", "wheel")))
    (said,) = memory_warnings(changes, 1, 255_000_000)
    assert "lxml" in said
    assert "six" not in said
    assert memory_warnings(changes, 1, 256_000_000) == []


def test_pip_takes_more_than_uv_and_a_repair_installs_nothing() -> None:
    assert memory_bytes("beside", PIP) > memory_bytes("beside", UV) == memory_bytes("repair", PIP)
