"""What is known of a playground."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..container import Container, find_container
from ..errors import NothingThere
from ..text import _
from .image import chosen_version
from .layout import has_nginx
from .record import RECORD, Record, read_record
from .supervisord import program_states, socket_answers


@dataclass(frozen=True)
class PlaygroundProgram:
    """``state`` is supervisord's word for it."""

    name: str
    state: str


@dataclass(frozen=True)
class Playground:
    """A container in a folder. ``python`` is the image's, None when it offers none. ``running``: the supervisord
    that was started here runs, under ``supervisord_pid``. ``programs`` is empty when it does not. ``changed`` is
    False when there was nothing to do. ``notes`` say what is missing or has to be known.
    """

    folder: Path
    generation: str
    port: int
    app_port: int
    python: str | None
    running: bool
    supervisord_pid: int | None = None
    programs: tuple[PlaygroundProgram, ...] = ()
    changed: bool = False
    notes: tuple[str, ...] = ()


def container_status(folder: Path) -> Playground:
    """What runs in the playground ``folder``. Raises NothingThere when it is none."""
    container, record = open_playground(folder)
    return describe(container, record, notes=usual_notes(container, record))


def open_playground(folder: Path) -> tuple[Container, Record]:
    """The container in ``folder`` and its record. Raises NothingThere when ``folder`` is no playground."""
    root = Path(os.path.realpath(folder))
    record = read_record(root)
    if record is None:
        raise NothingThere(
            _("There is no playground in {folder}.").format(folder=root),
            _("{file} does not exist or cannot be read.").format(file=root / RECORD),
            _("Make one with: console playground up {folder}").format(folder=root),
        )
    return find_container(root), record


def describe(container: Container, record: Record, *, changed: bool = False, notes: Sequence[str] = ()) -> Playground:
    """The playground as it is now."""
    process = record.process if record.running else None
    states = program_states(container) if process is not None else {}
    return Playground(
        folder=container.root,
        generation=container.generation,
        port=container.http_port,
        app_port=container.app_port,
        python=chosen_version(container.root, container.generation),
        running=process is not None,
        supervisord_pid=process.pid if process is not None else None,
        programs=tuple(PlaygroundProgram(name, state) for name, state in sorted(states.items())),
        changed=changed,
        notes=tuple(notes),
    )


def usual_notes(container: Container, record: Record) -> tuple[str, ...]:
    """What a person has to know of the playground in every case."""
    notes = []
    if not has_nginx(container.root):
        notes.append(_("This machine has no nginx: the container does without, and only the app's port answers."))
    if not record.running and socket_answers(container.root):
        notes.append(_("Another supervisord runs in it, started by other means; it is left alone."))
    return tuple(notes)
