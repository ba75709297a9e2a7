"""CPU and memory of process trees."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from console.programs import usage as usage_module
from console.programs.usage import Usage

from .waiting import wait_for

# A parent with 40 MB, which its child shares; the child burns CPU until its standard input ends.
SHARING = """
import os, threading, sys
data = bytearray(b"x") * 40_000_000
if os.fork() == 0:
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0))).start()
    while True: pass
os.wait()
"""


@pytest.fixture
def sharing() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", SHARING], stdin=subprocess.PIPE) as process:
        wait_for(lambda: psutil.Process(process.pid).children())
        yield process


def test_cpu_is_the_trees_and_known_from_the_second_sample_on(sharing: subprocess.Popen[bytes]) -> None:
    usage = Usage()
    assert usage.sample([sharing.pid])[sharing.pid].cpu_percent is None
    time.sleep(0.4)
    found = usage.sample([sharing.pid])[sharing.pid]
    assert found.processes == 2
    assert found.cpu_percent is not None
    assert 5 < found.cpu_percent < 150


def test_shared_memory_counts_once(sharing: subprocess.Popen[bytes]) -> None:
    found = Usage().sample([sharing.pid])[sharing.pid]
    assert 40_000_000 < found.memory_bytes < 75_000_000


def test_where_the_proportional_size_is_hidden_the_resident_one_counts(
    sharing: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_module, "_proportional_bytes", lambda _pid: None)
    assert Usage().sample([sharing.pid])[sharing.pid].memory_bytes > 80_000_000


def test_memory_is_measured_anew_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = Usage()
    before = usage.sample([os.getpid()])[os.getpid()].memory_bytes
    held = mmap.mmap(-1, 50_000_000)  # new pages for certain, also in a process that has some to spare
    held.write(b"x" * 50_000_000)
    assert usage.sample([os.getpid()])[os.getpid()].memory_bytes == before
    monkeypatch.setattr(usage_module, "MEMORY_SECONDS", 0.0)
    usage.sample([os.getpid()])
    assert usage.sample([os.getpid()])[os.getpid()].memory_bytes > before + 40_000_000
    held.close()


def test_a_process_that_has_ended_is_left_out() -> None:
    usage = Usage()
    with subprocess.Popen(["/bin/sleep", "100"]) as process:
        assert process.pid in usage.sample([process.pid])
        process.kill()
        process.wait()
    assert usage.sample([process.pid]) == {}
    assert usage.sample([]) == {}


def test_a_newborn_child_counts_from_its_birth() -> None:
    usage = Usage()
    code = "import os, sys\nsys.stdin.readline()\nos.fork()\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        usage.sample([process.pid])
        process.stdin.write(b"\n")
        process.stdin.flush()
        time.sleep(0.3)
        found = usage.sample([process.pid])[process.pid]
        for child in psutil.Process(process.pid).children():
            child.kill()
        process.kill()
    assert found.processes == 2
    assert found.cpu_percent is not None
    assert found.cpu_percent > 5


def test_warm_takes_the_first_sample_and_waits() -> None:
    usage = Usage()
    usage.warm([os.getpid()], 0.05)
    assert usage.sample([os.getpid()])[os.getpid()].cpu_percent is not None
