"""What a rebuild would do: which way, which Python, which packages, what stands in the way. Touches nothing."""

from __future__ import annotations

import contextlib
import os
import shlex
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..container import Container, disk, memory
from ..errors import ConsoleError, NothingThere, WrongUsage
from ..events import OnEvent, ignore
from ..pythons.interpreters import offered, version_of
from ..pythons.primary_tech import choice_commands, choice_obstacles, choice_warnings, plan_choice
from ..results import ChoiceChange, RebuildPlan, Venv
from ..text import _
from ..units import size
from .affected import restarted_names, service_commands
from .anatomy import Anatomy, minor, read_anatomy
from .changes import Changes, resolve_changes
from .create import create_command, numbers
from .generations import link_target
from .installer import PIP
from .interruption import Interruption
from .look import read_venv
from .own_files import own_files
from .plan_memory import free_memory, memory_bytes, memory_warnings, proof_warnings
from .requirements import read_requirements, requirements_digest
from .stages import usual_seconds
from .strategy import UPGRADED, Needs, Strategy, choose_strategy, worth_a_repair
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
    strategy: str = "auto",
    choose: bool = False,
    ends: bool = False,
    on_event: OnEvent = ignore,
    cancel: threading.Event | None = None,
) -> RebuildPlan:
    """Find out what a rebuild with ``python`` (a version of the image's or a path; default: the image's chosen
    one) from ``requirements`` (default: the container's requirements.txt) by ``strategy`` (auto, repair, beside,
    in-place) would do. With ``choose`` that Python, one of the runtime generation's, becomes the chosen one as well.
    ``ends``: this process ends with its plan, so that the job has its memory.

    Resolves for that interpreter over the network; uv's lines come as Output. Nothing is changed. What stands
    in the way is in ``problems``, each a sentence, with uv's or pip's own explanation on further lines. Raises
    WrongUsage for a Python that is not there, and Cancelled.
    """
    interpreter, version = _choose(container, python)
    file = (requirements or container.requirements).absolute()
    digest = requirements_digest(file)
    anatomy = read_anatomy(container.venv)
    old_usable = anatomy is not None and anatomy.usable
    free = disk(container, container.venvs).free_bytes
    change = plan_choice(container, interpreter, version) if choose and interpreter and version else None
    links = (change.path,) if change is not None else ()
    # Most of the time is the resolver's, another process: what is there is looked at meanwhile. A repair resolves nothing.
    with ThreadPoolExecutor(1, "look") as beside:
        looking = beside.submit(read_venv, container, requirements=True, probe=True)
        own = beside.submit(own_files, anatomy.folder.resolve()) if anatomy is not None else None
        restarted = beside.submit(restarted_names, container, old_usable=old_usable, links=links)
        changes = Changes()
        if not (_may_be_repaired(container, strategy) and _is_repaired(strategy, looking.result(), anatomy, version)):
            changes = _resolve(container, interpreter, version, file, on_event, cancel)
    venv = looking.result()
    if _is_repaired(strategy, venv, anatomy, version):
        changes = Changes()
    present = venv.size_bytes or 0
    needs = Needs(_new_bytes(changes.sizes, present), free, present)
    chosen = choose_strategy(strategy, venv, anatomy, version, needs)
    problems = _obstacles(container, venv, interpreter, version, file, chosen)
    if change is not None:
        problems += choice_obstacles(change.path)
    takes, leaves = memory_bytes(chosen.name, changes.installer), free_memory(ends=ends)
    programs = restarted.result()
    return RebuildPlan(
        strategy=chosen.name,
        reason=chosen.reason,
        from_python=venv.python,
        to_python=version,
        interpreter=interpreter,
        requirements=file if file.is_file() else None,
        packages=changes.packages,
        bytes_needed=chosen.needed,
        bytes_free=free,
        ok=not problems and not changes.problems,
        problems=(*problems, *changes.problems),
        commands=_commands(
            container,
            interpreter,
            version,
            file,
            chosen.name,
            change,
            programs,
            upgraded=venv.made_by in UPGRADED,
        ),
        warnings=(
            *changes.warnings,
            *_link_warnings(container, chosen.name),
            *(choice_warnings(container, change) if change is not None else ()),
            *memory_warnings(changes, takes, leaves),
            *proof_warnings(container, chosen.name),
        ),
        offers=changes.offers,
        programs=programs,
        own_files=own.result() if own is not None else (),
        memory_bytes=takes,
        memory_free_bytes=leaves,
        requirements_digest=digest,
        usual_seconds=sum(usual_seconds(container, chosen.name).values()) or None,
        primary_tech=change,
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


def _may_be_repaired(container: Container, strategy: str) -> bool:
    """By a glance: whether a virtualenv that looks sound runs is known only later."""
    return strategy == "repair" or (strategy == "auto" and worth_a_repair(read_venv(container)))


def _is_repaired(strategy: str, venv: Venv, anatomy: Anatomy | None, version: str | None) -> bool:
    return choose_strategy(strategy, venv, anatomy, version, Needs(0, 0, 0)).name == "repair"


def _resolve(
    container: Container,
    interpreter: Path | None,
    version: str | None,
    file: Path,
    on_event: OnEvent,
    cancel: threading.Event | None,
) -> Changes:
    if interpreter is None or version is None or not file.is_file():
        return Changes()
    asked = read_requirements(file)
    with Interruption(cancel) as interruption:
        return resolve_changes(container, interpreter, version, asked, on_event=on_event, check=interruption.check)


def _obstacles(
    container: Container, venv: Venv, interpreter: Path | None, version: str | None, file: Path, chosen: Strategy
) -> list[str]:
    problems = []
    if interpreter is None or version is None:
        problems.append(_("The image offers no Python that runs."))
    if chosen.name == "repair":
        pass  # the packages stay as they are: nothing has to say what they should be
    elif not file.is_file() and venv.packages:
        problems.append(
            _("There is no {path}. Write one from what is installed with: console venv freeze").format(path=file)
        )
    elif not file.is_file():
        problems.append(_("There is no {path}: nothing says what to install.").format(path=file))
    if chosen.problem:
        problems.append(chosen.problem)
    try:
        refuse_switch(container)
        if interpreter is not None and version is not None:
            create_command(interpreter, version, container.venvs)
    except ConsoleError as error:
        problems.append(str(error))
    return problems


def _new_bytes(sizes: tuple[int | None, ...], present: int) -> int:
    """About what the new virtualenv will take: by the sizes of what is fetched, else what the present one takes."""
    known = EMPTY + sum(UNPACKED * (size or 0) + PER_PACKAGE for size in sizes)
    return known if sizes and None not in sizes else max(present, known)


def _link_warnings(container: Container, strategy: str) -> list[str]:
    target = link_target(container.venv)
    if target is None or strategy == "repair" or target.resolve().parent == container.venvs.resolve():
        return []
    said = _("{path} is a symlink of somebody else's, to {target}: the symlink is replaced, what it points to stays.")
    return [said.format(path=container.venv, target=target)]


def _commands(
    container: Container,
    interpreter: Path | None,
    version: str | None,
    file: Path,
    strategy: str,
    change: ChoiceChange | None,
    programs: Sequence[str],
    *,
    upgraded: bool,
) -> tuple[str, ...]:
    if interpreter is None or version is None:
        return ()
    stop, start = service_commands(container, programs)
    choose = choice_commands(change) if change is not None else ()
    if numbers(version) >= (3, 3):
        tool = [str(interpreter), "-m", "venv"]
    else:
        tool = [str(interpreter.parent / "virtualenv")]
    venv = str(container.venv)
    if strategy == "repair":
        return (stop, *choose, shlex.join([*tool, *(["--upgrade"] if upgraded else []), venv]), start)
    if strategy == "in-place":
        archive = str(container.venvs / "before.tar.gz")
        install = shlex.join([f"{venv}/bin/pip", "install", "-r", str(file)])
        pack = shlex.join(["tar", "-czf", archive, "-C", venv, "."])
        return (pack, stop, *choose, shlex.join(["rm", "-rf", venv]), shlex.join([*tool, venv]), install, start)
    new = container.venvs / f"new-py{version}"
    return (
        shlex.join(["mkdir", "-p", str(container.venvs)]),
        shlex.join([*tool, str(new)]),
        shlex.join([str(new / "bin" / "pip"), "install", "-r", str(file)]),
        stop,
        *choose,
        *switch_commands(container, new),
        start,
    )
