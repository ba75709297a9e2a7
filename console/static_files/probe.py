"""Asking nginx itself: does it serve a file of the folder byte for byte, and what can be reached beside it?"""

from __future__ import annotations

import itertools
import os
import re
import stat
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from .. import __version__
from .folders import Account, closed_on_the_way

SECONDS = 5.0
_FILE_BYTES = 1 << 20
_ENTRIES = 2000  # of a folder tree looked through at most
_AGENT = f"rosti-console/{__version__}"
_NEAREST = 20  # files beside the folder of which the oldest is asked for
_SIBLINGS = 3  # beside the folder, with names that begin like its own, tried at most
_NAME = re.compile(r"(?!_$)\w[\w.-]*")
_NGINX_PAGE = re.compile(rb"<center>nginx(?:/[\d.]+)?</center>")


@dataclass(frozen=True)
class Answer:
    """``status`` None means that none came, and ``error`` why. ``body`` is whole up to a megabyte.

    ``headers`` have their names in small letters; ``seconds`` until all of it was there.
    """

    status: int | None
    body: bytes
    error: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def gives(self, data: bytes) -> bool:
        return self.status == 200 and self.body == data

    @property
    def is_nginx_page(self) -> bool:
        """Whether it is one of nginx's own pages for errors and redirects, which end with its name."""
        return _NGINX_PAGE.search(self.body) is not None

    def is_file_by_nginx(self, file: os.stat_result) -> bool:
        """Whether nginx took it from ``file``: its ETag is made of the file's time and size, in hexadecimal."""
        tag = self.headers.get("etag", "").removeprefix("W/")
        return tag == f'"{int(file.st_mtime):x}-{file.st_size:x}"'


@dataclass(frozen=True)
class Leak:
    """The request ``url`` gave the file ``path`` from outside of the folder."""

    url: str
    path: Path


def fetch(port: int, url: str, timeout: float = SECONDS, *, host: str = "") -> Answer:
    """The answer to ``GET url`` on this machine; ``url`` is sent as it is, ``host`` as the Host (default: localhost).

    Never raises for what the network does.
    """
    from http.client import HTTPConnection, HTTPException  # 30 ms, and only a proof needs it

    answer = Answer(None, b"")
    began = time.monotonic()
    for address in ("127.0.0.1", "::1"):
        connection = HTTPConnection(address, port, timeout=timeout)
        try:
            connection.request(
                "GET", url, headers={"Host": host or "localhost", "Connection": "close", "User-Agent": _AGENT}
            )
            response = connection.getresponse()
            body = response.read(_FILE_BYTES + 1)
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, body, "", headers, time.monotonic() - began)
        except ConnectionRefusedError as error:
            answer = Answer(None, b"", error.strerror or str(error))
        except (OSError, HTTPException) as error:
            return Answer(None, b"", str(error) or type(error).__name__)
        finally:
            connection.close()
    return answer


def is_the_apps(answer: Answer, app_port: int, url: str, *, host: str = "") -> bool:
    """Whether the app, asked on its own port, says the same; the Host is what nginx usually hands on to it."""
    for name in (host, f"127.0.0.1:{app_port}"):
        direct = fetch(app_port, url, host=name)
        if (direct.status, direct.body) == (answer.status, answer.body):
            return True
    return False


def host_of(names: Iterable[str]) -> str:
    """The Host that asks a server of these names for; empty where none of them is a plain one."""
    return next((name for name in names if _NAME.fullmatch(name)), "")


def url_of(location: str, name: str) -> str:
    """The path on the site of the file ``name`` (relative, of the location's folder)."""
    return quote(os.fsencode(f"{location.rstrip('/')}/{name}"), safe="/~!$&'()*+,;=:@")


def a_file(folder: Path, wanted: Callable[[Path], bool] = lambda _path: True) -> tuple[Path, bytes] | None:
    """A ``wanted`` file of ``folder`` with its content, to prove with: not empty, of at most a megabyte; None without
    one.
    """
    for path in filter(wanted, _files(folder, _ENTRIES)):
        try:
            data = path.read_bytes()
        except OSError:  # nginx may not be able to read it either; another one will do
            continue
        if data:
            return path, data
    return None


def leaks(port: int, location: str, alias: str, folder: Path, account: Account, *, host: str = "") -> tuple[Leak, ...]:
    """The files outside of ``folder`` that a request can reach through ``location``, one for each way out.

    ``alias`` as nginx has it, where ``folder`` is the same place to be opened here. Tried is a file beside the folder
    that nginx's ``account`` may read, by ``..``, plain and encoded, and by names that begin like the folder's. Few,
    because each request is a line in the customer's logs.
    """
    found: dict[str, Leak] = {}
    for way, url, path in _attempts(location, alias, folder, account):
        if way in found:
            continue
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if data and fetch(port, url, host=host).gives(data):
            found[way] = Leak(url, path)
    return tuple(found.values())


def _attempts(location: str, alias: str, folder: Path, account: Account) -> Iterator[tuple[str, str, Path]]:
    parent = folder.parent
    bare = quote(location.rstrip("/"), safe="/~!$&'()*+,;=:@")
    readable = (path for path in _files(parent, _ENTRIES, without=folder) if _may_read(path, account))
    # One that is still written, as a log, could be another when it is compared.
    for path in sorted(itertools.islice(readable, _NEAREST), key=_modified)[:1]:
        rest = quote(os.fsencode(path.relative_to(parent)))
        # With a slash before the dots nginx takes the two away, and the request is none of the location's.
        for dots in ("../", "..%2f", "%2e%2e/", "%2e%2e%2f"):
            yield dots, f"{bare}{dots}{rest}", path
    if alias.endswith("/"):
        return
    siblings = sorted(each for each in parent.iterdir() if each.name.startswith(folder.name) and each != folder)
    for sibling in siblings[:_SIBLINGS]:
        files = iter([sibling]) if sibling.is_file() else _files(sibling, _ENTRIES)
        for path in itertools.islice((each for each in files if _may_read(each, account)), 1):
            # nginx puts the alias in the location's place, and leaves the rest of the path as it is.
            rest = str(path)[len(str(folder)) :]
            yield "sibling", quote(os.fsencode(location + rest), safe="/~!$&'()*+,;=:@"), path


def _may_read(path: Path, account: Account) -> bool:
    """Whether nginx could give the file, and would give something."""
    try:
        found = path.stat()
    except OSError:  # it is gone
        return False
    return found.st_size > 0 and account.may_read(found) and not closed_on_the_way(path.parent, account)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")


def _files(folder: Path, entries: int, without: Path | None = None) -> Iterator[Path]:
    """Regular files of at most a megabyte under ``folder``, nearest first, hidden ones last; links are not followed."""
    folders = deque([folder])
    while folders and entries > 0:
        try:
            found = sorted(os.scandir(folders.popleft()), key=lambda each: (each.name.startswith("."), each.name))
        except OSError:
            continue
        for entry in found:
            entries -= 1
            path = Path(entry.path)
            try:
                about = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if path == without:
                continue
            if stat.S_ISDIR(about.st_mode):
                folders.append(path)
            elif stat.S_ISREG(about.st_mode) and about.st_size <= _FILE_BYTES:
                yield path
