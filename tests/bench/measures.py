"""How things are measured: time until a text is on a screen, bytes sent to it, memory and CPU of a process tree."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psutil

from tests.terminal import Terminal


@dataclass(frozen=True)
class Row:
    """One line of the report. ``goal`` is what the ratio or figure is to be at most, empty where it only informs;
    ``ok`` says whether it is.
    """

    name: str
    console: str
    peer: str
    ratio: float | None
    goal: str
    ok: bool


def ratio_row(name: str, console: float, peer: float, most: float, show: Callable[[float], str]) -> Row:
    """A row that compares the console with a peer of the same run."""
    ratio = console / peer
    return Row(name, show(console), show(peer), ratio, f"at most {most:g} times", ratio <= most)


def told_row(name: str, console: float, peer: float, show: Callable[[float], str]) -> Row:
    """A row that only informs."""
    return Row(name, show(console), show(peer), console / peer, "", True)


def limit_row(name: str, console: float, peer: float | None, most: float, show: Callable[[float], str]) -> Row:
    """A row with an absolute goal; the peer stands beside it for comparison."""
    return Row(
        name, show(console), show(peer) if peer is not None else "–", None, f"at most {show(most)}", console <= most
    )


def difference_row(name: str, console: float, peer: float, most: float) -> Row:
    """A row whose goal is how many seconds more than the peer it may take."""
    goal = f"at most {milliseconds(most)} more"
    return Row(name, milliseconds(console), milliseconds(peer), console / peer, goal, console - peer <= most)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def megabytes(count: float) -> str:
    return f"{count / 1e6:.1f} MB"


def kilobytes(count: float) -> str:
    return f"{count / 1000:.1f} kB"


def percent(share: float) -> str:
    return f"{share * 100:.2f} %"


def time_until(command: Sequence[str], *texts: str, columns: int = 80, rows: int = 24) -> list[float]:
    """Seconds from the start of ``command`` until each of ``texts`` (patterns, in order) is on the screen."""
    with Terminal(command, columns=columns, rows=rows) as terminal:
        times = []
        for text in texts:
            terminal.wait_for(text)
            times.append(terminal.arrived - terminal.started)  # the emulator's own time does not count
        return times


def medians(runs: Sequence[Sequence[float]]) -> list[float]:
    """The median of each column of ``runs``."""
    return [statistics.median(column) for column in zip(*runs, strict=True)]


@dataclass(frozen=True)
class Resting:
    """A program that was left alone for ``seconds``: what it sent, what it used, how large it is."""

    seconds: float
    bytes_sent: int
    cpu_seconds: float
    rss_bytes: int


def at_rest(command: Sequence[str], ready: str, *, settle: float, seconds: float) -> Resting:
    """Start ``command``, wait for ``ready`` and ``settle`` seconds more, then measure for ``seconds``."""
    with Terminal(command) as terminal:
        terminal.wait_for(ready)
        read_for(terminal, settle)
        process = psutil.Process(terminal.pid)
        before, sent = process.cpu_times(), len(terminal.output)
        read_for(terminal, seconds)
        after = process.cpu_times()
        spent = (after.user + after.system) - (before.user + before.system)
        return Resting(seconds, len(terminal.output) - sent, spent, process.memory_info().rss)


def read_for(terminal: Terminal, seconds: float) -> None:
    """Be the terminal for ``seconds``, whatever comes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        terminal.read(min(0.5, deadline - time.monotonic()))
