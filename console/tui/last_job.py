"""How the last job ended, for whoever was not there: the connection had dropped, or the console had been left."""

from __future__ import annotations

import time

from ..container import Container
from ..errors import ConsoleError
from ..events import Cancelled
from ..results import Rebuild
from ..text import _
from ..venv.attaching import attach
from ..venv.jobs import JobFolder, find_job, is_done, read_request, running_id
from .job import JobModel
from .jobs import KINDS, title_of

RECENT_SECONDS = 24 * 3600.0  # what is older is no news


def last_job(container: Container) -> JobModel | None:
    """The newest job with its steps, output and end; None while one runs, or where none has ended of late."""
    job = find_job(container)
    if job is None or running_id(container) or not is_done(job):
        return None
    created = job.created
    if created is None or time.time() - created.timestamp() > RECENT_SECONDS:
        return None
    kind = _kind(job)
    if kind not in KINDS:
        return None
    model = JobModel(kind, _("{title}, begun at {time}").format(title=title_of(kind), time=f"{created:%H:%M}"))
    result: Rebuild | None = None
    error: ConsoleError | None = None
    try:
        result = attach(container, job, on_event=model.take)
    except Cancelled:
        pass  # neither a result nor an error: it was taken back
    except ConsoleError as found:
        error = found
    model.began_before(result.seconds if result is not None else 0.0)
    model.end(result, error)
    return model


def _kind(job: JobFolder) -> str:
    try:
        return read_request(job).kind
    except ConsoleError:
        return ""
