"""A container that faults are tried on, and what must be true of it after each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from console.container import Container
from console.health.http import ask
from console.lock import holder
from console.programs.table import read_programs
from console.results import Rebuild
from console.venv.generations import previous
from console.venv.jobs import JobFolder, Request, create_job, is_done, unfinished
from console.venv.journal_lines import read_journal
from console.venv.plan import plan_rebuild
from console.venv.recovery import recover
from tests.venv.snapshots import tree, without_byte_code

ROOT = Path(__file__).parents[2]
OWN_FILE = "notes-of-mine.txt"
# The worker as it is, but that it dies right before (or after) the n-th call of one function.
_WORKER = """
import functools, importlib, os, signal, sys
from pathlib import Path
from console.container import find_container
from console.venv.jobs import JobFolder
module, name, number, when, root, job = sys.argv[1:]
if module:
    home = importlib.import_module(module)
    owner, _dot, attribute = name.rpartition(".")
    home = getattr(home, owner) if owner else home
    real, calls = getattr(home, attribute), 0
    def deadly(*arguments, **named):
        global calls
        calls += 1
        if calls == int(number) and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*arguments, **named)
        if calls == int(number):
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(home, attribute, deadly)
from console.venv.worker import run_job
for each in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
    signal.signal(each, signal.SIG_IGN)
sys.exit(run_job(find_container(root), JobFolder(Path(job))))
"""


class Scene:
    """A container before a fault: which virtualenv it has, and what belongs to the customer."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.old = Path(os.path.realpath(container.venv))
        (self.old / OWN_FILE).write_text("mine\n")
        self.old_files = without_byte_code(tree(self.old))
        self.requirements = container.requirements.read_bytes()

    # -- a job that something happens to ---------------------------------------------------------

    def job(self, request: Request) -> JobFolder:
        return create_job(self.container, request)

    def run_worker(
        self, job: JobFolder, *, module: str = "", function: str = "", number: int = 1, when: str = "before"
    ) -> subprocess.Popen[bytes]:
        words = [module, function, str(number), when, str(self.container.root), str(job.path)]
        errors = job.errors.open("wb")
        with errors:
            return subprocess.Popen(
                [sys.executable, "-c", _WORKER, *words],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
            )

    def request(self, **wanted: object) -> Request:
        plan = plan_rebuild(self.container, **wanted)  # type: ignore[arg-type]
        assert plan.ok, plan.problems
        return Request("rebuild", plan, timeout=10)

    # -- what must be true afterwards ------------------------------------------------------------

    def recover(self) -> Rebuild:
        """Recover twice: the second time has nothing to do, and does nothing."""
        result = recover(self.container, timeout=10)
        assert unfinished(self.container) == []
        state, programs = self._state(), self._pids()
        again = recover(self.container, timeout=10)
        assert again.ok
        assert again.headline == "There is nothing to recover."
        assert (self._state(), self._pids()) == (state, programs)
        return result

    def check(self, *, runs: bool = True) -> str:
        """Check that nothing of the customer's is lost; which virtualenv the app runs from: old, new or none."""
        container = self.container
        assert holder(container.lock) is None
        assert container.requirements.read_bytes() == self.requirements
        kept = [self.old, *container.venvs.glob("*-original")] if container.venvs.exists() else [self.old]
        homes = [place for place in kept if (place / OWN_FILE).exists() and not place.is_symlink()]
        assert homes, "the old virtualenv is lost"
        assert without_byte_code(tree(homes[0])) == self.old_files
        now = Path(os.path.realpath(container.venv))
        assert (now / "pyvenv.cfg").is_file()
        # Nothing half-built stays: only the one in use, and the one to go back to.
        left = {each.name for each in container.venvs.iterdir()} if container.venvs.exists() else set()
        known = {path.name for path in (now, previous(container), container.venvs / "previous") if path is not None}
        assert {name for name in left if not name.endswith("-original")} <= known, left
        if not runs:
            return "none"
        self.wait_for_answer()
        return "old" if (now / OWN_FILE).exists() else "new"

    def wait_for_answer(self, seconds: float = 10.0) -> None:
        wait(lambda: ask(self.container.app_port, path="/health").status == 200, seconds)
        wait(lambda: self._states().get("app") == "RUNNING", seconds)

    def _states(self) -> dict[str, str]:
        return {program.full_name: program.state for program in read_programs(self.container)[1]}

    def _pids(self) -> dict[str, int | None]:
        return {program.full_name: program.pid for program in read_programs(self.container)[1]}

    def _state(self) -> object:
        link = str(self.container.venv.readlink()) if self.container.venv.is_symlink() else None
        folders = sorted(each.name for each in self.container.venvs.iterdir()) if self.container.venvs.exists() else []
        return link, folders


def wait(what: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until ``what`` is true."""
    limit = time.monotonic() + seconds
    while not what():
        if time.monotonic() > limit:
            raise AssertionError(f"it did not come within {seconds} s")
        time.sleep(0.005)


def wait_for_step(job: JobFolder, name: str) -> None:
    """Wait until the job's journal has the step ``name``."""

    def there() -> bool:
        lines, _offset = read_journal(job.journal)
        assert not any(line.get("record") == "done" for line in lines), lines[-1]
        return any(line.get("event") == "step" and line.get("name") == name for line in lines)

    wait(there)


def last_step(job: JobFolder) -> str:
    """The step that the job came to last."""
    steps = [str(line.get("name")) for line in read_journal(job.journal)[0] if line.get("event") == "step"]
    return steps[-1] if steps else ""


def wait_until_done(job: JobFolder) -> dict[str, object]:
    """The last record of the journal."""
    wait(lambda: job.journal.exists() and any(line.get("record") == "begun" for line in read_journal(job.journal)[0]))
    wait(lambda: is_done(job), 60)
    return next(line for line in read_journal(job.journal)[0] if line.get("record") == "done")


@contextmanager
def reaped(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """The process is gone after the block, whatever happened."""
    try:
        yield
    finally:
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            raise
