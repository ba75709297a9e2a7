"""The static block of a site file: a location that serves a folder, active or commented out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .syntax import Directive, Site, every, parse
from .tokens import SiteSyntaxError, Word, line_of

# What a location does instead of serving files.
HANDLERS = ("proxy_pass", "return", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass")
_COMMENTED_LOCATION = re.compile(rb"(#+)([ \t]*)location\b")
_MODIFIERS = ("=", "^~", "~", "~*")
_GLUED = ("=", "^~", "~*", "~")


class NoSuchServer(ValueError):
    """The file has no server of the name that was asked for."""


@dataclass(frozen=True)
class Marker:
    """What stands before the text of a commented line: how many ``#``, and whether a space belongs to them."""

    hashes: int
    space: bool

    def taken_off(self, line: bytes) -> bytes:
        """``line`` without the marker; a line that is no comment stays as it is."""
        content = line.lstrip(b" \t")
        indent, hashes = line[: len(line) - len(content)], len(content) - len(content.lstrip(b"#"))
        content = content[min(hashes, self.hashes) :]
        if self.space and hashes <= self.hashes and hashes:
            content = content.removeprefix(b" ")
        return indent + content


@dataclass(frozen=True)
class Block:
    """A location of the site file; ``start`` and ``end`` are the bytes of its lines, line ends included.

    ``modifier``: "", "^~", "=", "~" or "~*". ``uses`` is where its files come from: "alias", "root", "inherited"
    (a root of what is around it), or "" for a location that serves none, and ``folder`` what stands there. Words
    and the location's directive are only there for an active block, the marker only for a commented one.
    """

    location: str
    modifier: str
    folder: str
    uses: str
    start: int
    end: int
    line: int
    active: bool
    whole_lines: bool = True
    handler: str = ""
    directive: Directive | None = None
    marker: Marker | None = None

    @property
    def place(self) -> int:
        """A byte that is the block's own: its lines may begin with something else."""
        return self.directive.start if self.directive is not None else self.start

    @property
    def alias(self) -> str:
        """The folder as an alias has it: with ``root``, nginx appends the location."""
        if self.uses in ("root", "inherited"):
            return self.folder.rstrip("/") + self.location
        return self.folder


def find_block(site: Site, location: str, port: int, wanted: str | None = None) -> Block | None:
    """The block for ``location`` in the server that ``server_of`` finds for ``port`` and ``wanted``, or None.

    The slash at the location's end does not count, as a missing one is what there may be to find out. An active
    block wins over a commented one, then the one whose slash is as asked for. ``location = /static`` is another
    matter, often a redirect, and so are regular expressions.
    """
    server = server_of(site, port, wanted)

    def rank(block: Block) -> tuple[bool, bool]:
        return not block.active, block.location != location

    found = [
        block
        for block in all_blocks(site)
        if block.modifier in ("", "^~", "=")
        and (
            block.location == location or (block.modifier != "=" and block.location.rstrip("/") == location.rstrip("/"))
        )
        and (server is None or server.start < block.place < server.end)
    ]
    return min(found, key=rank, default=None)


def server_of(site: Site, port: int, wanted: str | None = None) -> Directive | None:
    """The first server that listens on ``port``, else the first one; None in a file without servers.

    ``wanted``: one of its names, its label or its line, for another one. Raises NoSuchServer where none is so called.
    """
    servers = servers_of(site)
    if wanted is not None:
        found = next((each for each in servers if wanted in server_called(site, each)), None)
        if found is None:
            raise NoSuchServer(wanted)
        return found
    return next(iter([*listening(site, port), *servers]), None)


def servers_of(site: Site) -> list[Directive]:
    """The servers of a file; an address in an upstream is none."""
    return [path[-1] for path in every(site.body) if path[-1].name == "server" and path[-1].opened is not None]


def listening(site: Site, port: int) -> list[Directive]:
    """The servers that listen on ``port``; only the one that is its default_server, where one says so."""
    found, default = [], []
    for server in servers_of(site):
        listens = [each.texts for each in server.body if each.name == "listen" and each.args]
        ours = [words for words in listens if words[0] == str(port) or words[0].endswith(f":{port}")]
        if ours:
            found.append(server)
        if any("default_server" in words for words in ours):
            default.append(server)
    return default[:1] or found


def server_called(site: Site, server: Directive) -> tuple[str, ...]:
    """What a server may be called by: its names, its ports with a colon, its line."""
    names = tuple(name for each in server.body if each.name == "server_name" for name in each.texts)
    ports = tuple(":" + each.texts[0].rpartition(":")[2] for each in server.body if each.name == "listen" and each.args)
    labels = tuple(f"{name} {port}" for name in names or ("server",) for port in ports)
    return (*names, *ports, *labels, str(line_of(site.data, server.start)))


def all_blocks(site: Site) -> Iterator[Block]:
    """Every location that serves files or is asked to do something else, and every commented one that would serve."""
    for path in every(site.body):
        if path[-1].name == "location" and path[-1].opened is not None:
            block = _active(site.data, path)
            if block is not None:
                yield block
    yield from _commented_blocks(site)


def half_commented(site: Site) -> int | None:
    """The line of a commented ``location`` whose block goes on uncommented, None where there is none."""
    stray = [path[-1] for path in every(site.body) if path[-1].name == "alias" and not _in_location(path)]
    return line_of(site.data, stray[0].start) if stray else None


def half_commented_text(data: bytes) -> bool:
    """Whether a file that cannot be parsed has a commented ``location`` line with text of the file behind it."""
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1]):
        content = line.lstrip(b" \t")
        if _COMMENTED_LOCATION.match(content) and b"}" not in content:
            return not lines[number + 1].lstrip(b" \t").startswith(b"#")
    return False


def location_words(directive: Directive) -> tuple[str, Word] | None:
    """The modifier and the word of a location's path; None where nginx would not take its arguments.

    The modifier may stand at the path's front without a space: ``location =/x``.
    """
    if len(directive.args) == 1:
        word = directive.args[0]
        modifier = next((sign for sign in _GLUED if word.text.startswith(sign) and word.text != sign), "")
        return modifier, Word(word.text[len(modifier) :], word.start, word.end)
    if len(directive.args) == 2 and directive.args[0].text in _MODIFIERS:
        return directive.args[0].text, directive.args[1]
    return None


def own(directive: Directive, *names: str) -> Directive | None:
    """The first directive of these names directly inside a block."""
    return next((each for each in directive.body if each.name in names and each.args), None)


def _in_location(path: tuple[Directive, ...]) -> bool:
    return any(each.name in ("location", "if", "limit_except") for each in path[:-1])


def _active(data: bytes, path: tuple[Directive, ...]) -> Block | None:
    directive = path[-1]
    words = location_words(directive)
    if words is None:
        return None
    modifier, word = words
    uses, folder = "", ""
    served = own(directive, "alias", "root")
    handler = next((each.name for each in directive.body if each.name in HANDLERS), "")
    if served is not None:
        uses, folder = served.name, served.args[0].text
    elif not handler:
        roots = [root for each in reversed(path[:-1]) if (root := own(each, "root")) is not None]
        if roots:
            uses, folder = "inherited", roots[0].args[0].text
    start = data.rfind(b"\n", 0, directive.start) + 1
    end = data.find(b"\n", directive.end) + 1 or len(data)
    rest = data[directive.end : end].strip()
    alone = not data[start : directive.start].strip() and (not rest or rest.startswith(b"#"))
    return Block(
        location=word.text,
        modifier=modifier,
        folder=folder,
        uses=uses,
        start=start,
        end=end,
        line=line_of(data, directive.start),
        active=True,
        whole_lines=alone,
        handler=handler,
        directive=directive,
    )


def _commented_blocks(site: Site) -> Iterator[Block]:
    data = site.data
    servers = [path[-1] for path in every(site.body) if path[-1].name == "server"]
    behind = 0
    for offset in site.comments:
        start = data.rfind(b"\n", 0, offset) + 1
        if start < behind or data[start:offset].strip():
            continue
        around = next((server for server in servers if server.start < offset < server.end), None)
        if servers and around is None:
            continue
        block = _commented(data, start, offset, own(around, "root") if around is not None else None)
        if block is not None:
            yield block
            behind = block.end


def _commented(data: bytes, start: int, offset: int, root: Directive | None) -> Block | None:
    """The block whose first line is the comment at ``offset``, None where that line begins none.

    ``root`` is what it would inherit.
    """
    begun = _COMMENTED_LOCATION.match(data, offset)
    if begun is None:
        return None
    # One space belongs to the marker; of a deeper indentation, which comes in twos, the odd one does.
    marker = Marker(len(begun.group(1)), b"\t" not in begun.group(2) and len(begun.group(2)) % 2 == 1)
    text, end = b"", start
    while end < len(data):
        begin, end = end, data.find(b"\n", end) + 1 or len(data)
        line = data[begin:end]
        content = line.lstrip(b" \t")
        if content.strip() and not content.startswith(b"#"):
            return None
        text += marker.taken_off(line)
        if b"}" not in line:
            continue
        try:
            body = parse(text).body
        except SiteSyntaxError:
            continue
        return _as_commented(data, start, end, body, marker, root)
    return None


def _as_commented(
    data: bytes, start: int, end: int, body: tuple[Directive, ...], marker: Marker, root: Directive | None
) -> Block | None:
    words = location_words(body[0]) if len(body) == 1 and body[0].opened is not None else None
    if words is None or body[0].name != "location":
        return None
    served = own(body[0], "alias", "root")
    inherits = served is None and not any(each.name in HANDLERS for each in body[0].body)
    served = root if inherits else served
    if served is None:
        return None
    return Block(
        location=words[1].text,
        modifier=words[0],
        folder=served.args[0].text,
        uses="inherited" if inherits else served.name,
        start=start,
        end=end,
        line=line_of(data, start),
        active=False,
        marker=marker,
    )
