"""The lines of one requirements file, read by pip's own rules and kept as they stand.

pip's rules are those of its ``req_file.py`` and of its documentation ("Requirements File Format"): a backslash
joins lines, ``#`` at the start or after a space begins a comment, ``${NAME}`` stands for an environment variable,
what follows the first word that begins with ``-`` is options.
"""

from __future__ import annotations

import codecs
import optparse
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import unquote

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from ..text import _

_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_URL = re.compile(r"(?:https?|ftp|file|ssh|(?:git|hg|svn|bzr)(?:\+[a-z]+)?):", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(?:whl|zip|tar\.gz|tgz|tar\.bz2|tbz|tar\.xz|txz|tar)$", re.IGNORECASE)
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?")
_PATH_EXTRAS = re.compile(r"^(.+?)\[([^\]]*)\]$")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Options:
    """What a line of options says of where packages come from and how they are chosen; it may hold passwords."""

    index_url: str | None = field(default=None, repr=False)
    extra_index_urls: tuple[str, ...] = field(default=(), repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)
    trusted_hosts: tuple[str, ...] = ()
    no_binary: tuple[str, ...] = ()
    only_binary: tuple[str, ...] = ()
    no_index: bool = False
    prefer_binary: bool = False
    require_hashes: bool = False
    pre: bool = False


@dataclass(frozen=True)
class Line:
    """One logical line. ``raw`` is its text with all line ends; the ``raw`` of all lines make the file again.

    ``kind``: blank (a comment at most), requirement, link (a URL, a VCS or a path; ``editable`` after ``-e``),
    include (``-r``), constraints (``-c``), option, or invalid, then ``problem`` says why. ``target`` is the link
    or the included file. ``name`` is normalized, None where the line does not tell it. ``requirement`` is set for
    requirements only. ``hashed``: it has ``--hash`` options. ``options`` is set for lines of that kind.
    """

    number: int
    raw: str
    kind: str
    name: str | None = None
    extras: frozenset[str] = frozenset()
    requirement: Requirement | None = None
    marker: Marker | None = None
    target: str = ""
    editable: bool = False
    hashed: bool = False
    problem: str = ""
    options: Options | None = None


def decode(data: bytes) -> str:
    """A requirements file's text: by its byte order mark, else UTF-8; bytes that are none survive unchanged."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")
    return data.decode("utf-8", "surrogateescape")


def encode(text: str, like: bytes) -> bytes:
    """``text`` in the encoding that ``decode`` takes the file ``like`` for, with its byte order mark."""
    for mark, encoding in _BOMS:
        if like.startswith(mark):
            return mark + text.encode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")
    return text.encode("utf-8", "surrogateescape")


def parse_lines(text: str, variables: Mapping[str, str] = os.environ) -> tuple[Line, ...]:
    """All logical lines of ``text``. Never raises: what pip would refuse has the kind invalid."""
    return tuple(_parse(number, raw, joined, variables) for number, raw, joined in _logical(text))


def _logical(text: str) -> Iterator[tuple[int, str, str]]:
    """Line number, raw text and joined text of each logical line."""
    raw, parts, first = "", [], 1
    for number, physical in enumerate(text.splitlines(keepends=True), start=1):
        line = physical.splitlines()[0]
        if not raw:
            first = number
        raw += physical
        comment = _COMMENT.match(line)
        if line.endswith("\\") and not comment:
            parts.append(line.strip("\\"))
            continue
        # pip puts a space before a comment that ends a continued line, so that it is seen as one
        parts.append(" " + line if comment and parts else line)
        yield first, raw, "".join(parts)
        raw, parts = "", []
    if raw:
        yield first, raw, "".join(parts)


def _parse(number: int, raw: str, joined: str, variables: Mapping[str, str]) -> Line:
    content = _COMMENT.sub("", joined).strip()
    if not content:
        return Line(number, raw, "blank")
    if "\0" in content:
        return Line(number, raw, "invalid", problem=_("it holds a null byte"))
    content = _VARIABLE.sub(lambda found: variables.get(found.group(1)) or found.group(), content)
    words = content.split(" ")
    cut = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    wanted = " ".join(words[:cut]).strip()
    try:
        options = _parse_options(" ".join(words[cut:]))
        if wanted:
            return _parse_wanted(number, raw, wanted, hashed=bool(options.hashes))
        if options.editable:
            return _parse_link(number, raw, options.editable[0], editable=True)
    except ValueError as error:
        return Line(number, raw, "invalid", problem=str(error))
    if options.requirement:
        return Line(number, raw, "include", target=options.requirement[0])
    if options.constraint:
        return Line(number, raw, "constraints", target=options.constraint[0])
    return Line(number, raw, "option", options=_said(options))


def _said(options: optparse.Values) -> Options:
    return Options(
        index_url=options.index_url,
        extra_index_urls=tuple(options.extra_index_url or ()),
        find_links=tuple(options.find_links or ()),
        trusted_hosts=tuple(options.trusted_host or ()),
        no_binary=tuple(options.no_binary or ()),
        only_binary=tuple(options.only_binary or ()),
        no_index=bool(options.no_index),
        prefer_binary=bool(options.prefer_binary),
        require_hashes=bool(options.require_hashes),
        pre=bool(options.pre),
    )


def _parse_wanted(number: int, raw: str, wanted: str, *, hashed: bool) -> Line:
    before_at = wanted.split("@", 1)[0]
    bare = re.split(r"[;\s]", wanted, maxsplit=1)[0]
    if _URL.match(wanted) or "/" in before_at or wanted.startswith(".") or _ARCHIVE.search(bare):
        return _parse_link(number, raw, wanted, hashed=hashed)
    requirement = _requirement(wanted)
    return Line(
        number,
        raw,
        "requirement",
        name=canonicalize_name(requirement.name),
        extras=frozenset(requirement.extras),
        requirement=requirement,
        marker=requirement.marker,
        target=requirement.url or "",
        hashed=hashed,
    )


def _parse_link(number: int, raw: str, wanted: str, *, editable: bool = False, hashed: bool = False) -> Line:
    """A URL or path; in these a marker needs a space before its semicolon, as URLs may hold one."""
    if editable and not _URL.match(wanted) and " @ " in wanted:
        named = _requirement(wanted)
        name: str | None = canonicalize_name(named.name)
        link, extras, marker = named.url or "", ",".join(named.extras), named.marker
    else:
        link, _sign, condition = wanted.partition("; " if _URL.match(wanted) else ";")
        link = link.strip()
        marker = _marker(condition) if condition.strip() else None
        egg = _EGG.search(link)
        on_path = None if _URL.match(link) else _PATH_EXTRAS.match(link)
        extras = (egg.group(2) if egg else on_path.group(2) if on_path else None) or ""
        link = on_path.group(1) if on_path else link
        name = canonicalize_name(egg.group(1)) if egg else _name_of_file(link)
    return Line(
        number,
        raw,
        "link",
        name=name,
        extras=frozenset(extra.strip() for extra in extras.split(",") if extra.strip()),
        marker=marker,
        target=link,
        editable=editable,
        hashed=hashed,
    )


def version_of_file(link: str) -> str | None:
    """The version that a wheel or sdist has by its file name; None for every other link."""
    named = _file_of(link)
    return str(named[1]) if named is not None else None


def _name_of_file(link: str) -> str | None:
    """The project that a wheel or sdist is of, by its file name."""
    named = _file_of(link)
    return named[0] if named is not None else None


def _file_of(link: str) -> tuple[str, Version] | None:
    file = unquote(link.split("#", 1)[0].split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1])
    try:
        if file.lower().endswith(".whl"):
            return parse_wheel_filename(file)[:2]
        return parse_sdist_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


def _requirement(text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        raise ValueError(str(error)) from error
    except RecursionError:
        raise ValueError(_("its marker is nested too deeply")) from None


def _marker(text: str) -> Marker:
    try:
        return Marker(text.strip())
    except InvalidMarker as error:
        raise ValueError(str(error)) from error
    except RecursionError:
        raise ValueError(_("its marker is nested too deeply")) from None


class _Options(optparse.OptionParser):
    """pip's options of a requirements file; an unknown one is a ValueError, not the end of the program."""

    def error(self, msg: str) -> NoReturn:
        raise ValueError(msg)


def _options_of_pip() -> _Options:
    parser = _Options(add_help_option=False)
    parser.add_option("-r", "--requirement", action="append")
    parser.add_option("-c", "--constraint", action="append")
    parser.add_option("-e", "--editable", action="append")
    parser.add_option("--hash", action="append", dest="hashes")
    values = ("--config-settings", "--global-option", "--install-option", "--no-binary", "--only-binary")
    for name in (*values, "--extra-index-url", "--trusted-host", "--use-feature"):
        parser.add_option(name, action="append")
    parser.add_option("-i", "--index-url", "--pypi-url")
    parser.add_option("-f", "--find-links", action="append")
    for flag in ("--no-index", "--prefer-binary", "--require-hashes", "--pre"):
        parser.add_option(flag, action="store_true")
    return parser


def _parse_options(text: str) -> optparse.Values:
    if not text:
        return _NO_OPTIONS
    # A parser holds state: one for each call. What is left over pip does not look at either.
    return _options_of_pip().parse_args(shlex.split(text))[0]


_NO_OPTIONS = _options_of_pip().get_default_values()
