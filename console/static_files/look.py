"""The static block as it stands in a site file, judged without asking nginx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..container import Container
from ..errors import WrongUsage
from ..results import Static, StaticProblem
from ..text import _
from .block import (
    Block,
    NoSuchServer,
    find_block,
    half_commented,
    half_commented_text,
    listening,
    server_called,
    server_of,
    servers_of,
)
from .folders import Account
from .probe import host_of
from .rules import problems_of
from .syntax import Site, parse
from .tokens import SiteSyntaxError

LOCATION = "/static/"


@dataclass(frozen=True)
class Look:
    """What was read: ``data`` is the file's content, ``block`` is None where the file has none or is broken."""

    static: Static
    data: bytes
    block: Block | None
    host: str = ""
    port: int | None = None


class WhichServer(WrongUsage):
    """Several servers listen on the port; ``labels`` are what ``server`` may be, one for each."""

    def __init__(self, file: Path, labels: tuple[str, ...]) -> None:
        super().__init__(
            _("{file} has several servers that listen on the same port.").format(file=file),
            ", ".join(labels),
            _("Say which one is meant: --server NAME"),
        )
        self.labels = labels


def look_at(
    container: Container,
    location: str | None,
    file: Path | None,
    account: Account,
    server: str | None = None,
    *,
    one: bool = False,
) -> Look:
    """The block for ``location`` (default /static/) in ``file``, in its ``server`` (a name, label or line).

    By default that is the container's site file, or, where that has no such block, the first other file of its
    folder that has one. Raises WrongUsage for a location that is no path or a server that is not there, and with
    ``one`` WhichServer where several listen on the port and none was chosen.
    """
    wanted = location or LOCATION
    if not wanted.startswith("/"):
        raise WrongUsage(_("{location} is no path on the site: it has to begin with a slash.").format(location=wanted))
    if file is not None:
        place = file if file.exists() else container.under_root(file)
        return _only(container, _look_at_file(container, place, wanted, account, server), server, one)
    look = _look_at_file(container, container.site_file, wanted, account, server)
    if look.static.state == "absent":
        for other in _other_files(container.site_file):
            try:
                found = _look_at_file(container, other, wanted, account, server)
            except WrongUsage:  # the server that is meant stands in another file
                continue
            if found.block is not None:
                return _only(container, found, server, one)
    return _only(container, look, server, one)


def _only(container: Container, look: Look, server: str | None, one: bool) -> Look:
    """``look``, if no other server of the file could have been meant."""
    if not one or server is not None or (look.static.state == "broken" and look.block is None):
        return look
    try:
        site = parse(look.data)
    except SiteSyntaxError:
        return look
    servers = listening(site, container.http_port)
    if len(servers) > 1:
        raise WhichServer(look.static.file, server_labels([server_called(site, each) for each in servers]))
    return look


def server_labels(called: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """One word for each server, of those that it is called by; servers of the same name go by their lines."""
    labels = [names[0] for names in called]
    return tuple(names[0] if labels.count(names[0]) == 1 else names[-1] for names in called)


def look_at_data(
    container: Container, file: Path, data: bytes, location: str, account: Account, server: str | None = None
) -> Look:
    """The block for ``location`` in a file with the content ``data``."""
    try:
        site = parse(data)
    except SiteSyntaxError as error:
        half = half_commented_text(data)
        problem = half_commented_problem(error.line) if half else syntax_problem(error)
        return Look(Static("broken", file, None, None, (problem,), error.line), data, None)
    try:
        block = find_block(site, location, container.http_port, server)
    except NoSuchServer as error:
        names = ", ".join(server_called(site, each)[0] for each in servers_of(site))
        raise WrongUsage(
            _("{file} has no server {server}.").format(file=file, server=server),
            _("It has: {names}").format(names=names) if names else "",
        ) from error
    host, port = _asked_at(site, container.http_port, server)
    if block is None:
        stray = half_commented(site)
        if stray is not None:
            return Look(Static("broken", file, None, None, (half_commented_problem(stray),), stray), data, None)
        return Look(Static("absent", file, None, None), data, None, host, port)
    found = Static("off", file, block.location, block.alias or None, (), block.line)
    if block.active:
        problems = problems_of(container, block, account)
        state = "broken" if any(problem.severity == "error" for problem in problems) else "on"
        found = replace(found, state=state, problems=problems)
    return Look(found, data, block, host, port)


def _asked_at(site: Site, http_port: int, server: str | None) -> tuple[str, int | None]:
    """The Host and the port by which the chosen server is reached; "" and None for the load balancer's own way."""
    chosen = server_of(site, http_port, server)
    if server is None or chosen is None or chosen in listening(site, http_port)[:1]:
        return "", None
    names = [name for each in chosen.body if each.name == "server_name" for name in each.texts]
    host = host_of(names)
    ports = [each.texts[0].rpartition(":")[2] for each in chosen.body if each.name == "listen" and each.args]
    if str(http_port) in ports:
        return host, None
    return host, next((int(port) for port in ports if port.isdigit()), None)


def _look_at_file(container: Container, file: Path, location: str, account: Account, server: str | None) -> Look:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        problem = StaticProblem("site-missing", "error", _("There is no site file {path}.").format(path=file))
        return Look(Static("absent", file, None, None, (problem,)), b"", None)
    except OSError as error:
        return Look(Static("broken", file, None, None, (unreadable_problem(file, error),)), b"", None)
    return look_at_data(container, file, data, location, account, server)


def _other_files(site_file: Path) -> list[Path]:
    try:
        files = sorted(site_file.parent.iterdir())
    except OSError:
        return []
    # nginx's own pattern is *, which leaves out hidden files.
    return [file for file in files if file != site_file and not file.name.startswith(".") and file.is_file()]


def unreadable_problem(file: Path, error: OSError) -> StaticProblem:
    """A file of the configuration that may not be read."""
    title = _("Could not read {path}.").format(path=file)
    return StaticProblem("site-unreadable", "error", title, error.strerror or str(error))


def syntax_problem(error: SiteSyntaxError) -> StaticProblem:
    """A file that is not nginx's."""
    return StaticProblem(
        "syntax",
        "error",
        _("nginx cannot read the site file: {reason}, line {line}.").format(reason=error.reason, line=error.line),
        _("Correct it by hand: nginx would not start with it."),
    )


def half_commented_problem(line: int) -> StaticProblem:
    """A block of which only some lines are comments."""
    return StaticProblem(
        "half-commented",
        "error",
        _("The static block is commented out only in part, line {line}.").format(line=line),
        _("Take the # off all its lines, or put one before each."),
        "edit",
    )
