"""nginx's static files: how they stand, a plan to turn them on or off, and the change, made and proved."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ..atomic import diff
from ..container import Container
from ..errors import ConsoleError, WrongUsage
from ..events import OnEvent, ignore
from ..results import Static, StaticProblem
from ..results.static import StaticChange, StaticPlan
from ..shell_commands import console_command
from ..text import _
from .block import Block, all_blocks
from .commands import change_commands
from .edit import insert, set_paths, turn_off, turn_on
from .folders import Account
from .look import LOCATION, Look, look_at, look_at_data
from .nginx import worker_account
from .record import unfinished
from .rules import LEAK, MISSING, SIBLING, folder_of, problems_of, slash_case
from .syntax import parse

_EARLIER = 5  # backups looked at for the way a block was commented


def read_static(
    container: Container, *, location: str | None = None, file: Path | None = None, server: str | None = None
) -> Static:
    """The static block for ``location`` (default /static/), from the files alone: quick, and nothing is asked.

    ``state`` is "broken" for an active block that leaks or serves nothing. Raises WrongUsage for a location that
    does not begin with a slash.
    """
    return _with_unfinished(container, look_at(container, location, file, worker_account(container), server).static)


def check_static(
    container: Container, *, location: str | None = None, file: Path | None = None, server: str | None = None
) -> Static:
    """``read_static``, and where nginx runs, what it really serves and what can be reached beside the folder.

    Of a block that is off its problems are warnings: what it would have if it were on.
    """
    from .checking import live_problems
    from .mappings import mapping_in

    account = worker_account(container)
    look = look_at(container, location, file, account, server)
    static = _with_unfinished(container, look.static)
    if look.block is None:
        return static
    problems = list(static.problems)
    if not look.block.active:
        problems = [replace(each, severity="warning") for each in problems_of(container, look.block, account)]
    else:
        mapping = mapping_in(container, static.file, look.data, look.block.line, account)
        known = {problem.code for problem in problems}
        problems += [each for each in mapping.problems if each.code not in known] if mapping is not None else []
    problems += live_problems(container, look.block, host=look.host, port=look.port)
    problems.sort(key=lambda problem: problem.severity != "error")
    state = static.state
    if state == "on" and any(problem.severity == "error" for problem in problems):
        state = "broken"
    return replace(static, state=state, problems=tuple(problems))


def plan_static(
    container: Container,
    wanted: str,
    *,
    location: str | None = None,
    alias: str | None = None,
    file: Path | None = None,
    server: str | None = None,
) -> StaticPlan:
    """What turning the block "on" or "off" would change; nothing has been changed. The app is asked whether it has a
    page where "on" would put the folder.

    "on" takes the comment signs off, or writes a block where there is none, and makes location and alias both end
    with a slash where only one does, and where they are given. ``problems`` are those that the block would have;
    an error among them stops ``apply_static``. ``server`` is one of several in the file, by a name, its label or its
    line. Raises ConsoleError when the file cannot be changed safely, WhichServer when several listen on the port.
    """
    if wanted not in ("on", "off"):
        raise WrongUsage(_("Static files can be turned on or off, not {wanted}.").format(wanted=wanted))
    account = worker_account(container)
    look = look_at(container, location, file, account, server, one=True)
    broken = next((problem for problem in look.static.problems if problem.severity == "error"), None)
    # A location that serves no files is somebody's purpose, or too far from right to be mended from here.
    if broken is not None and (look.block is None or not look.block.uses):
        raise ConsoleError(broken.title, remedy=broken.remedy)
    new = look.data
    if wanted == "on":
        new = _turned_on(container, look, location, alias, server)
    elif look.block is not None and look.block.active:
        new = turn_off(look.data, look.block, _earlier(container, look.static.file))
    plan = plan_of(container, look, new, wanted, location or LOCATION, account, server=server)
    if wanted == "on" and plan.new != plan.old:
        from .checking import taken_from_the_app

        plan = replace(plan, problems=(*plan.problems, *taken_from_the_app(container, plan.location, plan.host)))
    return plan


def plan_of(
    container: Container,
    look: Look,
    new: bytes,
    wanted: str,
    location: str,
    account: Account,
    *,
    server: str | None = None,
    repairs: str = "",
    line: int | None = None,
) -> StaticPlan:
    """The plan that makes ``new`` of the file that was looked at, where ``location`` is then ``wanted``.

    ``line`` is where its block then begins, where the location alone does not tell which.
    """
    from .mappings import mapping_in

    static = look.static
    meant = look_at_data(container, static.file, new, location, account, server).static
    at = line or meant.line
    mapping = mapping_in(container, static.file, new, at, account) if at is not None else None
    if mapping is not None:
        meant = replace(meant, location=mapping.location, alias=mapping.folder, problems=mapping.problems)
    problems = meant.problems if wanted == "on" else ()
    left = unfinished(container) if new == look.data else None
    if left is not None and left.file == static.file:
        problems = (unfinished_problem(container), *problems)
    changes = new != look.data or (left is not None and left.file == static.file) or bool(repairs)
    return StaticPlan(
        before=static,
        wanted=wanted,
        location=meant.location or location,
        alias=meant.alias or "",
        old=look.data,
        new=new,
        diff=diff(look.data, new, str(static.file)),
        changes=changes,
        problems=problems,
        commands=change_commands(container, static) if changes else (),
        files=mapping.files if mapping is not None else None,
        bytes=mapping.bytes if mapping is not None else None,
        host=look.host,
        port=look.port,
        repairs=repairs,
    )


def apply_static(container: Container, plan: StaticPlan, *, on_event: OnEvent = ignore) -> StaticChange:
    """Make the planned change: keep the old file, write, let nginx test and take it, and prove it by requests.

    The proof of "on": a file of the folder comes byte for byte, a missing one is nginx's 404, and nothing beside the
    folder can be reached. When nginx does not take it, or does not do what was meant, the old file is back and nginx
    has it again, and the result says which step failed and why. A plan without a difference finishes the change of a
    console that was killed. Raises ConsoleError, with nothing changed, when the plan has errors (those that stood
    before do not count for a repair or an undo), the file is not what it was planned for, or it cannot be written;
    Locked when another job is at work. Events are Step and StepDone for backup, write, test, reload and prove.
    """
    from ..lock import held
    from .applying import Applying
    from .undo import settle_held

    errors = refusals(plan)
    if errors:
        raise ConsoleError(errors[0].title, " ".join(each.title for each in errors[1:]), errors[0].remedy)
    if not plan.changes:
        return StaticChange(True, plan.before, "", None, 0.0)
    with held(container.lock, "static"):
        if plan.old == plan.new:
            settled = settle_held(container, on_event)
            if settled is not None:
                return settled
        return Applying(container, plan, on_event).run()


def refusals(plan: StaticPlan) -> list[StaticProblem]:
    """The errors for which ``apply_static`` will not make the plan."""
    if plan.undoes is not None:
        return []
    stood = {problem.code for problem in plan.before.problems} if plan.repairs else set()
    return [problem for problem in plan.problems if problem.severity == "error" and problem.code not in stood]


def unfinished_problem(container: Container) -> StaticProblem:
    """A change whose console was killed before nginx had taken it."""
    return StaticProblem(
        "unfinished",
        "warning",
        _("The last change was killed before it was proved: nginx may not have taken it up."),
        _("Finish it, or have it taken back: {command}").format(
            command=console_command(container, "static", "repair", "unfinished")
        ),
        "edit",
    )


def _with_unfinished(container: Container, static: Static) -> Static:
    left = unfinished(container)
    if left is None or left.file != static.file:
        return static
    return replace(static, problems=(*static.problems, unfinished_problem(container)))


def _turned_on(container: Container, look: Look, location: str | None, alias: str | None, server: str | None) -> bytes:
    block, data = look.block, look.data
    if block is None:
        folder = alias or f"{container.srv / 'static'}/"
        return insert(
            data, container.http_port, slashed(location or LOCATION), slashed(here(container, folder)), server
        )
    was_off = not block.active
    if was_off:
        data = turn_on(data, block)
        start = block.start
        block = next(each for each in all_blocks(parse(data)) if each.start == start and each.active)
    path, folder = _paths(container, block, location, alias, was_off)
    return data if (path, folder) == (block.location, block.alias) else set_paths(data, block, path, folder)


def _paths(
    container: Container, block: Block, location: str | None, alias: str | None, was_off: bool
) -> tuple[str, str]:
    """Location and alias as the block shall have them; what is written anew ends with a slash, both or none."""
    if block.modifier == "=":
        return block.location, here(container, alias) if alias else block.alias
    asked = alias or (location and location != block.location)
    wrong = (LEAK, MISSING, SIBLING) if was_off else (LEAK, MISSING)
    uneven = block.uses == "alias" and slash_case(block.location, block.alias) in wrong
    doubled = block.uses == "root" and not folder_of(container, block).is_dir()
    if not asked and not uneven and not doubled:
        return block.location, block.alias
    folder = alias or block.alias
    if doubled and not alias and container.under_root(block.folder).is_dir():
        folder = block.folder
    return slashed(location or block.location), slashed(here(container, folder))


def here(container: Container, alias: str) -> str:
    """``alias`` as it has to be written for this container: under its root. Its last slash stays."""
    if not alias.startswith("/"):
        raise WrongUsage(_("{alias} is no absolute path.").format(alias=alias))
    return str(container.under_root(os.path.normpath(alias))) + ("/" if alias.endswith("/") else "")


def slashed(path: str) -> str:
    """``path`` with one slash at its end."""
    return path.rstrip("/") + "/"


def _earlier(container: Container, file: Path) -> list[bytes]:
    """The newest backups of ``file``, newest first."""
    prefix = Path(os.path.realpath(file)).name + "."
    try:
        found = sorted(path for path in container.backups.iterdir() if path.name.startswith(prefix))
        return [path.read_bytes() for path in found[: -_EARLIER - 1 : -1]]
    except OSError:  # none were kept yet, or they are another user's: the block is commented in the usual way
        return []
