"""What nginx does with one request: which location takes it and why, the file it opens, and what it really answers."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..container import Container
from ..results.static import StaticDoubt, StaticExplanation, StaticStep
from .configuration import Configuration, Server, read_configuration
from .doubts import doubt, location_doubts, server_doubts, shown
from .folders import Account, closed_on_the_way
from .matching import Location, Match, locations_of, match
from .nginx import worker_account
from .opened import file_of
from .probe import Answer, fetch, is_the_apps
from .request_uri import RequestUri, request_uri


@dataclass(frozen=True)
class _Opened:
    """The file (None: a variable decides, or none is opened), how it was found, what keeps nginx out."""

    path: Path | None
    found: str
    closed: Path | None = None


def explain(container: Container, text: str, *, host: str = "", live: bool = True) -> StaticExplanation:
    """What happens to a request for ``text``: a path, or a whole URL, whose host then chooses the server.

    ``live`` asks nginx as well. Nothing is raised for what does not answer or cannot be read: the result says so.
    """
    configuration = read_configuration(container)
    uri = request_uri(text)
    server = choose_server(configuration, container.http_port, host or uri.host)
    if server is not None and _merges_not(server):
        uri = request_uri(text, merge_slashes=False)
    found = _from_files(container, text, uri, server)
    return _asked(container, found, uri, host or uri.host) if live else found


def choose_server(configuration: Configuration, port: int, host: str) -> Server | None:
    """The server that nginx takes for ``host``: exact names, wildcards, expressions, then the default one
    (https://nginx.org/en/docs/http/server_names.html).
    """
    servers = [server for server in configuration.servers if server.listens_on(port)]
    name = host.lower().rstrip(".")
    if name:
        ranked = [(_rank(pattern, name), server) for server in servers for pattern in server.names]
        best = max((rank for rank, _server in ranked), default=(0, 0))
        if best > (0, 0):
            return next(server for rank, server in ranked if rank == best)
    return next(iter([*(each for each in servers if each.is_default(port)), *servers]), None)


def _rank(pattern: str, name: str) -> tuple[int, int]:
    pattern = pattern.lower()
    if pattern == name or (pattern.startswith(".") and pattern[1:] == name):
        return 4, 0
    if pattern.startswith(("*.", ".")) and name.endswith(pattern.lstrip("*")):
        return 3, len(pattern)
    if pattern.endswith(".*") and name.startswith(pattern[:-1]):
        return 2, len(pattern)
    if pattern.startswith("~"):
        try:
            return (1, 0) if re.search(pattern[1:], name, re.IGNORECASE) else (0, 0)
        except re.error:
            return 0, 0
    return 0, 0


def _merges_not(server: Server) -> bool:
    for node in (server.node, *reversed(server.around)):
        setting = node.first("merge_slashes")
        if setting is not None:
            return setting.texts[0] == "off"
    return False


def _from_files(container: Container, asked: str, uri: RequestUri, server: Server | None) -> StaticExplanation:
    told = StaticExplanation(
        asked=asked,
        sent=uri.sent,
        path=os.fsdecode(uri.path) if uri.path is not None else None,
        refused=uri.refused,
        server=server.label if server is not None else "",
        steps=(),
        location=None,
        file=None,
        line=None,
        handler="",
        opens=None,
        found="",
        closed=None,
        sure=True,
    )
    if uri.path is None or server is None:
        return told
    told = _doubted(told, *server_doubts(server))
    first = server.node.first("return")
    if first is not None:
        return replace(told, file=first.source.file, line=first.line, handler=shown(first))
    locations = locations_of(server)
    matched = match(locations, uri.path)
    told = replace(told, steps=_steps(matched), sure=told.sure and matched.sure)
    location = matched.location
    if location is None:
        opened = _opened(container, _plain_root(server, uri.path), uri.path, ("index.html",))
        return replace(told, opens=opened.path, found=opened.found, closed=opened.closed)
    told = replace(
        told,
        location=location.shown,
        file=location.node.source.file,
        line=location.node.line,
    )
    if matched.redirect:
        return replace(told, handler="301")
    if location.handler is not None:
        return _doubted(replace(told, handler=shown(location.handler)), *location_doubts(location, given=False))
    opened = _tried(container, location, matched, uri.path)
    told = _doubted(told, *location_doubts(location, given=opened.found == "file"))
    tries = location.node.first("try_files")
    fallback = tries.texts[-1] if tries is not None and opened.found == "missing" else ""
    if tries is not None and (opened.path is None or (fallback and not fallback.startswith("="))):
        told = _doubted(told, doubt(tries))
    told = _doubted(told, *_taken_as_index(locations, location, opened, uri.path))
    return replace(
        told,
        opens=opened.path,
        found=opened.found,
        closed=opened.closed,
        handler=f"try_files {fallback}" if fallback else "",
    )


def _steps(matched: Match) -> tuple[StaticStep, ...]:
    return tuple(
        StaticStep(step.location.shown, step.location.node.source.file, step.location.node.line, step.outcome)
        for step in matched.steps
    )


def _doubted(told: StaticExplanation, *doubts: StaticDoubt) -> StaticExplanation:
    return replace(told, doubts=(*told.doubts, *doubts), sure=told.sure and not doubts)


def _taken_as_index(
    locations: tuple[Location, ...], location: Location, opened: _Opened, path: bytes
) -> Iterator[StaticDoubt]:
    """nginx looks for a location again with the index file's own path; one that then takes it may do otherwise."""
    if not path.endswith(b"/") or opened.path is None or opened.found in ("folder", "missing", "closed"):
        return
    again = match(locations, path + os.fsencode(opened.path.name)).location
    if again is not None and again.node is not location.node:
        yield StaticDoubt(f"location {again.shown}", again.node.source.file, again.node.line)


def _plain_root(server: Server, path: bytes) -> str | None:
    for node in (server.node, *reversed(server.around)):
        root = node.first("root")
        if root is not None:
            return root.texts[0].rstrip("/") + os.fsdecode(path) if "$" not in root.texts[0] else None
    return None


def _tried(container: Container, location: Location, matched: Match, path: bytes) -> _Opened:
    """The file of the location, or the first that is there of those that try_files names."""
    indexes = location.setting("index")
    names = indexes.texts if indexes is not None else ("index.html",)
    tries = location.node.first("try_files")
    for text in tries.texts[:-1] if tries is not None else ():
        expanded = text.replace("$uri", os.fsdecode(path))
        if "$" in expanded:
            return _Opened(None, "")
        base = file_of(location, os.fsencode(expanded), matched.captures)
        opened = _opened(container, base, os.fsencode(expanded), names)
        if opened.found not in ("missing", "folder") or (opened.found == "folder" and text.endswith("/")):
            return opened
    base = file_of(location, path, matched.captures)
    opened = _opened(container, base, path, names)
    return replace(opened, found="missing") if tries is not None and opened.path is not None else opened


def _opened(container: Container, text: str | None, path: bytes, indexes: tuple[str, ...]) -> _Opened:
    if text is None:
        return _Opened(None, "")
    account = worker_account(container)
    # As nginx does it: what follows the folder is no more than text behind it, and the last slash asks for an index.
    place = container.under_root(text)
    if path.endswith(b"/"):
        for name in indexes:
            index = place / name
            if "$" not in name and index.is_file():
                return _looked_at(index, account)
        found = _looked_at(place, account)
        return found if found.found in ("closed", "missing") else _Opened(place, "folder")
    return _looked_at(place, account)


def _looked_at(place: Path, account: Account) -> _Opened:
    closed = next(iter(closed_on_the_way(place.parent, account)), None)
    if closed is not None:
        return _Opened(place, "closed", closed)
    try:
        about = place.stat()
    except PermissionError:
        return _Opened(place, "closed", place.parent)
    except (OSError, ValueError):
        return _Opened(place, "missing")
    if stat.S_ISDIR(about.st_mode):
        return _Opened(place, "folder")
    return _Opened(place, "file" if account.may_read(about) else "unreadable")


def _asked(container: Container, found: StaticExplanation, uri: RequestUri, host: str) -> StaticExplanation:
    name = host if re.fullmatch(r"[\w.-]+|\[[0-9a-fA-F:.]+\]", host) else ""
    answer = fetch(container.http_port, uri.sent, host=name)
    if answer.status is None:
        return replace(found, answered_by="nobody", error=answer.error)
    return replace(
        found,
        status=answer.status,
        answered_by=_who(container, found, answer, uri.sent, name),
        seconds=answer.seconds,
    )


def _who(container: Container, found: StaticExplanation, answer: Answer, url: str, host: str) -> str:
    """nginx, when the answer is a page or a file as only it gives them; else the app, where it says the same."""
    if answer.is_nginx_page:
        return "nginx"
    if found.opens is not None and found.found == "file":
        try:
            if answer.is_file_by_nginx(found.opens.stat()):
                return "nginx"
        except OSError:  # it is gone meanwhile
            pass
    if found.handler.startswith("return "):
        return "nginx"
    if found.handler.partition(" ")[0].endswith("_pass"):
        return "app"
    return "app" if is_the_apps(answer, container.app_port, url, host=host) else "nginx"
