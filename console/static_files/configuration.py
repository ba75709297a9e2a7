"""nginx's whole configuration: the main file with everything that it includes, its servers and their locations."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..container import Container
from .block import location_words
from .syntax import Directive, Site, parse
from .tokens import SiteSyntaxError, line_of

_DEEPEST = 20  # includes within includes; nginx itself has no limit but the stack's


@dataclass(frozen=True)
class Source:
    """A file of the configuration. ``site`` is None where it could not be read; ``error`` says why."""

    file: Path
    data: bytes
    site: Site | None
    error: SiteSyntaxError | OSError | None = None


@dataclass(frozen=True)
class Node:
    """A directive and the file that it stands in; the directives of included files stand in ``body`` as their own."""

    directive: Directive
    source: Source
    body: tuple[Node, ...]

    @property
    def name(self) -> str:
        return self.directive.name

    @property
    def texts(self) -> tuple[str, ...]:
        return self.directive.texts

    @property
    def line(self) -> int:
        return line_of(self.source.data, self.directive.start)

    def first(self, *names: str) -> Node | None:
        """The first directive of these names directly inside, with at least one argument."""
        return next((each for each in self.body if each.name in names and each.texts), None)


@dataclass(frozen=True)
class Server:
    """A ``server`` block. ``around`` are the blocks that it stands in, outermost first."""

    node: Node
    around: tuple[Node, ...]

    @property
    def listens(self) -> tuple[str, ...]:
        """The addresses as written; nginx's own where there is none (port 80 for root, else 8000)."""
        return tuple(each.texts[0] for each in self.node.body if each.name == "listen" and each.texts) or ("*:8000",)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for each in self.node.body if each.name == "server_name" for name in each.texts)

    @property
    def label(self) -> str:
        name = next((name for name in self.names if name not in ("", "_")), "")
        return f"{name or 'server'} :{_port(self.listens[0])}"

    @property
    def port(self) -> int:
        return int(_port(self.listens[0]))

    def listens_on(self, port: int) -> bool:
        return any(_port(address) == str(port) for address in self.listens)

    def is_default(self, port: int) -> bool:
        """Whether it says so itself; else nginx takes the first that listens on ``port``."""
        return any(
            each.name == "listen" and _port(each.texts[0]) == str(port) and "default_server" in each.texts
            for each in self.node.body
            if each.texts
        )


@dataclass(frozen=True)
class Place:
    """A file where it is included: ``server`` is the one that the include stands in, None above the servers."""

    source: Source
    server: Directive | None


@dataclass
class Configuration:
    """What was read, the main file first. ``places`` has a file as often as it is included, ``nodes`` is the tree."""

    places: list[Place] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    nodes: tuple[Node, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple({place.source.file: place.source for place in self.places}.values())

    def server_of(self, place: Place, offset: int) -> Server | None:
        """The server that the byte at ``offset`` of a file is in, at this place of the file."""
        for server in self.servers:
            node = server.node
            if node.source is place.source and node.directive.start < offset < node.directive.end:
                return server
            if place.server is not None and node.directive is place.server:
                return server
        return None


def read_configuration(container: Container, instead: Mapping[Path, bytes] | None = None) -> Configuration:
    """Everything that nginx reads, from the container's nginx.conf on, without asking it.

    Where there is no nginx.conf, the files of the site file's folder count, as it includes them. A file that cannot
    be read is kept with its error, and the others count all the same. ``instead`` has contents that files would have.
    """
    found = Configuration()
    reader = _Reader(container, found, instead or {})
    conf = container.root / "etc" / "nginx" / "nginx.conf"
    nodes = reader.read(conf, None, 0) if conf.is_file() else ()
    if not any(source.file == container.site_file for source in found.sources):
        nodes += reader.included(str(container.site_file.parent / "*"), None, 0)
    found.nodes = nodes
    _collect(nodes, (), found.servers)
    return found


def walk(nodes: tuple[Node, ...], around: tuple[Node, ...] = ()) -> Iterator[tuple[Node, ...]]:
    """Each node in order, as the path that leads to it: outermost first, itself last."""
    for node in nodes:
        path = (*around, node)
        yield path
        yield from walk(node.body, path)


class _Reader:
    def __init__(self, container: Container, found: Configuration, instead: Mapping[Path, bytes]) -> None:
        self._container = container
        self._found = found
        self._instead = instead
        self._sources: dict[Path, Source] = {}

    def read(self, file: Path, server: Directive | None, depth: int) -> tuple[Node, ...]:
        source = self._sources.get(file) or _source(file, self._instead.get(file))
        self._sources[file] = source
        self._found.places.append(Place(source, server))
        if source.site is None:
            return ()
        return self._nodes(source, source.site.body, server, depth)

    def included(self, pattern: str, server: Directive | None, depth: int) -> tuple[Node, ...]:
        """The directives of the files that an ``include`` of ``pattern`` brings, sorted as glob(3) does for nginx."""
        if depth > _DEEPEST:
            return ()
        files = sorted(glob.glob(pattern)) if any(sign in pattern for sign in "*?[") else [pattern]  # noqa: PTH207
        found: list[Node] = []
        for file in files:
            if Path(file).is_file() or file == pattern:
                found += self.read(Path(file), server, depth + 1)
        return tuple(found)

    def _nodes(
        self, source: Source, body: tuple[Directive, ...], server: Directive | None, depth: int
    ) -> tuple[Node, ...]:
        found: list[Node] = []
        for directive in body:
            if directive.name == "include" and directive.opened is None and directive.texts:
                # A relative one is meant from the main file's folder.
                place = self._container.under_root(Path("/etc/nginx") / directive.texts[0])
                found += self.included(str(place), server, depth)
            else:
                inside = directive if directive.name == "server" and directive.opened is not None else server
                found.append(Node(directive, source, self._nodes(source, directive.body, inside, depth)))
        return tuple(found)


def _source(file: Path, data: bytes | None) -> Source:
    try:
        data = file.read_bytes() if data is None else data
    except OSError as error:
        return Source(file, b"", None, error)
    try:
        return Source(file, data, parse(data))
    except SiteSyntaxError as error:
        return Source(file, data, None, error)


def _collect(nodes: tuple[Node, ...], around: tuple[Node, ...], servers: list[Server]) -> None:
    for node in nodes:
        if node.name == "server" and node.directive.opened is not None:
            # In an upstream a server is an address, and has no block.
            servers.append(Server(node, around))
        elif node.name not in ("events", "stream", "mail"):
            _collect(node.body, (*around, node), servers)


def _port(address: str) -> str:
    """The port of a listen directive's address; nginx takes 80 where there is none."""
    if address.isdigit():
        return address
    port = address.rpartition(":")[2]
    return port if ":" in address and port.isdigit() else "80"


def is_location(node: Node) -> bool:
    """Whether it is a location that a request can be matched with (a named one cannot)."""
    if node.name != "location" or node.directive.opened is None:
        return False
    words = location_words(node.directive)
    return words is not None and not (words[0] == "" and words[1].text.startswith("@"))
