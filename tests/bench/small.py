"""A rebuild in a memory cgroup of 128 MB that holds supervisord, nginx, the Django site and the console itself."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from console.container import Container
from console.own_python import own_command
from tests.memory_group import MemoryGroup, memory_group
from tests.venv.loops import Visitors

from .django_site import django_site, guide_script
from .measures import Row, limit_row, megabytes, milliseconds, ratio_row
from .tree_memory import SAMPLE_SECONDS

LIMIT = 128 * 1024 * 1024
RUNS = 3


@dataclass(frozen=True)
class Small:
    """One run: the most that was held at once, how many processes were killed for it, how long nobody was answered."""

    held: int
    killed: int
    downtime: float


def run(_container: Container) -> list[Row]:
    """In a container of its own; no rows where nobody may make such a group."""
    try:
        with memory_group() as group, django_site(group.inside(own_command("supervisor.supervisord"))) as site:
            return _rows(site, group)
    except OSError as error:
        print(f"left out, as no memory cgroup can be made here: {error}", file=sys.stderr)
        return []


def _rows(site: Container, group: MemoryGroup) -> list[Row]:
    rebuild = [sys.executable, "-m", "console", "--root", str(site.root), "venv", "rebuild", "--yes"]
    guide = ["bash", "-ec", guide_script(site)]
    subprocess.run(rebuild, check=True, capture_output=True)  # for warm caches
    group.limit(LIMIT)
    ours, cold, peer = [], [], []
    for _run in range(RUNS):
        peer.append(_measured(site, group, guide))
        ours.append(_measured(site, group, rebuild))
        shutil.rmtree(site.srv / ".cache" / "uv")
        subprocess.run(guide, check=True, capture_output=True)
        shutil.rmtree(site.venvs)  # no byte code of this Python is there either
        cold.append(_measured(site, group, rebuild))
        for original in site.venvs.glob("*-original"):
            shutil.rmtree(original)
    group.limit(None)
    held, killed = "held at once by all of a container of 128 MB", "processes killed for want of memory in it"
    rows = [
        limit_row(f"{held}, in a rebuild", _most(ours), _most(peer), LIMIT, megabytes),
        limit_row("the same with an empty cache", _most(cold), _most(peer), LIMIT, megabytes),
        limit_row(killed, _killed(ours + cold), _killed(peer), 0, str),
    ]
    down = ratio_row(
        "downtime of a rebuild in it, against the guide's commands", _downtime(ours), _downtime(peer), 0.2, milliseconds
    )
    return [*rows, down]


def _measured(site: Container, group: MemoryGroup, command: Sequence[str]) -> Small:
    before = group.killed
    with Visitors(site.app_port) as visitors:
        time.sleep(0.5)
        with _watched(group) as held:
            subprocess.run(group.inside(command), check=True, capture_output=True)
        time.sleep(2)
    return Small(
        max(held), group.killed - before, max(later - earlier for earlier, later in pairwise(visitors.answered))
    )


@contextmanager
def _watched(group: MemoryGroup) -> Iterator[list[int]]:
    held, leave = [group.held], threading.Event()

    def watch() -> None:
        while not leave.wait(SAMPLE_SECONDS):
            held.append(group.held)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield held
    finally:
        leave.set()
        thread.join()


def _most(runs: Sequence[Small]) -> int:
    return max(one.held for one in runs)


def _killed(runs: Sequence[Small]) -> int:
    return sum(one.killed for one in runs)


def _downtime(runs: Sequence[Small]) -> float:
    return statistics.median(one.downtime for one in runs)
