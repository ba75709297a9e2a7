"""What the launcher costs: an installed console started by it, against the same one started by its interpreter."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from console.container import Container
from console.installation.install import install, plan_install
from console.installation.places import container_places
from console.installation.uninstall import uninstall

from .measures import Row, difference_row

RUNS = 31
MOST_SECONDS = 0.05


def run(container: Container) -> list[Row]:
    """The ways take turns. In the first start that is measured the launcher has already searched once, as always but
    after a change of the image; the search is measured by itself.
    """
    places = container_places(container)
    tree = install(plan_install(places)).tree
    try:
        rows = []
        for name, words in (("console --version", ["--version"]), ("console status", ["status"])):
            arguments = ["--root", str(container.root), *words]
            subprocess.run([places.launcher, *arguments], check=True, capture_output=True)
            python = places.last_python.read_text().strip()
            direct = [python, "-I", "-S", str(tree), "console", *arguments]
            known, searched, peer = [], [], []
            for _run in range(RUNS):
                peer.append(first_output(direct))
                known.append(first_output([str(places.launcher), *arguments]))
                places.last_python.unlink()
                searched.append(first_output([str(places.launcher), *arguments]))
            for kind, times in (("the Python known", known), ("the Python searched for", searched)):
                rows.append(
                    difference_row(
                        f"`{name}` by the launcher, {kind}, against its interpreter directly",
                        statistics.median(times),
                        statistics.median(peer),
                        MOST_SECONDS,
                    )
                )
        return rows
    finally:
        uninstall(places)


def first_output(command: Sequence[str]) -> float:
    """Seconds from the start of ``command`` until its first byte on stdout."""
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path("/")) as process:
        assert process.stdout is not None
        if not process.stdout.read(1):
            raise RuntimeError(f"{command} printed nothing")
        seconds = time.perf_counter() - begun
        process.stdout.read()
    return seconds
