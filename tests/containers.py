"""Containers for tests: each fresh, with real programs, and the next one made while a test runs."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from console.container import Container, find_container
from console.errors import ConsoleError
from console.playground import container_down, container_status, container_up
from console.playground.ports import refuse_taken_ports

RUNNING_SECONDS = 30.0
AHEAD = 2


class Containers:
    """Gives out fresh containers of the image generation; ``expected`` of them will be asked for.

    A container takes seconds to make and to reach RUNNING, mostly waiting, so AHEAD of them are made ahead:
    in processes of their own, which a test that patches this one does not reach.
    """

    def __init__(self, expected: int) -> None:
        self._remaining = expected
        self._environment = dict(os.environ)
        self._pool = ThreadPoolExecutor(max_workers=AHEAD + 1)
        self._ahead: deque[Future[str]] = deque()
        self._removals: list[Future[str]] = []

    def take(self) -> Container:
        """A container that nobody has used, its programs RUNNING."""
        while len(self._ahead) < min(1 + AHEAD, self._remaining):
            self._ahead.append(self._pool.submit(self._elsewhere, "make"))
        self._remaining -= 1
        return find_container(self._ahead.popleft().result())

    def give_back(self, container: Container) -> None:
        """Stop and remove it, while the next test runs."""
        self._removals.append(self._pool.submit(self._elsewhere, "remove", str(container.root)))

    def close(self) -> None:
        """Remove what is left; raises what went wrong in a removal."""
        for made in self._ahead:
            self.give_back(find_container(made.result()))
        self._pool.shutdown()
        for removal in self._removals:
            removal.result()

    def _elsewhere(self, *words: str) -> str:
        """Run this module with ``words``; what it printed."""
        run = subprocess.run(
            [sys.executable, "-m", __name__, *words],
            cwd=Path(__file__).parents[1],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            raise RuntimeError(f"{' '.join(words)} failed:\n{run.stdout}")
        return run.stdout.strip()


def make(
    *,
    generation: str = "image",
    python: str | None = None,
    supervisord: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
    running: bool = True,
    root: Path | None = None,
) -> Container:
    """A new container in a short folder of its own (or in ``root``), on free ports, its programs RUNNING.

    Without ``running`` they answer, but may still be STARTING: a second sooner.
    """
    root = root or new_folder()
    port, app_port = free_ports()
    try:
        container_up(
            root,
            generation=generation,
            python=python,
            port=port,
            app_port=app_port,
            supervisord=supervisord,
            environment=environment,
        )
        if running:
            wait_until_running(root)
    except BaseException:
        remove(root)
        raise
    return find_container(root)


def remove(root: Path) -> None:
    """Stop the container in ``root``, or in a folder of it, and remove all files."""
    for record in [*root.glob("srv/run/playground.json"), *root.glob("*/srv/run/playground.json")]:
        container_down(record.parents[2])
    shutil.rmtree(root)


def new_folder() -> Path:
    """An empty folder with a short path: supervisord's socket in it has room for 107 bytes only."""
    return Path(tempfile.mkdtemp(prefix="rc-", dir="/tmp"))


def free_ports() -> tuple[int, int]:
    """Two ports that nobody listens on, below those that the kernel gives to outgoing connections."""
    while True:
        port, app_port = random.sample(range(20000, 32000), 2)
        try:
            refuse_taken_ports(port, app_port, nginx=True)
        except ConsoleError:
            continue
        return port, app_port


def wait_until_running(root: Path) -> None:
    """Wait until supervisord calls every program RUNNING."""
    deadline = time.monotonic() + RUNNING_SECONDS
    while True:
        programs = container_status(root).programs
        if programs and all(program.state == "RUNNING" for program in programs):
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"not RUNNING after {RUNNING_SECONDS} s: {programs}")
        time.sleep(0.02)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        print(make().root)
    else:
        remove(Path(sys.argv[2]))
