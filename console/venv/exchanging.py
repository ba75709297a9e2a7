"""Whether a job is exchanging the virtualenv at this moment: its programs are its own until it has ended."""

from __future__ import annotations

from ..container import Container
from ..errors import Locked
from ..text import _
from .jobs import find_job, running_id
from .journal_lines import read_journal


def refuse_while_exchanging(container: Container) -> None:
    """Raise Locked while a job has the programs stopped, or is about to start and verify them.

    Before and after that a restart does it no harm.
    """
    job_id = running_id(container)
    job = find_job(container, job_id) if job_id else None
    if job is None:
        return
    records = [line.get("record") for line in read_journal(job.journal)[0]]
    if "exchange" in records and "settled" not in records:
        raise Locked(
            _("The virtualenv is being switched at this moment."),
            _("The job {id} has stopped what runs from it, and starts it again by itself.").format(id=job.id),
            _("Wait a few seconds, or join it with: console venv attach"),
        )
