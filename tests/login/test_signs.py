"""The signs of life go to the script that started the console, and to nobody else."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from console.login import signs


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, int]]]:
    """Signals that would have been sent; nothing else is replaced."""
    found: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: found.append((pid, number)))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGQUIT)}
    yield found
    signs.ready()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_signs_go_to_the_parent_until_the_screens_stand(
    monkeypatch: pytest.MonkeyPatch, sent: list[tuple[int, int]]
) -> None:
    parent = os.getppid()
    monkeypatch.setenv("CONSOLE_LOGIN_PID", str(parent))
    signs.begin()
    signs.alive()
    signs.ready()
    signs.ready()
    signs.alive()
    assert sent == [(parent, signal.SIGUSR1), (parent, signal.SIGUSR1), (parent, signal.SIGUSR2)]
    assert "CONSOLE_LOGIN_PID" not in os.environ


def test_what_is_loaded_is_a_sign_but_not_each_of_it(
    monkeypatch: pytest.MonkeyPatch, sent: list[tuple[int, int]]
) -> None:
    before = list(sys.meta_path)
    monkeypatch.setenv("CONSOLE_LOGIN_PID", str(os.getppid()))
    signs.begin()
    began = signs._last
    for later in (0.1, 0.2, 0.6, 0.7, 1.2):
        now = began + later
        monkeypatch.setattr(time, "monotonic", lambda now=now: now)
        assert importlib.util.find_spec(f"no_such_module_{later}".replace(".", "_")) is None
    assert [number for _pid, number in sent] == [signal.SIGUSR1] * 3
    signs.ready()
    assert sys.meta_path == before


@pytest.mark.parametrize("told", ["", "1x", "-5", "²", "99999999", str(os.getpid())])
def test_a_number_that_is_not_the_parents_gets_none(
    monkeypatch: pytest.MonkeyPatch, sent: list[tuple[int, int]], told: str
) -> None:
    monkeypatch.setenv("CONSOLE_LOGIN_PID", told)
    signs.begin()
    signs.alive()
    signs.ready()
    assert sent == []
    assert "CONSOLE_LOGIN_PID" not in os.environ


def test_a_parent_that_is_gone_gets_none(monkeypatch: pytest.MonkeyPatch, sent: list[tuple[int, int]]) -> None:
    monkeypatch.setenv("CONSOLE_LOGIN_PID", str(os.getppid()))
    signs.begin()
    sent.clear()
    monkeypatch.setattr(os, "getppid", lambda: 1)
    signs.ready()
    assert sent == []
