"""nginx's static files: how they stand, a plan to turn them on or off, and the change, made and proved."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path

from ..atomic import diff
from ..container import Container
from ..errors import ConsoleError, WrongUsage
from ..events import OnEvent, ignore
from ..results import Static, StaticChange, StaticPlan
from ..shell_commands import supervisorctl
from ..text import _
from .block import Block, all_blocks
from .edit import insert, set_paths, turn_off, turn_on
from .look import LOCATION, Look, look_at, look_at_data
from .nginx import PROGRAM, worker_account
from .rules import LEAK, MISSING, folder_of, problems_of, slash_case
from .syntax import parse

_EARLIER = 5  # backups looked at for the way a block was commented


def read_static(container: Container, *, location: str | None = None, file: Path | None = None) -> Static:
    """The static block for ``location`` (default /static/), from the files alone: quick, and nothing is asked.

    ``state`` is "broken" for an active block that leaks or serves nothing. Raises WrongUsage for a location that
    does not begin with a slash.
    """
    return look_at(container, location, file, worker_account(container)).static


def check_static(container: Container, *, location: str | None = None, file: Path | None = None) -> Static:
    """``read_static``, and where nginx runs, what it really serves and what can be reached beside the folder.

    Of a block that is off its problems are warnings: what it would have if it were on.
    """
    from .checking import live_problems

    account = worker_account(container)
    look = look_at(container, location, file, account)
    if look.block is None:
        return look.static
    problems = list(look.static.problems)
    if not look.block.active:
        problems = [replace(each, severity="warning") for each in problems_of(container, look.block, account)]
    problems += live_problems(container, look.block)
    state = look.static.state
    if state == "on" and any(problem.severity == "error" for problem in problems):
        state = "broken"
    return replace(look.static, state=state, problems=tuple(problems))


def plan_static(
    container: Container,
    wanted: str,
    *,
    location: str | None = None,
    alias: str | None = None,
    file: Path | None = None,
) -> StaticPlan:
    """What turning the block "on" or "off" would change; nothing has been changed.

    "on" takes the comment signs off, or writes a block where there is none, and makes location and alias both end
    with a slash where only one does, and where they are given. ``problems`` are those that the block would have;
    an error among them stops ``apply_static``. Raises ConsoleError when the file cannot be changed safely.
    """
    if wanted not in ("on", "off"):
        raise WrongUsage(_("Static files can be turned on or off, not {wanted}.").format(wanted=wanted))
    account = worker_account(container)
    look = look_at(container, location, file, account)
    broken = next((problem for problem in look.static.problems if problem.severity == "error"), None)
    # A location that serves no files is somebody's purpose, or too far from right to be mended from here.
    if broken is not None and (look.block is None or not look.block.uses):
        raise ConsoleError(broken.title, remedy=broken.remedy)
    new, meant = look.data, replace(look.static, problems=())
    if wanted == "on":
        new = _turned_on(container, look, location, alias)
        meant = look_at_data(container, look.static.file, new, location or LOCATION, account).static
    elif look.block is not None and look.block.active:
        new = turn_off(look.data, look.block, _earlier(container, look.static.file))
    return StaticPlan(
        before=look.static,
        wanted=wanted,
        location=meant.location or location or LOCATION,
        alias=meant.alias or "",
        old=look.data,
        new=new,
        diff=diff(look.data, new, str(look.static.file)),
        changes=new != look.data,
        problems=meant.problems,
        commands=_commands(container, look.static) if new != look.data else (),
    )


def apply_static(container: Container, plan: StaticPlan, *, on_event: OnEvent = ignore) -> StaticChange:
    """Make the planned change: keep the old file, write, let nginx test and take it, and prove it by a request.

    When nginx does not take it, or does not do what was meant, the old file is back and nginx has it again, and the
    result says which step failed and why. Raises ConsoleError, with nothing changed, when the plan has errors, the
    file is not what it was planned for, or it cannot be written; Locked when another job is at work. Events are
    Step and StepDone for backup, write, test, reload and prove.
    """
    from ..lock import held
    from .applying import Applying

    errors = [problem for problem in plan.problems if problem.severity == "error"]
    if errors:
        raise ConsoleError(errors[0].title, " ".join(each.title for each in errors[1:]), errors[0].remedy)
    if not plan.changes:
        return StaticChange(True, plan.before, "", None, 0.0)
    with held(container.lock, "static"):
        return Applying(container, plan, on_event).run()


def _turned_on(container: Container, look: Look, location: str | None, alias: str | None) -> bytes:
    block, data = look.block, look.data
    if block is None:
        folder = alias or f"{container.srv / 'static'}/"
        return insert(data, container.http_port, _slashed(location or LOCATION), _slashed(_here(container, folder)))
    if not block.active:
        data = turn_on(data, block)
        start = block.start
        block = next(each for each in all_blocks(parse(data)) if each.start == start and each.active)
    path, folder = _paths(container, block, location, alias)
    return data if (path, folder) == (block.location, block.alias) else set_paths(data, block, path, folder)


def _paths(container: Container, block: Block, location: str | None, alias: str | None) -> tuple[str, str]:
    """Location and alias as the block shall have them; what is written anew ends with a slash, both or none."""
    if block.modifier == "=":
        return block.location, _here(container, alias) if alias else block.alias
    asked = alias or (location and location != block.location)
    uneven = block.uses == "alias" and slash_case(block.location, block.alias) in (LEAK, MISSING)
    doubled = block.uses == "root" and not folder_of(container, block).is_dir()
    if not asked and not uneven and not doubled:
        return block.location, block.alias
    folder = alias or block.alias
    if doubled and not alias and container.under_root(block.folder).is_dir():
        folder = block.folder
    return _slashed(location or block.location), _slashed(_here(container, folder))


def _here(container: Container, alias: str) -> str:
    """``alias`` as it has to be written for this container: under its root. Its last slash stays."""
    if not alias.startswith("/"):
        raise WrongUsage(_("{alias} is no absolute path.").format(alias=alias))
    return str(container.under_root(os.path.normpath(alias))) + ("/" if alias.endswith("/") else "")


def _slashed(path: str) -> str:
    return path.rstrip("/") + "/"


def _earlier(container: Container, file: Path) -> list[bytes]:
    """The newest backups of ``file``, newest first."""
    prefix = Path(os.path.realpath(file)).name + "."
    try:
        found = sorted(path for path in container.backups.iterdir() if path.name.startswith(prefix))
        return [path.read_bytes() for path in found[: -_EARLIER - 1 : -1]]
    except OSError:  # none were kept yet, or they are another user's: the block is commented in the usual way
        return []


def _commands(container: Container, static: Static) -> tuple[str, ...]:
    conf = container.root / "etc/nginx/nginx.conf"
    test = ["nginx", "-t", *(["-c", str(conf)] if container.root != Path("/") else [])]
    return (
        shlex.join(["cp", "-p", str(static.file), f"{container.backups}/"]),
        shlex.join(["nano", f"+{static.line or 1}", str(static.file)]),
        shlex.join(test),
        supervisorctl(container, "signal", "HUP", PROGRAM),
        f"curl -I http://127.0.0.1:{container.http_port}{static.location or LOCATION}",
    )
