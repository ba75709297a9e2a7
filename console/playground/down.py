"""Stopping a container in a folder."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ..lock import held
from .processes import own_processes
from .record import LOCK, write_record
from .status import Playground, describe, open_playground, usual_notes
from .supervisord import stop_supervisord


def container_down(folder: Path) -> Playground:
    """Stop what ``container_up`` started in ``folder``, orphans of a killed supervisord included, and only that.

    Returns when all of it has ended; the files stay. Raises NothingThere when ``folder`` is no playground.
    """
    container, record = open_playground(folder)
    with held(container.root / LOCK, "playground"):
        pid = record.process.pid if record.process is not None else None
        changed = record.running or bool(own_processes(container.root, pid))
        stop_supervisord(container.root, record)
        record = dataclasses.replace(record, process=None)
        write_record(container.root, record)
    return describe(container, record, changed=changed, notes=usual_notes(container, record))
