"""The jobs of a container: each has a folder ``/srv/.console/jobs/<id>/``, and is found again by it.

It holds ``job.json`` (the Request), ``journal.jsonl`` and ``output.log``.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..atomic import unwritable, write_file
from ..container import Container
from ..errors import ConsoleError
from ..lock import holder
from ..results import Job, RebuildPlan, as_json, from_json
from ..text import _
from .folder_tree import remove_tree
from .journal_lines import read_journal

KEPT_JOBS = 5
_END_BYTES = 1 << 16


@dataclass(frozen=True)
class Request:
    """What a job is to do. ``kind``: rebuild (then ``plan`` is set), rollback or recover. ``timeout`` in seconds."""

    kind: str
    plan: RebuildPlan | None = None
    keep: int = 1
    timeout: float = 30.0
    language: str = "en"


@dataclass(frozen=True)
class JobFolder:
    """The places of one job; nothing is opened."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def request(self) -> Path:
        return self.path / "job.json"

    @property
    def journal(self) -> Path:
        return self.path / "journal.jsonl"

    @property
    def output(self) -> Path:
        return self.path / "output.log"

    @property
    def errors(self) -> Path:
        """What the worker's process itself wrote, as when it cannot even start."""
        return self.path / "worker.err"

    @property
    def reserve(self) -> Path:
        """Room on the disk for the last records."""
        return self.path / "reserve"

    @property
    def created(self) -> datetime | None:
        """When the job was asked for; None where that cannot be known any more."""
        try:
            return datetime.fromtimestamp(self.request.stat().st_mtime).astimezone()  # written once, at the beginning
        except OSError:
            return None

    @property
    def output_before(self) -> Path:
        """What ``output`` held before it grew past OUTPUT_BYTES."""
        return self.path / "output.log.1"


def create_job(container: Container, request: Request) -> JobFolder:
    """A new job's folder with its request. Raises ConsoleError when it cannot be written."""
    base = container.jobs
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")
    job = JobFolder(base / f"{stamp}-{os.getpid()}")
    try:
        job.path.mkdir(parents=True, mode=0o700)
        write_file(job.request, json.dumps(as_json(request)).encode(), mode=0o600)
    except OSError as error:
        raise unwritable(job.path, error) from error
    return job


def read_request(job: JobFolder) -> Request:
    """Raises ConsoleError when it is not there or cannot be understood."""
    try:
        return from_json(Request, json.loads(job.request.read_text("utf-8")))
    except OSError as error:
        raise unwritable(job.request, error) from error
    except ValueError as error:
        raise ConsoleError(
            _("{path} cannot be understood.").format(path=job.request),
            str(error),
            _("It was written by another version of the console: begin the job anew."),
        ) from error


def jobs(container: Container) -> list[JobFolder]:
    """All jobs that are still on the disk, the oldest first."""
    try:
        names = sorted(entry.name for entry in os.scandir(container.jobs) if entry.is_dir())
    except OSError:
        return []
    return [JobFolder(container.jobs / name) for name in names]


def find_job(container: Container, job_id: str = "") -> JobFolder | None:
    """The job of that id; without one the running one, else the newest; None when there is none."""
    found = jobs(container)
    if job_id:
        return next((job for job in found if job.id == job_id), None)
    running = running_id(container)
    return next((job for job in found if job.id == running), found[-1] if found else None)


def running_id(container: Container) -> str:
    """The id of the job whose worker holds the lock; empty when none does."""
    told = holder(container.lock) or {}
    return str(told.get("job") or "")


def is_done(job: JobFolder) -> bool:
    """Whether the journal has its last record, or was never begun. Reads its end, and its beginning where need be."""
    if any(line.get("record") == "done" for line in _end_of(job)):
        return True
    records = [line.get("record") for line in read_journal(job.journal)[0]]
    return "done" in records or "begun" not in records  # a last record with much output is longer than its end


def _end_of(job: JobFolder) -> list[dict[str, Any]]:
    """The last lines of the journal."""
    try:
        size = job.journal.stat().st_size
    except OSError:
        return []
    return read_journal(job.journal, max(0, size - _END_BYTES))[0]


def unfinished(container: Container) -> list[JobFolder]:
    """Jobs that were killed, the oldest first. Only true while the caller holds the lock, or nobody does."""
    running = running_id(container)
    return [job for job in jobs(container) if job.id != running and not is_done(job)]


def job_state(container: Container) -> Job | None:
    """The running job, else the newest one that was killed; None when there is nothing of that kind to tell.

    On the path of ``console status``: reads the ends of a few files.
    """
    told = holder(container.lock)
    if told is not None:
        job_id = str(told.get("job") or told.get("pid") or "?")
        step = _last_step(JobFolder(container.jobs / job_id)) if told.get("job") else ""
        return Job(job_id, str(told.get("kind", "?")), step, running=True)
    killed = next((job for job in reversed(jobs(container)) if not is_done(job)), None)
    return Job(killed.id, _kind(killed), _last_step(killed), running=False) if killed is not None else None


def _kind(job: JobFolder) -> str:
    try:
        return read_request(job).kind
    except ConsoleError:
        return "?"


def _last_step(job: JobFolder) -> str:
    return next((str(line.get("name")) for line in reversed(_end_of(job)) if line.get("event") == "step"), "")


def forget_old_jobs(container: Container, keep: int = KEPT_JOBS) -> None:
    """Remove all but the newest ``keep`` jobs that are done. Only for the holder of the lock."""
    running = running_id(container)
    done = [job for job in jobs(container) if job.id != running and is_done(job)]
    for job in done[: max(0, len(done) - keep)]:
        try:
            remove_tree(job.path)
        except OSError:
            return  # the next job tries again; nothing depends on it
