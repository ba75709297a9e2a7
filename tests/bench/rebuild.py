"""A rebuild of a Django site's virtualenv against the guide's commands and plain restarts: time, memory, disk.

Each is what a person runs: the guide's commands as a shell script, the console as a process that follows its worker.
"""

from __future__ import annotations

import os
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from console.container import Container
from console.shell_commands import supervisorctl
from console.venv.generations import previous
from tests.terminal import Terminal, console
from tests.venv.loops import Visitors

from .django_site import django_site, guide_script
from .journaled_disk import journaled_disk
from .measures import Row, limit_row, megabytes, milliseconds, ratio_row, read_for, told_row
from .tree_memory import Peak, TreeMemory

RUNS = 5
GOAL_BYTES = 110_000_000


@dataclass(frozen=True)
class Interruption:
    """A command under a request loop: how long it took, how long no request was answered, how many failed, and how
    long after its beginning they were answered again.
    """

    seconds: float
    downtime: float
    failed: int
    answered: float


def run(_container: Container) -> list[Row]:
    """In a container of its own, which has another app."""
    with journaled_disk() as folder, django_site(root=folder / "c" if folder is not None else None) as site:
        memory = _memory(site)  # the first of all rebuilds: its caches are warm for those that are timed
        kind = "ext4 with a journal" if folder is not None else "the machine's own"
        return [Row("disk of the rebuilds", kind, kind, None, "", True), *_times(site), *memory, _disk(site)]


def _times(site: Container) -> list[Row]:
    commands = {
        "guide": ["bash", "-ec", guide_script(site)],
        "rebuild": _rebuild(site),
        "supervisorctl": shlex.split(supervisorctl(site, "restart", "app")),
        "restart": _console(site, "restart"),
    }
    runs: dict[str, list[Interruption]] = {name: [] for name in [*commands, "first", "not compiled"]}
    switched: list[float] = []  # seconds from the command to an answer, where the app was down
    for _run in range(RUNS):
        for name, command in commands.items():
            runs[name].append(_under_requests(site, command))
        _forget_byte_code(site)
        runs["not compiled"].append(_under_requests(site, commands["restart"]))
        _check(subprocess.run(commands["guide"], capture_output=True, text=True, check=False))
        shutil.rmtree(site.venvs)  # as after an image switch: no byte code of this Python is there
        runs["first"].append(_under_requests(site, commands["rebuild"]))
        _check(subprocess.run(commands["guide"], capture_output=True, text=True, check=False))
        shutil.rmtree(site.venvs)
        _take_interpreter_away(site)
        switched.append(_until_answer(site, _rebuild(site, "--strategy", "beside")))
        _forget_originals(site)

    down = {name: statistics.median(run.downtime for run in those) for name, those in runs.items()}
    spent = {name: statistics.median(run.seconds for run in those) for name, those in runs.items()}
    failed = {name: round(statistics.median(run.failed for run in those)) for name, those in runs.items()}
    down_rows = [
        ("downtime of a rebuild, against the guide's commands", "rebuild", "guide", 0.2),
        ("downtime of a rebuild, against `supervisorctl restart app`", "rebuild", "supervisorctl", 1.15),
        ("downtime of a rebuild, against `console restart app`", "rebuild", "restart", 1.15),
        ("downtime of a rebuild, against a restart without byte code", "rebuild", "not compiled", 0.8),
    ]
    return [
        *(ratio_row(name, down[ours], down[peer], most, milliseconds) for name, ours, peer, most in down_rows),
        ratio_row(
            "requests that failed in a rebuild, against the guide's commands",
            failed["rebuild"],
            failed["guide"],
            0.2,
            lambda count: f"{count:.0f}",
        ),
        ratio_row(
            "from the command to the end of a rebuild, against the guide's commands",
            spent["rebuild"],
            spent["guide"],
            0.5,
            milliseconds,
        ),
        told_row(
            "the same where no other virtualenv of this Python is kept", spent["first"], spent["guide"], milliseconds
        ),
        ratio_row(
            "from the command to the app's answer where its interpreter is gone, against the guide's commands",
            statistics.median(switched),
            statistics.median(run.answered for run in runs["guide"]),
            0.5,
            milliseconds,
        ),
    ]


def _under_requests(site: Container, command: Sequence[str]) -> Interruption:
    with Visitors(site.app_port) as visitors:
        time.sleep(0.5)
        began = time.monotonic()
        _check(subprocess.run(command, capture_output=True, text=True, check=False))
        spent = time.monotonic() - began
        # The guide's last command does not wait for an answer.
        limit = time.monotonic() + 30
        while not _answers_again(visitors) and time.monotonic() < limit:
            time.sleep(0.02)
        time.sleep(0.3)
    gap, again = max((later - earlier, later) for earlier, later in pairwise(visitors.answered))
    return Interruption(spent, gap, len(visitors.failed), again - began)


def _until_answer(site: Container, command: Sequence[str]) -> float:
    with Visitors(site.app_port) as visitors:
        time.sleep(0.5)
        if visitors.answered:
            raise RuntimeError("the app should be down")
        began = time.monotonic()
        _check(subprocess.run(command, capture_output=True, text=True, check=False))
    return visitors.answered[0] - began


def _take_interpreter_away(site: Container) -> None:
    """As a change of the image's Python does."""
    for link in (site.venv / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/gone/python")
    subprocess.run(shlex.split(supervisorctl(site, "stop", "app")), capture_output=True, check=True)


def _answers_again(visitors: Visitors) -> bool:
    return bool(visitors.failed) and visitors.answered[-1] > visitors.failed[-1]


def _memory(site: Container) -> list[Row]:
    """In runs of their own: the looking takes a good part of a core."""
    guide = _peak(["bash", "-ec", guide_script(site)])
    followed = max((_peak(_rebuild(site)) for _run in range(2)), key=lambda peak: peak.bytes)
    with Terminal(console(site.root)) as terminal, TreeMemory(terminal.pid) as watched:
        terminal.wait_for("The site is up")
        read_for(terminal, 2)
        terminal.press("v")
        terminal.wait_for("b Rebuild")
        terminal.press("b")
        terminal.wait_for(r"Rebuild the virtualenv\?", 60)
        terminal.press("y")
        terminal.wait_for("app answered again", 120)
        read_for(terminal, 2)
    for name, peak in (("guide", guide), ("followed", followed), ("screens", watched.peak)):
        print(f"{name}: {megabytes(peak.bytes)}", *peak.parts, sep="\n  ", file=sys.stderr)
    return [
        limit_row(
            "memory of a rebuild that cannot be reclaimed, beside the guide's commands",
            followed.bytes,
            guide.bytes,
            GOAL_BYTES,
            megabytes,
        ),
        limit_row("the same with the screens open", watched.peak.bytes, guide.bytes, GOAL_BYTES, megabytes),
    ]


def _peak(command: Sequence[str]) -> Peak:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        with TreeMemory(process.pid) as watched:
            process.wait()
        if process.returncode != 0:
            raise RuntimeError(f"{command} failed")
        return watched.peak


def _disk(site: Container) -> Row:
    """After two rebuilds of each kind: the guide has one virtualenv, the console the one before as well."""
    _check(subprocess.run(["bash", "-ec", guide_script(site)], capture_output=True, text=True, check=False))
    guide = allocated(site.venv, site.srv / ".cache" / "pip")
    for _run in range(2):
        _check(subprocess.run(_rebuild(site), capture_output=True, text=True, check=False))
    kept = previous(site)
    assert kept is not None
    ours = allocated(Path(os.path.realpath(site.venv)), kept, site.srv / ".cache" / "uv")
    return ratio_row(
        "disk for the new virtualenv, the one before and uv's cache, against the guide's one",
        ours,
        guide,
        2.0,
        megabytes,
    )


def allocated(*folders: Path) -> int:
    """The blocks of all that is in ``folders``, each file once however many names it has."""
    found = {}
    for folder in folders:
        for parent, names, files in os.walk(folder):
            for name in (*names, *files):
                facts = Path(parent, name).lstat()
                found[facts.st_dev, facts.st_ino] = facts.st_blocks * 512
    return sum(found.values())


def _forget_byte_code(site: Container) -> None:
    for folder in [*Path(os.path.realpath(site.venv)).rglob("__pycache__")]:
        shutil.rmtree(folder)


def _forget_originals(site: Container) -> None:
    """The guide's virtualenvs, which a rebuild keeps for ever as it did not make them."""
    for folder in site.venvs.glob("*-original"):
        shutil.rmtree(folder)


def _rebuild(site: Container, *options: str) -> list[str]:
    return _console(site, "venv", "rebuild", "--yes", *options)


def _console(site: Container, *words: str) -> list[str]:
    return [sys.executable, "-m", "console", "--root", str(site.root), *words]


def _check(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode != 0:
        raise RuntimeError(f"{done.args} failed:\n{done.stdout}{done.stderr}")
