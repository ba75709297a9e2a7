"""The repair of one problem: planned, shown as a diff, and made."""

from __future__ import annotations

import shlex
import stat
from dataclasses import replace
from itertools import chain
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..events import OnEvent, ignore
from ..results import Static, StaticProblem
from ..results.static import ModeChange, StaticChange, StaticMapping, StaticRepair
from ..text import _
from .block import server_called
from .change import apply_static, here, plan_of, plan_static, slashed, unfinished_problem
from .configuration import read_configuration
from .edit import add_to_block, set_modifier, set_paths, turn_off
from .folders import Account, closed_on_the_way, survey
from .half_commented import finished, half_commented_line
from .look import LOCATION, Look, WhichServer, half_commented_problem, look_at, server_labels
from .mappings import Found, asked_at, find_mappings
from .nginx import worker_account
from .record import unfinished
from .rules import folder_of, protected

_SLASHES = ("slash-leak", "slash-missing", "slash-sibling", "leak")
_RELOADS = ("unfinished", "not-served", "still-served")
_MODES_SHOWN = 40


def plan_repair(
    container: Container,
    code: str,
    *,
    location: str | None = None,
    file: Path | None = None,
    line: int | None = None,
    server: str | None = None,
) -> StaticRepair:
    """What would mend the problem ``code`` of the mapping of ``location``; nothing has been changed.

    ``file`` and ``line`` are the mapping's own, ``server`` a name, label or line of its server, where the location
    alone does not tell which. Raises ConsoleError where there is no such mapping or problem, or where only a person
    can mend it (the remedy says how then); WhichServer where several servers have the problem and none was chosen.
    """
    account = worker_account(container)
    if code == "unfinished":
        return _unfinished(container, account)
    if code in ("django-url", "django-root"):
        return _django(container, code, file, server)
    if code == "half-commented":
        return _half_commented(container, file, line, account)
    found = _mapping(container, code, location, file, line, server, account)
    problem = _problem(container, found, code)
    if not problem.repair:
        raise ConsoleError(problem.title, _("The console cannot repair it."), problem.remedy)
    title = problem.title
    if code in ("folder-missing", "folder-closed", "files-unreadable"):
        return _on_the_disk(container, found, code, title, account)
    if code in _RELOADS:
        wanted = "on" if found.block.active else "off"
        return _edited(container, found, found.source.data, wanted, code, title, account)
    new, wanted = _new_content(container, found, code)
    return _edited(container, found, new, wanted, code, title, account)


def apply_repair(container: Container, repair: StaticRepair, *, on_event: OnEvent = ignore) -> StaticChange | None:
    """Make the planned repair: a change of the site file as ``apply_static`` makes it, None for one on the disk.

    Raises ConsoleError, with what was changed taken back, when it cannot be made; Locked when another job is at work.
    """
    from ..lock import held

    if repair.plan is not None:
        return apply_static(container, repair.plan, on_event=on_event)
    with held(container.lock, "static"):
        _change_modes(repair)
    return None


def _change_modes(repair: StaticRepair) -> None:
    done: list[ModeChange] = []
    try:
        for change in repair.modes:
            if change.before is None:
                change.path.mkdir(parents=True, exist_ok=True)
            change.path.chmod(change.after)
            done.append(change)
    except OSError as error:
        for change in reversed(done):
            if change.before is not None:
                change.path.chmod(change.before)
        raise ConsoleError(
            _("Could not change {path}.").format(path=error.filename or change.path),
            error.strerror or str(error),
            _("Do it as the owner: {command}").format(command=" && ".join(repair.commands)),
        ) from error


def _mapping(
    container: Container,
    code: str,
    location: str | None,
    file: Path | None,
    line: int | None,
    server: str | None,
    account: Account,
) -> Found:
    wanted = location or LOCATION
    place = file if file is None or file.exists() else container.under_root(file)
    rows = [
        each
        for each in find_mappings(container, read_configuration(container), account, place)
        if each.block.location.rstrip("/") == wanted.rstrip("/") and (line is None or each.mapping.line == line)
        if server is None or server in _called(each)
    ]
    if not rows:
        where = "" if server is None else _("Not in the server {server}.").format(server=server)
        raise ConsoleError(
            _("There is no static block for {location}.").format(location=wanted),
            where,
            _("See which there are: console static list"),
        )
    # Those with the problem are meant, then the broken one, then the active one.
    rows.sort(key=lambda each: ("broken", "on", "off").index(each.mapping.state))
    rows = [row for row in rows if any(problem.code == code for problem in row.mapping.problems)] or rows
    return _of_one_server(container, rows)


def _of_one_server(container: Container, rows: list[Found]) -> Found:
    """The first, of those on the load balancer's port if there are any, unless several servers there have one."""
    ours = [row for row in rows if row.server is not None and row.server.listens_on(container.http_port)]
    default = next((row for row in ours if row.server is not None and row.server.is_default(container.http_port)), None)
    by_server = {id(row.server): row for row in reversed(ours)}
    if default is not None or len(by_server) < 2:
        return default or (ours or rows)[0]
    among = sorted(by_server.values(), key=ours.index)
    files = {row.source.file for row in among}
    place = among[0].source.file if len(files) == 1 else container.site_file.parent
    raise WhichServer(place, server_labels([_called(row) for row in among]))


def _called(found: Found) -> tuple[str, ...]:
    """What the mapping's server may be called by."""
    node = found.server.node if found.server is not None else None
    return server_called(node.source.site, node.directive) if node is not None and node.source.site is not None else ()


def _problem(container: Container, found: Found, code: str) -> StaticProblem:
    from .checking import live_problems

    host, port = asked_at(container, found)
    codes = []
    for problem in chain(found.mapping.problems, live_problems(container, found.block, host=host, port=port)):
        if problem.code == code:
            return problem
        codes.append(problem.code)
    raise ConsoleError(
        _("The block for {location} has no problem {code}.").format(location=found.block.location, code=code),
        _("It has: {codes}").format(codes=", ".join(codes) or "–"),
        _("Look at it: console static check"),
    )


def _new_content(container: Container, found: Found, code: str) -> tuple[bytes, str]:
    """The site file's content that mends it, and whether the block is then "on" or "off"."""
    data, block = found.source.data, found.block
    if code in _SLASHES:
        return set_paths(data, block, slashed(block.location), slashed(block.alias)), "on"
    if code == "root-doubled":
        return set_paths(data, block, slashed(block.location), slashed(here(container, block.folder))), "on"
    if code == "shadowed":
        return set_modifier(data, block, "^~"), "on"
    if code == "symlink-out":
        return add_to_block(data, block, b"disable_symlinks on from=$document_root;"), "on"
    if code == "secret-folder":
        inner = folder_of(container, block) / "static"
        if inner.is_dir() and protected(container, inner) is None and block.uses in ("alias", "root"):
            return set_paths(data, block, slashed(block.location), slashed(str(inner))), "on"
    # The other one of two stays on, and is what has to be proved.
    return turn_off(data, block), "on" if code == "duplicate" else "off"


def _edited(
    container: Container, found: Found, new: bytes, wanted: str, code: str, title: str, account: Account
) -> StaticRepair:
    row = found.mapping
    before = Static(row.state, row.file, row.location, row.folder or None, row.problems, row.line)
    host, port = asked_at(container, found)
    look = Look(before, found.source.data, found.block, host, port)
    line = found.block.line if code != "duplicate" else None
    plan = plan_of(container, look, new, wanted, found.block.location, account, repairs=code, line=line)
    return StaticRepair(code, title, plan, (), plan.diff, plan.commands)


def _unfinished(container: Container, account: Account) -> StaticRepair:
    begun = unfinished(container)
    if begun is None:
        raise ConsoleError(_("There is no change that was killed."))
    look = look_at(container, begun.location, begun.file, account)
    plan = plan_of(container, look, look.data, begun.wanted, begun.location, account)
    plan = replace(plan, problems=())  # this is what finishes it
    return StaticRepair("unfinished", unfinished_problem(container).title, plan, (), "", plan.commands)


def _django(container: Container, code: str, file: Path | None, server: str | None) -> StaticRepair:
    """nginx does as the Django project says."""
    from .django import compare_django

    django = compare_django(container)
    problem = next((each for each in django.problems if each.code == code), None)
    if problem is None or django.static_root is None:
        raise ConsoleError(
            _("There is no problem {code}.").format(code=code),
            _("It has: {codes}").format(codes=", ".join(each.code for each in django.problems) or "–"),
        )
    alias = f"{django.static_root}/"
    plan = plan_static(container, "on", location=slashed(django.static_url), alias=alias, file=file, server=server)
    return StaticRepair(code, problem.title, plan, (), plan.diff, plan.commands)


def _half_commented(container: Container, file: Path | None, line: int | None, account: Account) -> StaticRepair:
    place = container.site_file if file is None else file if file.exists() else container.under_root(file)
    try:
        data = place.read_bytes()
    except OSError as error:
        raise ConsoleError(_("Could not read {path}.").format(path=place), error.strerror or str(error)) from error
    at = line or half_commented_line(data)
    done = finished(data, at) if at is not None else None
    if at is None or done is None:
        problem = half_commented_problem(at or 1)
        raise ConsoleError(
            _("{path} has no half-commented block that the console understands.").format(path=place),
            "",
            problem.remedy,
        )
    new, start = done
    static = Static("broken", place, None, None, (half_commented_problem(at),), at)
    plan = plan_of(
        container, Look(static, data, None), new, "on", LOCATION, account, repairs="half-commented", line=start
    )
    return StaticRepair("half-commented", half_commented_problem(at).title, plan, (), plan.diff, plan.commands)


def _on_the_disk(container: Container, found: Found, code: str, title: str, account: Account) -> StaticRepair:
    folder = folder_of(container, found.block)
    modes: list[ModeChange] = []
    if code == "folder-missing":
        modes.append(ModeChange(folder, None, 0o755))
        commands = [shlex.join(["mkdir", "-p", str(folder)])]
    elif code == "folder-closed":
        modes += [_opened(path, account, stat.S_IXUSR) for path in closed_on_the_way(folder, account)]
        commands = [shlex.join(["chmod", _words(each), str(each.path)]) for each in modes]
    else:
        facts = survey(folder, account)
        assert facts is not None
        modes += [_opened(path, account, stat.S_IXUSR | stat.S_IRUSR) for path in facts.closed]
        modes += [_opened(path, account, stat.S_IRUSR) for path in facts.unreadable]
        commands = [shlex.join(["chmod", "-R", "o+rX", str(folder)])]
    return StaticRepair(code, title, None, tuple(modes), _modes_diff(modes), tuple(commands))


def _opened(path: Path, account: Account, bits: int) -> ModeChange:
    found = path.stat()
    added = 0
    for bit in (stat.S_IRUSR, stat.S_IXUSR):
        if bits & bit:
            added |= account.missing_bit(found, bit)
    before = stat.S_IMODE(found.st_mode)
    return ModeChange(path, before, before | added)


def _words(change: ModeChange) -> str:
    added = change.after & ~(change.before or 0)
    who = "u" if added & 0o700 else "g" if added & 0o070 else "o"
    return f"{who}+{'r' if added & 0o444 else ''}{'x' if added & 0o111 else ''}"


def _modes_diff(modes: list[ModeChange]) -> str:
    """The modes before and after, in the shape of a diff."""
    lines = []
    for change in modes[:_MODES_SHOWN]:
        kind = stat.S_IFDIR if change.before is None or change.path.is_dir() else stat.S_IFREG
        if change.before is not None:
            lines.append(f"-{stat.filemode(kind | change.before)} {change.path}")
        lines.append(f"+{stat.filemode(kind | change.after)} {change.path}")
    if len(modes) > _MODES_SHOWN:
        lines.append(f" … {len(modes) - _MODES_SHOWN}")
    return "".join(line + "\n" for line in lines)


def repairs_of(mapping: StaticMapping) -> tuple[str, ...]:
    """The codes of the mapping's problems that have a repair, the worst first."""
    return tuple(problem.code for problem in mapping.problems if problem.repair)
