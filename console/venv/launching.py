"""Starts a job's worker, in a session of its own, so that it outlives the console and its connection."""

from __future__ import annotations

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
_LOOK_SECONDS = 0.02


def launch(container: Container, request: Request) -> JobFolder:
    """Start a worker for ``request`` and wait until it holds the lock; return its job.

    Raises what kept it from beginning: Locked when another job is at work, NothingThere, ConsoleError. Nothing has
    been done then.
    """
    job = create_job(container, request)
    with job.errors.open("wb") as errors:
        process = subprocess.Popen(
            own_command(f"{__package__}.worker", str(container.root), str(job.path)),
            cwd="/",
            env=own_environment(),
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
    go_first(process.pid)
    # Waited for by nobody else: without this it would stay a zombie as long as this console runs.
    threading.Thread(target=process.wait, name="worker", daemon=True).start()
    limit = time.monotonic() + _BEGIN_SECONDS
    while time.monotonic() < limit:
        ended = process.poll() is not None
        lines, _offset = read_journal(job.journal)
        for line in lines:
            if line.get("record") == "begun":
                return job
            if line.get("record") == "done":
                _forget(job)
                raise_error(line)
        if ended:
            break
        time.sleep(_LOOK_SECONDS)
    process.kill()
    raise ConsoleError(
        _("The job could not be started."),
        _last_words(job) or _("Its process did not begin within {seconds:.0f} s.").format(seconds=_BEGIN_SECONDS),
        _("Nothing was changed."),
    )


def own_environment() -> dict[str, str]:
    """For another process of this console: as this one has it, with what ``own_python`` needs to find its packages."""
    return clean_environment(**own_variables())


def _last_words(job: JobFolder) -> str:
    try:
        return "\n".join(job.errors.read_text("utf-8", "replace").splitlines()[-3:])
    except OSError:
        return ""


def _forget(job: JobFolder) -> None:
    try:
        remove_tree(job.path)
    except OSError:
        return  # it is swept with the old ones
