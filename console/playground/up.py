"""Making a container in a folder, and starting it."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..container import find_container
from ..errors import ConsoleError, WrongUsage
from ..events import OnEvent, ignore
from ..lock import held
from ..text import _
from .answers import wait_for_answers
from .image import choose_interpreter, chosen_python, place_interpreter
from .interpreters import Interpreter, interpreters_on_this_machine, pick_interpreter, side_by_side
from .layout import Choice, add_nginx, find_nginx, has_nginx, lay_out, refuse_folder
from .ports import refuse_taken_ports
from .record import LOCK, Record, read_record, write_record
from .sample_venv import install_requirements, make_venv, refuse_python
from .status import Playground, describe, open_playground, usual_notes
from .steps import Steps
from .supervisord import socket_answers, start_supervisord, stop_supervisord

PORT, APP_PORT = 8000, 8080
_TOP = ("srv", "etc", "opt")


def container_up(
    folder: Path,
    *,
    generation: str = "image",
    python: str | None = None,
    port: int | None = None,
    app_port: int | None = None,
    on_event: OnEvent = ignore,
    supervisord: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Playground:
    """Make a container in ``folder`` and start it; start a stopped one again; leave a running one as it is.

    ``generation`` is "image" or "runtime"; ``python`` as for ``pick_interpreter``; ports default to 8000 and
    8080 for a new container and to its own for one that is there, whose files are all kept. ``supervisord`` is
    a command that starts another supervisord than the console's, with ``environment`` beside the container's
    own. Returns when the app and nginx answer over HTTP; where they do not in a container that was there, a
    note says why.

    Raises ConsoleError, before anything is made or started, for a port in use, a folder that holds something
    else, a path that no container can have and a Python that is not there. When making a new one fails, what was
    made is removed again, and the error says the reason; when only its programs do not answer, it stays.
    """
    root = Path(os.path.realpath(folder))
    record = read_record(root)
    if record is not None and record.made:
        with held(root / LOCK, "playground"):
            return _up_again(root, port, app_port, on_event)
    choice = Choice(generation, port or PORT, app_port or APP_PORT)
    if generation not in ("image", "runtime"):
        raise WrongUsage(_("A container is of the generation image or runtime, not {name}.").format(name=generation))
    refuse_folder(root, ours=record is not None)
    refuse_taken_ports(choice.port, choice.app_port, nginx=find_nginx() is not None)
    offered = interpreters_on_this_machine()
    chosen = pick_interpreter(python, offered)
    refuse_python(chosen)
    beside = side_by_side(chosen, offered) if generation == "runtime" else (chosen,)
    new = Record(tuple(supervisord or ()), dict(environment or {}))
    found = root.exists()
    with held(root / LOCK, "playground"):
        record = read_record(root)
        if record is not None and record.made:  # by another who was here a moment before
            return _up_again(root, port, app_port, on_event)
        with _whole_or_nothing(root, keep=found):
            record, problem = _make(root, choice, beside, new, on_event)
    if problem:
        raise ConsoleError(
            _("The container is made, but does not answer."),
            problem,
            _("supervisord runs in it; stop it with: console playground down {folder}").format(folder=root),
        )
    container = find_container(root)
    return describe(container, record, changed=True, notes=usual_notes(container, record))


def _make(
    root: Path, choice: Choice, interpreters: tuple[Interpreter, ...], record: Record, on_event: OnEvent
) -> tuple[Record, str]:
    """Make it all, the first interpreter the chosen one; the record, and which program does not answer and why."""
    chosen = interpreters[0]
    steps = Steps(on_event, 4)
    with steps.step("image", _("Files and interpreters")):
        lay_out(root, choice)
        write_record(root, record)
        for each in interpreters:
            place_interpreter(root, choice.generation, each)
        choose_interpreter(root, choice.generation, chosen.version)
        add_nginx(root)
    container = find_container(root)
    with steps.step("venv", _("Virtualenv for Python {version}").format(version=chosen.version)):
        make_venv(container.venv, chosen_python(root, choice.generation, chosen), chosen, on_event)
    with steps.step("packages", _("Packages of the sample app")):
        install_requirements(container.venv, container.requirements, chosen, on_event)
    with steps.step("start", _("supervisord, the app and nginx")):
        record = start_supervisord(container, dataclasses.replace(record, made=True))
        return record, wait_for_answers(container)


def _up_again(root: Path, port: int | None, app_port: int | None, on_event: OnEvent) -> Playground:
    container, record = open_playground(root)
    ports = (container.http_port, container.app_port)
    other_ports = (port or ports[0], app_port or ports[1]) != ports
    if not has_nginx(root):
        add_nginx(root)
    changed, problem = not record.running, ""
    if changed:
        stop_supervisord(root, record)  # what a killed supervisord left behind would hold the ports
        if socket_answers(root):
            raise ConsoleError(
                _("Another supervisord runs in {folder}.").format(folder=root),
                _("It was started by other means than this command."),
                _("Stop it where it was started, and try again."),
            )
        refuse_taken_ports(*ports, nginx=has_nginx(root))
        with Steps(on_event, 1).step("start", _("supervisord, the app and nginx")):
            record = start_supervisord(container, record)
            problem = wait_for_answers(container)
    notes = [
        *usual_notes(container, record),
        *([_("It was running already; nothing was changed.")] if not changed else []),
        *([_("The ports are those of its files; others are only taken for a new container.")] if other_ports else []),
        *([problem] if problem else []),
    ]
    return describe(container, record, changed=changed, notes=notes)


@contextlib.contextmanager
def _whole_or_nothing(root: Path, *, keep: bool) -> Iterator[None]:
    """When the block fails before a container is finished in ``root``, leave it empty; without ``keep`` remove it."""
    _clear(root)  # of a making that was killed
    try:
        yield
    except BaseException:
        record = read_record(root)
        if record is None or not record.made:
            _clear(root)
            (root / LOCK).unlink(missing_ok=True)
            if not keep:
                root.rmdir()
        raise


def _clear(root: Path) -> None:
    for name in _TOP:
        if (root / name).exists():
            shutil.rmtree(root / name)
