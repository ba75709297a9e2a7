"""What a rebuild would do: which Python, which packages, what stands in the way. Touches nothing."""

from __future__ import annotations

import shlex
import threading
from pathlib import Path

from ..container import Container, disk
from ..errors import ConsoleError, WrongUsage
from ..events import OnEvent, ignore
from ..pythons.interpreters import offered, version_of
from ..results import RebuildPlan, Venv
from ..shell_commands import supervisorctl
from ..text import _
from .anatomy import minor, read_anatomy
from .changes import Changes, resolve_changes
from .create import create_command, numbers
from .folder_tree import allocated_bytes
from .interruption import Interruption
from .look import read_venv
from .requirements import read_requirements
from .service import APP
from .switch import refuse_switch, switch_commands

# Measured with Django, pandas, pillow and Flask sites: a wheel unpacks to three to four times its size, its byte
# code adds one more; each package wastes part of a block in each of its files; an empty virtualenv has 8 MB.
UNPACKED = 5
PER_PACKAGE = 400_000
EMPTY = 8_000_000


def plan_rebuild(
    container: Container,
    *,
    python: str | Path | None = None,
    requirements: Path | None = None,
    on_event: OnEvent = ignore,
    cancel: threading.Event | None = None,
) -> RebuildPlan:
    """Find out what a rebuild with ``python`` (a version of the image's or a path; default: the image's chosen
    one) from ``requirements`` (default: the container's requirements.txt) would do.

    Resolves for that interpreter over the network; uv's lines come as Output. Nothing is changed. What stands
    in the way is in ``problems``, each a sentence, with uv's or pip's own explanation on further lines. Raises WrongUsage
    for a Python that is not there, and Cancelled.
    """
    interpreter, version = _choose(container, python)
    file = (requirements or container.requirements).absolute()
    venv = read_venv(container)
    problems = _obstacles(container, venv, interpreter, version, file)
    asked = read_requirements(file)
    changes = Changes()
    if interpreter is not None and version is not None and file.is_file():
        with Interruption(cancel) as interruption:
            changes = resolve_changes(
                container, interpreter, version, asked, on_event=on_event, check=interruption.check
            )
        problems += changes.problems
    needed = _bytes_needed(container, changes.sizes)
    free = disk(container).free_bytes
    if needed > free:
        said = _("The disk has too little room: about {needed} MB are needed, {free} MB are free.")
        problems.append(said.format(needed=needed // 1_000_000, free=free // 1_000_000))
    return RebuildPlan(
        strategy="beside",
        reason=_reason(venv),
        from_python=venv.python,
        to_python=version,
        interpreter=interpreter,
        requirements=file if file.is_file() else None,
        packages=changes.packages,
        bytes_needed=needed,
        bytes_free=free,
        ok=not problems,
        problems=tuple(problems),
        commands=_commands(container, interpreter, version, file),
        warnings=changes.warnings,
        offers=changes.offers,
    )


def _choose(container: Container, python: str | Path | None) -> tuple[Path | None, str | None]:
    """The interpreter and its version; both None where the image offers none that runs."""
    choices = [choice for choice in offered(container) if choice.version is not None]
    if isinstance(python, Path) or (python is not None and "/" in python):
        path = Path(python).absolute()
        version = version_of(path)
        if version is None:
            raise WrongUsage(_("{path} is no Python that runs.").format(path=path))
        return _by_full_name(path, version), version
    if python is None:
        fitting = [choice for choice in choices if choice.chosen]
    else:
        fitting = [choice for choice in choices if f"{choice.version}.".startswith(f"{python}.")]
        if not fitting:
            raise WrongUsage(
                _("The image offers no Python {version}.").format(version=python),
                _("It offers: {versions}.").format(versions=", ".join(str(choice.version) for choice in choices)),
            )
    if not fitting:
        return None, None
    best = max(fitting, key=lambda choice: numbers(choice.version or "0"))
    return _by_full_name(best.path, best.version or ""), best.version


def _by_full_name(path: Path, version: str) -> Path:
    """``python3.11`` beside ``python``, where it is the same program: a virtualenv made from the plain name would,
    once the image has another Python, run that one and find none of its packages, instead of being seen to be dead.
    """
    full = path.with_name(f"python{minor(version)}")
    return full if full.exists() and full.samefile(path) else path


def _obstacles(
    container: Container, venv: Venv, interpreter: Path | None, version: str | None, file: Path
) -> list[str]:
    problems = []
    if interpreter is None or version is None:
        problems.append(_("The image offers no Python that runs."))
    if not file.is_file() and venv.packages:
        problems.append(
            _("There is no {path}. Write one from what is installed with: console venv freeze").format(path=file)
        )
    elif not file.is_file():
        problems.append(_("There is no {path}: nothing says what to install.").format(path=file))
    try:
        refuse_switch(container)
        if interpreter is not None and version is not None:
            create_command(interpreter, version, container.venvs)
    except ConsoleError as error:
        problems.append(str(error))
    return problems


def _bytes_needed(container: Container, sizes: tuple[int | None, ...]) -> int:
    """About what the new virtualenv will take: by the sizes of what is fetched, else what the present one takes."""
    if sizes and None not in sizes:
        return EMPTY + sum(UNPACKED * (size or 0) + PER_PACKAGE for size in sizes)
    present = allocated_bytes(container.venv.resolve()) if read_anatomy(container.venv) is not None else 0
    known = sum(UNPACKED * (size or 0) + PER_PACKAGE for size in sizes)
    return max(present, EMPTY + known)


def _reason(venv: Venv) -> str:
    beside = _("The app runs on until the new one is built and proved; the switch takes a restart.")
    return f"{venv.reason} {beside}".strip()


def _commands(container: Container, interpreter: Path | None, version: str | None, file: Path) -> tuple[str, ...]:
    if interpreter is None or version is None:
        return ()
    new = container.venvs / f"new-py{version}"
    if numbers(version) >= (3, 3):
        create = [str(interpreter), "-m", "venv", str(new)]
    else:
        create = [str(interpreter.parent / "virtualenv"), str(new)]
    return (
        shlex.join(["mkdir", "-p", str(container.venvs)]),
        shlex.join(create),
        shlex.join([str(new / "bin" / "pip"), "install", "-r", str(file)]),
        supervisorctl(container, "stop", APP),
        *switch_commands(container, new),
        supervisorctl(container, "start", APP),
    )
