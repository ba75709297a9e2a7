"""The process that does a job: ``python -m console.venv.worker ROOT KIND``, in a session of its own.

It loads what a job of that kind needs, and then reads the job's folder from its standard input, to the end of that.
When nothing comes it ends: whoever started it has no job for it, or is gone. It has no terminal and nobody to talk to: what it does stands in the job's journal, which any console reads. A
dropped connection does not reach it. SIGTERM takes the job back, as long as that is possible.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import traceback
from pathlib import Path

from ..container import Container, find_container, memory
from ..errors import ConsoleError, own_fault
from ..events import Cancelled, Output
from ..lock import held
from ..out_of_memory import go_first
from ..programs.entry_point import JOB_VARIABLE
from ..results import Rebuild
from ..text import use_language
from .jobs import JobFolder, Request, read_request
from .journal import Journal
from .outcome import as_error


def run_job(container: Container, job: JobFolder) -> int:
    """Do the job in ``job`` and write down how it ended; returns the exit code (0 when it did what was asked)."""
    os.environ[JOB_VARIABLE] = job.id
    journal = Journal(job)
    try:
        request = read_request(job)
        use_language(request.language)
        # Held until the end is written down: a job without an end whose lock is free is one that was killed.
        with held(container.lock, request.kind, job.id):
            return _do(container, request, journal)
    except ConsoleError as error:
        _record_error(journal, error)
        return error.exit_code
    finally:
        journal.close()


def _do(container: Container, request: Request, journal: Journal) -> int:
    try:
        result = _run(container, request, journal)
    except Cancelled:
        journal.record("done", cancelled=True)
        return 130
    except ConsoleError as error:
        _record_error(journal, error)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - nobody sees this process's stderr: the journal has to tell
        for line in traceback.format_exception(error):
            for part in line.splitlines():
                journal.event(Output(part))
        _record_error(journal, own_fault(error, str(journal.job.output)))
        return 1
    journal.record("done", result=result)
    return 0 if result.ok else 1


def _run(container: Container, request: Request, journal: Journal) -> Rebuild:
    # Each brings what it needs: a rollback does not load a resolver.
    if request.kind == "rebuild" and request.plan is not None:
        from .rebuild import rebuild

        return rebuild(
            container,
            request.plan,
            on_event=journal.event,
            keep=request.keep,
            timeout=request.timeout,
            note=journal.record,
            job=journal.job.id,
        )
    if request.kind == "rollback":
        from .rollback import rollback

        return rollback(
            container, on_event=journal.event, timeout=request.timeout, note=journal.record, job=journal.job.id
        )
    from .recovery import recover

    return recover(container, on_event=journal.event, timeout=request.timeout, note=journal.record, job=journal.job.id)


def _record_error(journal: Journal, error: ConsoleError) -> None:
    journal.record("done", error=as_error(error))


_OPERATIONS = {"rebuild": "rebuild", "rollback": "rollback", "recover": "recovery"}  # the module of each kind
_AT_THE_SWITCH = ("supervisor.options", "console.programs.restarting")  # what would be loaded on the way to it


def main() -> None:
    """The process."""
    # The operation has handlers of its own while it may be taken back; outside of that these must not end it.
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    go_first()
    gc.disable()  # short-lived, and every megabyte counts beside the app
    root, kind = sys.argv[1:]
    # Where memory is scarce, the steps before the switch need it more: they have larger processes beside this one.
    later = _AT_THE_SWITCH if memory().limit_bytes is None else ()
    for module in (f"{__package__}.{_OPERATIONS[kind]}", *later):
        importlib.import_module(module)
    path = sys.stdin.buffer.read()
    if not path:
        sys.exit()
    job = JobFolder(Path(os.fsdecode(path)))
    # From here on nobody may be there to read it.
    with job.errors.open("ab") as errors:
        os.dup2(errors.fileno(), sys.stderr.fileno())
    sys.exit(run_job(find_container(Path(root)), job))


if __name__ == "__main__":
    main()
