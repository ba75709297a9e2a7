"""The logs' screen while a fast program writes: how far behind it is, how it answers keys, what it sends."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from console.container import Container
from tests.terminal import Terminal, console

from .logs import WRITER
from .measures import Row, kilobytes, limit_row, milliseconds, read_for

RATE = 100_000  # lines a second
SECONDS = 6.0
SLOW_RATE = 100
SLOW_SECONDS = 10.0
RUNS = 5


def run(container: Container) -> list[Row]:
    log = container.log_dir / "bench.log"
    ends, keys, tail_ends = [], [], []
    try:
        for number in range(RUNS):
            # The screen looks four times a second: the writer ends at another moment between two looks each time.
            ended, answers = _fast(container, log, SECONDS + 0.05 * number)
            ends.append(ended)
            keys += answers
            if number < 2:
                tail_ends.append(_fast_tail(log))
        sent = _slow(container, log)
        tail_sent = _slow_tail(log)
    finally:
        for file in log.parent.glob("bench.log*"):
            file.unlink()
    return [
        limit_row(
            f"logs' screen at {RATE:,} lines a second over 2 rotations: from the writer's end to its last line on the "
            f"screen, the slowest of {RUNS}, beside tail -F",
            max(ends),
            max(tail_ends),
            0.3,
            milliseconds,
        ),
        limit_row(
            f"logs' screen at {RATE:,} lines a second: from a key to its answer, median",
            statistics.median(keys),
            None,
            0.1,
            milliseconds,
        ),
        limit_row(f"the same, the slowest of {len(keys)}", max(keys), None, 0.1, milliseconds),
        limit_row(
            f"bytes a second to a terminal of 256 colours at {SLOW_RATE} lines a second, beside tail -F",
            sent,
            tail_sent,
            60_000,
            kilobytes,
        ),
    ]


def _writer(log: Path, rate: int, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(log), str(rate), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _opened(container: Container, log: Path, terminal: Terminal) -> None:
    """The screen on ``log``, which is the newest file, and so the first one of the list."""
    log.write_text("ready to begin\n")
    os.utime(log, (time.time() + 3600, time.time() + 3600))
    terminal.wait_for(r"The site is up")
    terminal.press("l")
    terminal.wait_for(r"following")
    terminal.press("\t" + "k" * 9 + "\r")
    terminal.wait_for(r"ready to begin")


def _fast(container: Container, log: Path, seconds: float) -> tuple[float, list[float]]:
    """Seconds from the writer's end to the last line, and from each key to the bytes that answer it."""
    log.write_text("ready to begin\n")
    answers: list[float] = []
    with Terminal(console(container.root)) as terminal:
        _opened(container, log, terminal)
        writer = _writer(log, RATE, seconds)
        read_for(terminal, 0.5)
        pages = (("\x1b[5~", b"paused"), ("f", b"following"))
        number = 0
        while writer.poll() is None and number < 16:
            key, answer = pages[number % 2]
            number += 1
            begun, at = time.monotonic(), len(terminal.output)
            terminal.press(key)
            while answer not in terminal.output[at:] and time.monotonic() - begun < 5:
                terminal.read(0.005)
            answers.append(terminal.arrived - begun)
            read_for(terminal, 0.15)
        while writer.poll() is None:
            terminal.read(0.005)
        ended = time.monotonic()
        last = int(writer.communicate()[0]) - 1
        terminal.wait_for(rf"(?m)^..{last} a line")
        return max(0.0, terminal.arrived - ended), answers


def _fast_tail(log: Path) -> float:
    log.write_text("ready to begin\n")
    with Terminal(["tail", "-n", "1", "-F", str(log)]) as terminal:
        terminal.wait_for(r"ready to begin")
        writer = _writer(log, RATE, SECONDS)
        while writer.poll() is None:
            terminal.read(0.005)
        ended = time.monotonic()
        last = int(writer.communicate()[0]) - 1
        terminal.wait_for(rf"(?m)^{last} a line", 300)
        return max(0.0, terminal.arrived - ended)


def _slow(container: Container, log: Path) -> float:
    with Terminal(console(container.root), environment={"TERM": "xterm-256color"}) as terminal:
        _opened(container, log, terminal)
        return _bytes_a_second(log, terminal)


def _slow_tail(log: Path) -> float:
    log.write_text("ready to begin\n")
    with Terminal(["tail", "-n", "1", "-F", str(log)]) as terminal:
        terminal.wait_for(r"ready to begin")
        return _bytes_a_second(log, terminal)


def _bytes_a_second(log: Path, terminal: Terminal) -> float:
    read_for(terminal, 2.0)
    writer, sent = _writer(log, SLOW_RATE, SLOW_SECONDS), len(terminal.output)
    read_for(terminal, SLOW_SECONDS)
    writer.wait()
    return (len(terminal.output) - sent) / SLOW_SECONDS
