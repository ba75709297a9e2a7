"""The static block as it stands in a site file, judged without asking nginx."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ..container import Container
from ..errors import WrongUsage
from ..results import Static, StaticProblem
from ..text import _
from .block import Block, find_block, half_commented, half_commented_text
from .rules import Account, problems_of
from .syntax import SiteSyntaxError, parse

LOCATION = "/static/"


@dataclass(frozen=True)
class Look:
    """What was read: ``data`` is the file's content, ``block`` is None where the file has none or is broken."""

    static: Static
    data: bytes
    block: Block | None


def look_at(container: Container, location: str | None, file: Path | None, account: Account) -> Look:
    """The block for ``location`` (default /static/) in ``file``.

    By default that is the container's site file, or, where that has no such block, the first other file of its
    folder that has one. Raises WrongUsage for a location that is no path.
    """
    wanted = location or LOCATION
    if not wanted.startswith("/"):
        raise WrongUsage(_("{location} is no path on the site: it has to begin with a slash.").format(location=wanted))
    if file is not None:
        return _look_at_file(container, file if file.exists() else container.under_root(file), wanted, account)
    look = _look_at_file(container, container.site_file, wanted, account)
    if look.static.state == "absent":
        for other in _other_files(container.site_file):
            found = _look_at_file(container, other, wanted, account)
            if found.block is not None:
                return found
    return look


def look_at_data(container: Container, file: Path, data: bytes, location: str, account: Account) -> Look:
    """The block for ``location`` in a file with the content ``data``."""
    try:
        site = parse(data)
    except SiteSyntaxError as error:
        half = half_commented_text(data)
        problem = _half_commented(error.line) if half else _syntax(error)
        return Look(Static("broken", file, None, None, (problem,), error.line), data, None)
    block = find_block(site, location, container.http_port)
    if block is None:
        stray = half_commented(site)
        if stray is not None:
            return Look(Static("broken", file, None, None, (_half_commented(stray),), stray), data, None)
        return Look(Static("absent", file, None, None), data, None)
    found = Static("off", file, block.location, block.alias or None, (), block.line)
    if block.active:
        problems = problems_of(container, block, account)
        state = "broken" if any(problem.severity == "error" for problem in problems) else "on"
        found = replace(found, state=state, problems=problems)
    return Look(found, data, block)


def _look_at_file(container: Container, file: Path, location: str, account: Account) -> Look:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        problem = StaticProblem("site-missing", "error", _("There is no site file {path}.").format(path=file))
        return Look(Static("absent", file, None, None, (problem,)), b"", None)
    except OSError as error:
        title = _("Could not read {path}.").format(path=file)
        problem = StaticProblem("site-unreadable", "error", title, error.strerror or str(error))
        return Look(Static("broken", file, None, None, (problem,)), b"", None)
    return look_at_data(container, file, data, location, account)


def _other_files(site_file: Path) -> list[Path]:
    try:
        files = sorted(site_file.parent.iterdir())
    except OSError:
        return []
    # nginx's own pattern is *, which leaves out hidden files.
    return [file for file in files if file != site_file and not file.name.startswith(".") and file.is_file()]


def _syntax(error: SiteSyntaxError) -> StaticProblem:
    return StaticProblem(
        "syntax",
        "error",
        _("nginx cannot read the site file: {reason}, line {line}.").format(reason=error.reason, line=error.line),
        _("Correct it by hand: nginx would not start with it."),
    )


def _half_commented(line: int) -> StaticProblem:
    return StaticProblem(
        "half-commented",
        "error",
        _("The static block is commented out only in part, line {line}.").format(line=line),
        _("Take the # off all its lines, or put one before each."),
    )
