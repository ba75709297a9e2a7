"""What a killed job left is finished or taken back, whichever leaves the app running."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..container import Container
from ..errors import ConsoleError
from ..events import Cancelled, OnEvent, ignore
from ..lock import held
from ..programs.entry_point import JOB_VARIABLE
from ..programs.processes import started
from ..results import ChoiceChange, Rebuild
from ..text import _
from .affected import Affected, affected_before
from .anatomy import read_anatomy
from .choice_words import with_choice
from .chosen_exchange import ChosenExchange
from .exchange import RecordedExchange, finish_exchange, of_virtualenv, restored_exchange
from .folder_tree import remove_tree
from .generations import previous, prune, sweep
from .in_place import InPlace
from .interruption import Interruption
from .jobs import JobFolder, forget_old_jobs, jobs, unfinished
from .journal import Journal, begun_facts, memory_ran_out
from .journal_lines import read_journal
from .look import read_venv
from .outcome import read_outcome
from .progress import JobProgress, Stage
from .repair import Repair
from .service import Service, put_into_service, rebuild_result, resume

Note = Callable[..., None]  # note(record, **facts): journal.Journal.record
_KILL_SECONDS = 5.0


def forget(name: str, **facts: Any) -> None:
    """A ``note`` for jobs that nobody has to finish."""


@dataclass(frozen=True)
class _Begun:
    """The exchange that a killed job had begun, as ``begun_exchange`` wrote it down.

    ``settled``: it had come to its end, but for cleaning up.
    """

    exchange: RecordedExchange
    programs: tuple[str, ...]
    old_usable: bool
    made: bool
    settled: bool


def begun_exchange(exchange: RecordedExchange, affected: Affected, *, made: bool) -> dict[str, Any]:
    """The facts of the record "exchange". ``made``: the job has made what it exchanges, so that it may remove it."""
    return {
        "kind": exchange.kind,
        "facts": exchange.facts,
        "programs": affected.names,
        "old_usable": affected.old_usable,
        "made": made,
    }


def recover(
    container: Container, *, on_event: OnEvent = ignore, timeout: float = 30.0, note: Note = forget, job: str = ""
) -> Rebuild:
    """Finish or take back every job that was killed. Does nothing, and says so, when there is none.

    Before the switch the half-built folder is removed; after it the new virtualenv is put into service, and where
    the app does not come back from it, the old one. Raises NothingThere when supervisord cannot be reached: /srv/venv
    is whole again then, and the rest is left for the next time. Raises Locked when another job is at work. ``note`` and
    ``job`` as in ``rebuild``.
    """
    began = time.monotonic()
    with Interruption(), contextlib.nullcontext() if job else held(container.lock, "recover"):
        note("begun", **begun_facts("recover"))
        progress = JobProgress(on_event, [Stage("recover", _("Finishing what was cut off"), 1.0)])
        with progress.stage("recover"):
            ended = recover_killed(container, on_event=on_event, timeout=timeout, but=job)
            ended = ended or _finished_meanwhile(container, job)
            progress.detail = ended.headline if ended is not None else ""
    if ended is not None:
        return replace(ended, seconds=time.monotonic() - began)
    return Rebuild(
        ok=True,
        venv=read_venv(container),
        seconds=time.monotonic() - began,
        kept=previous(container),
        headline=_("There is nothing to recover."),
    )


def recover_killed(
    container: Container, *, on_event: OnEvent = ignore, timeout: float = 30.0, but: str = ""
) -> Rebuild | None:
    """``recover`` for the holder of the lock, whose own job is ``but``; None when there was nothing to do."""
    ended = None
    for job in unfinished(container):
        if job.id != but:
            ended = _recover_job(container, job, on_event, timeout)
    forget_old_jobs(container)
    return ended


def _finished_meanwhile(container: Container, job_id: str) -> Rebuild | None:
    """What another console has recovered since the job ``job_id`` was asked for, in the same need; None for nothing."""
    there = {job.id: job for job in jobs(container)}
    own = there.pop(job_id, None)
    asked = own.created if own is not None else None
    for job in reversed(there.values()):
        with contextlib.suppress(OSError, ConsoleError, Cancelled):
            if asked is None or job.journal.stat().st_mtime < asked.timestamp():
                continue
            for line in read_journal(job.journal)[0]:
                if line.get("record") == "done" and (result := read_outcome(line)).headline:
                    return result
    return None


def _recover_job(container: Container, job: JobFolder, on_event: OnEvent, timeout: float) -> Rebuild:
    began = time.monotonic()
    end_leftovers(job.id)
    lines, _offset = read_journal(job.journal)
    journal = Journal(job)
    try:
        try:
            begun = _begun(container, lines)
        except ValueError as error:  # another version of the console wrote it
            return _left_alone(container, journal, error, began)
        if begun is None:
            note = _("A job that was cut off was taken back; nothing had been changed.")
            service = Service(ok=True, undone=True, note=note)
        elif begun.settled:
            service = Service(ok=True, note=_("A job that was cut off at its end was finished."))
        else:
            service = with_choice(_settle(container, begun, on_event, timeout), _change(begun.exchange))
            journal.record("settled", applied=begun.exchange.applied)
        freed = _clean_up(container, begun)
        result = rebuild_result(container, service, began, freed=freed)
        if result.ok:
            result = replace(result, headline=result.note, note="")
        if any(line.get("record") == "begun" and memory_ran_out(line) for line in lines):
            more = _("The memory was used up meanwhile: leave the screens, run fewer workers, or take a plan with more.")
            result = replace(result, remedy=result.remedy or more)
        journal.record("done", result=result)
        return result
    finally:
        journal.close()


def _left_alone(container: Container, journal: Journal, error: ValueError, began: float) -> Rebuild:
    """What cannot be understood is not touched. Where the virtualenv is whole all the same, it is not in the way of
    the next job any more; else a person has to look.
    """
    anatomy = read_anatomy(container.venv)
    if anatomy is None or not anatomy.usable:
        raise ConsoleError(
            _("The journal of the job that was cut off cannot be understood."),
            str(error),
            _("It was written by another version of the console. Look at {path} yourself.").format(path=container.venv),
        ) from error
    note = _("A job of another version of the console was cut off; {path} is whole, and was left as it is.")
    service = Service(ok=True, note=note.format(path=container.venv))
    result = replace(rebuild_result(container, service, began), headline=service.note, note="")
    journal.record("done", result=result)
    return result


def _begun(container: Container, lines: list[dict[str, Any]]) -> _Begun | None:
    """Raises ValueError where its exchange cannot be understood."""
    told = next((line for line in reversed(lines) if line.get("record") == "exchange"), None)
    if told is None:
        return None
    settled = any(line.get("record") == "settled" for line in lines[lines.index(told) :])
    exchange = restored_exchange(container, str(told.get("kind")), told.get("facts"))
    programs = tuple(map(str, told.get("programs", [])))
    return _Begun(exchange, programs, bool(told.get("old_usable")), bool(told.get("made")), settled)


def _settle(container: Container, begun: _Begun, on_event: OnEvent, timeout: float) -> Service:
    """Forward or back, whichever leaves the app running."""
    exchange = begun.exchange
    builds = isinstance(of_virtualenv(exchange), InPlace)
    forward = exchange.applied or (not begun.old_usable and not builds and exchange.new.exists())
    if not forward:
        exchange.undo()  # first of all: also without supervisord /srv/venv has to be whole
    affected = affected_before(container, begun.programs, old_usable=begun.old_usable)
    if not forward:
        note = _("A job that was cut off was taken back: the virtualenv before is in its place.")
        return replace(resume(container, affected, timeout=timeout, on_event=on_event), undone=True, note=note)
    note = _("A job that was cut off was finished: the new virtualenv is in service.")
    if exchange.applied:
        exchange.apply()  # a repair may have been cut off between two links
        resumed = resume(container, affected, timeout=timeout, on_event=on_event)
        if resumed.ok:
            return replace(resumed, note=note)
    service = put_into_service(container, exchange, affected, timeout=timeout, on_event=on_event)
    return replace(service, note=" ".join([note, service.note]).strip() if service.ok else service.note)


def _change(exchange: RecordedExchange) -> ChoiceChange | None:
    return exchange.change if isinstance(exchange, ChosenExchange) else None


def _clean_up(container: Container, begun: _Begun | None) -> int:
    if begun is not None:
        exchange = begun.exchange
        if exchange.applied:
            finish_exchange(exchange)
        if begun.made and (isinstance(of_virtualenv(exchange), Repair) or not exchange.applied):
            with contextlib.suppress(OSError):  # the next job sweeps it
                if exchange.new.exists():
                    remove_tree(exchange.new)
    swept = sweep(container)
    return swept + (prune(container, 1) if begun is not None and begun.exchange.applied else 0)


def end_leftovers(job_id: str) -> None:
    """End the processes that the job ``job_id`` started and that outlived its worker: they would write on into what
    is about to be removed.
    """
    limit = time.monotonic() + _KILL_SECONDS
    while time.monotonic() < limit:
        pids = _marked(f"{JOB_VARIABLE}={job_id}".encode())
        if not pids:
            return
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _marked(mark: bytes) -> list[int]:
    """Living processes of this user that have ``mark`` in their environment, this one left out."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:  # noqa: PTH123
                marked = mark in file.read().split(b"\0")
        except OSError:  # another user's, or it has ended
            continue
        if marked and started(int(entry)) is not None:
            found.append(int(entry))
    return found
