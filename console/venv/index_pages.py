"""What an index has of one project: each file with the Pythons that it says it is for, and whether it was withdrawn.

Read here only where a resolution failed or would build: uv does not tell why a version is not there, and it passes
over the upper bounds of Requires-Python, which pip obeys.
"""

from __future__ import annotations

import base64
import html.parser
import json
import netrc
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from packaging.tags import Tag
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from .index_settings import IndexSettings

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

SECONDS = 15.0
LARGEST = 50_000_000  # bytes of one page; the largest ones of the public index have a few millions
_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


@dataclass(frozen=True)
class Release:
    """One file. ``tags`` are a wheel's, empty for a source. ``yanked`` is None, or why it was withdrawn (maybe "")."""

    version: Version
    tags: frozenset[Tag]
    requires_python: str = ""
    yanked: str | None = None

    @property
    def wheel(self) -> bool:
        return bool(self.tags)


def read_releases(
    name: str, indexes: Sequence[str], links: Sequence[str], settings: IndexSettings, folder: Path
) -> tuple[Release, ...] | None:
    """All files of the project ``name`` (normalized) in ``indexes`` and ``links``, folders or pages of links.

    Relative ones are taken from ``folder``. None when a place could not be read, so that nothing is sure.
    """
    found: list[Release] = []
    try:
        for url in indexes:
            found += _from_page(f"{url.rstrip('/')}/{name}/", name, settings)
        for link in links:
            if "://" in link and not link.startswith("file:"):
                found += _from_page(link, name, settings)
            else:
                place = _local(link) if link.startswith("file:") else folder / Path(link).expanduser()
                found += _from_folder(place, name)
    except (OSError, ValueError):  # of urllib, ssl, json: none of them tells more than that it cannot be known
        return None
    return tuple(found)


def _from_folder(folder: Path, name: str) -> Iterator[Release]:
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        requires = ""
        if file.suffix == ".whl" and canonicalize_name(file.name.partition("-")[0]) == name:
            requires = requires_python_of(file)
        yield from _release(name, file.name, requires, None)


def requires_python_of(wheel: Path) -> str:
    """What a wheel on the disk says of the Pythons that it is for; empty when it says nothing or cannot be read."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                if member.endswith(".dist-info/METADATA"):
                    text = archive.read(member).decode("utf-8", "replace")
                    return str(HeaderParser().parsestr(text, headersonly=True).get("Requires-Python", ""))
    except (OSError, zipfile.BadZipFile):
        pass
    return ""


def _from_page(url: str, name: str, settings: IndexSettings) -> Iterable[Release]:
    page = _fetch(url, settings)
    if page is None:
        return ()
    kind, data = page
    if kind.endswith("+json"):
        return list(_from_json(name, json.loads(data)))
    return list(_from_html(name, data.decode("utf-8", "replace"), url))


def _from_json(name: str, told: Any) -> Iterator[Release]:
    for file in told.get("files", []):
        yanked = file.get("yanked") or None
        yield from _release(
            name, str(file["filename"]), file.get("requires-python") or "", "" if yanked is True else yanked
        )


def _from_html(name: str, page: str, url: str) -> Iterator[Release]:
    anchors = _Anchors()
    anchors.feed(page)
    for anchor in anchors.found:
        file = unquote(urlsplit(urljoin(url, anchor.get("href") or "")).path).rpartition("/")[2]
        yanked = (anchor["data-yanked"] or "") if "data-yanked" in anchor else None
        yield from _release(name, file, anchor.get("data-requires-python") or "", yanked)


def _release(name: str, file: str, requires_python: str, yanked: str | None) -> Iterator[Release]:
    try:
        if file.endswith(".whl"):
            project, version, _build, tags = parse_wheel_filename(file)
        else:
            project, version = parse_sdist_filename(file)
            tags = frozenset()
    except (InvalidWheelFilename, InvalidSdistFilename):  # other kinds of files; pip passes over them as well
        return
    if project == name:
        yield Release(version, tags, requires_python, yanked)


def _fetch(url: str, settings: IndexSettings) -> tuple[str, bytes] | None:
    """The page's content type and content; None where there is no such page. Raises OSError."""
    import urllib.error
    import urllib.request  # with ssl 3 MB: beside the app, and only for pages of what cannot be installed

    if url.startswith("file:"):
        index = _local(url) / "index.html"
        return ("text/html", index.read_bytes()) if index.is_file() else None
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    request = urllib.request.Request(urlunsplit(parts._replace(netloc=host)), headers={"Accept": _ACCEPT})
    credentials = _credentials(parts.username, parts.password, parts.hostname or "")
    if credentials:  # never to another host that it may send us to
        request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(credentials.encode()).decode())
    try:
        with _opener(parts.hostname or "", host, settings).open(request, timeout=SECONDS) as answer:
            return answer.headers.get_content_type(), answer.read(LARGEST)
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):
            return None
        raise


def _opener(hostname: str, host: str, settings: IndexSettings) -> OpenerDirector:
    import ssl
    import urllib.request

    trusted = {hostname, host} & set(settings.trusted_hosts)
    if trusted:
        context = ssl._create_unverified_context()  # what "trusted" means for pip
    else:
        is_folder = settings.cert is not None and Path(settings.cert).is_dir()
        context = ssl.create_default_context(
            cafile=None if is_folder else settings.cert, capath=settings.cert if is_folder else None
        )
    if settings.client_cert is not None:
        context.load_cert_chain(settings.client_cert)
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context)]
    if settings.proxy is not None:
        proxy = settings.proxy if "://" in settings.proxy else f"http://{settings.proxy}"
        handlers.append(urllib.request.ProxyHandler({"http": proxy, "https": proxy}))
    return urllib.request.build_opener(*handlers)


def _credentials(user: str | None, password: str | None, hostname: str) -> str | None:
    if user is not None:
        return f"{unquote(user)}:{unquote(password or '')}"
    try:
        known = netrc.netrc().authenticators(hostname)
    except (OSError, netrc.NetrcParseError):
        return None
    return f"{known[0]}:{known[2] or ''}" if known else None


def _local(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))


class _Anchors(html.parser.HTMLParser):
    """The attributes of the links on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs))
