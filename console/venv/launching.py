"""Starts a job's worker, in a session of its own, so that it outlives the console and its connection."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time

from ..container import Container
from ..errors import ConsoleError
from ..out_of_memory import go_first
from ..own_python import own_command, own_variables
from ..text import _
from .child import clean_environment
from .folder_tree import remove_tree
from .jobs import JobFolder, Request, create_job
from .journal_lines import read_journal
from .outcome import raise_error

_BEGIN_SECONDS = 30.0  # a quarter of a core under load takes its time to start a Python
_END_SECONDS = 2.0
_LOOK_SECONDS = 0.02


class Worker:
    """A worker's process, which loads what a job of ``kind`` needs and waits for one; ``launch`` gives it that.

    Started before the job is known, it is ready when that is. It ends by itself when this process ends before, or at
    the end of the ``with`` block. Raises ConsoleError when it cannot be started.
    """

    def __init__(self, container: Container, kind: str) -> None:
        try:
            self._process = subprocess.Popen(
                own_command(f"{__package__}.worker", str(container.root), kind),
                cwd="/",
                env=own_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise ConsoleError(
                _("The job could not be started."), error.strerror or "", _("Nothing was changed.")
            ) from error
        go_first(self._process.pid)
        # Waited for by nobody else: without this it would stay a zombie as long as this console runs.
        threading.Thread(target=self._process.wait, name="worker", daemon=True).start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_error: object) -> None:
        self._tell(b"")
        if self._process.stderr is not None:
            self._process.stderr.close()

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def begin(self, job: JobFolder) -> None:
        """Let it do ``job``."""
        self._tell(os.fsencode(job.path))

    def wait(self, seconds: float) -> None:
        """Until it has ended, at most so long."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def kill(self) -> None:
        self._process.kill()

    def last_words(self) -> str:
        """What it wrote before it had a job, once it has ended."""
        assert self._process.stderr is not None
        return _end_of(self._process.stderr.read())

    def _tell(self, path: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended, which whoever waits for its beginning sees
            if not self._process.stdin.closed:
                self._process.stdin.write(path)
                self._process.stdin.close()


def launch(container: Container, request: Request, worker: Worker | None = None) -> JobFolder:
    """Let a worker (by default a new one) do ``request``, and wait until it holds the lock; return its job.

    Raises what kept it from beginning: Locked when another job is at work, NothingThere, ConsoleError. Nothing has
    been done then.
    """
    job = create_job(container, request)
    with worker or Worker(container, request.kind) as worker:
        worker.begin(job)
        limit = time.monotonic() + _BEGIN_SECONDS
        while time.monotonic() < limit:
            ended = worker.ended
            lines, _offset = read_journal(job.journal)
            for line in lines:
                if line.get("record") == "begun":
                    return job
                if line.get("record") == "done":
                    worker.wait(_END_SECONDS)  # it gives the lock back after its last word
                    _forget(job)
                    raise_error(line)
            if ended:
                break
            time.sleep(_LOOK_SECONDS)
        worker.kill()
        words = _last_words(job, worker)
    raise ConsoleError(
        _("The job could not be started."),
        words or _("Its process did not begin within {seconds:.0f} s.").format(seconds=_BEGIN_SECONDS),
        _("Nothing was changed."),
    )


def own_environment() -> dict[str, str]:
    """For another process of this console: as this one has it, with what ``own_python`` needs to find its packages."""
    return clean_environment(**own_variables())


def _last_words(job: JobFolder, worker: Worker) -> str:
    with contextlib.suppress(OSError):
        if written := job.errors.read_bytes():
            return _end_of(written)
    return worker.last_words()


def _end_of(written: bytes) -> str:
    return "\n".join(written.decode("utf-8", "replace").splitlines()[-3:])


def _forget(job: JobFolder) -> None:
    try:
        remove_tree(job.path)
    except OSError:
        return  # it is swept with the old ones
