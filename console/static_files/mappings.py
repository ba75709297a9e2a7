"""All that nginx serves from folders, over all servers and files: each mapping with what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..container import Container
from ..results import StaticProblem
from ..results.static import StaticFileProblem, StaticList, StaticMapping, StaticPreset, StaticServer
from .block import Block, all_blocks, half_commented, half_commented_text
from .configuration import Configuration, Place, Server, Source, read_configuration, walk
from .folder_rules import content_problems
from .folders import Account, FolderFacts, survey
from .half_commented import finished
from .location_rules import location_problems
from .look import LOCATION, half_commented_problem, syntax_problem, unreadable_problem
from .matching import Location, every_location, locations_of
from .nginx import worker_account
from .probe import host_of
from .rules import folder_of, problems_of
from .tokens import SiteSyntaxError, line_of


@dataclass(frozen=True)
class Found:
    """A mapping with the block that it is about; ``facts`` is None where its folder cannot be looked into."""

    mapping: StaticMapping
    block: Block
    source: Source
    server: Server | None
    facts: FolderFacts | None


def list_mappings(container: Container, *, live: bool = False) -> StaticList:
    """Every mapping of every server and file, in the order of the configuration, from the files alone.

    With ``live`` nginx and the app are asked too: is each mapping that is on served, does it leak, does it take a
    path that the app serves. A server on the load balancer's port without any mapping has a row "absent".
    """
    configuration = read_configuration(container)
    found = find_mappings(container, configuration, worker_account(container))
    rows = [each.mapping for each in found]
    if live:
        rows = [_with_live(container, each) for each in found]
    having = {id(each.server) for each in found}
    for server in configuration.servers:
        if server.listens_on(container.http_port) and id(server) not in having:
            rows.append(_absent(container, server))
    return StaticList(
        tuple(rows),
        tuple(_server_result(server, container.http_port) for server in configuration.servers),
        tuple(_file_problems(configuration)),
    )


def find_mappings(
    container: Container, configuration: Configuration, account: Account, only: Path | None = None
) -> list[Found]:
    """The mappings with their blocks; with ``only`` those of that file."""
    found: list[Found] = []
    folders: dict[Path, FolderFacts | None] = {}
    trees: dict[int, tuple[Location, ...]] = {}
    for place in configuration.places:
        if place.source.site is None or (only is not None and place.source.file != only):
            continue
        for block in all_blocks(place.source.site):
            server = configuration.server_of(place, block.place)
            mapped = _inheriting(block, server)
            if not mapped.uses and (mapped.handler or _half(place, mapped) is None):
                continue
            folder = folder_of(container, mapped)
            if folder not in folders:
                looked = mapped.modifier != "=" and "$" not in mapped.alias and mapped.uses and folder.is_dir()
                folders[folder] = survey(folder, account) if looked else None
            if server is not None and id(server) not in trees:
                trees[id(server)] = locations_of(server)
            tree = trees[id(server)] if server is not None else ()
            mapping = _judged(container, place, mapped, server, tree, folders[folder], account)
            found.append(Found(mapping, mapped, place.source, server, folders[folder]))
    return found


def mapping_in(container: Container, file: Path, data: bytes, line: int, account: Account) -> StaticMapping | None:
    """The mapping that would begin on ``line`` if ``file`` had the content ``data``; None where none does."""
    instead: Mapping[Path, bytes] = {file: data}
    configuration = read_configuration(container, instead)
    rows = [each.mapping for each in find_mappings(container, configuration, account, file)]
    return next((row for row in rows if row.line == line), None)


def asked_at(container: Container, found: Found) -> tuple[str, int | None]:
    """The Host and the port by which the mapping's server is asked; "" and None as the load balancer asks it."""
    server = found.server
    if server is None:
        return "", None
    return host_of(server.names), None if server.listens_on(container.http_port) else server.port


def presets(container: Container) -> tuple[StaticPreset, ...]:
    """The usual places of static files: the guide's /srv/static/, and the app's own folder."""
    account = worker_account(container)
    found = []
    for name, folder in (("srv", container.srv / "static"), ("app", container.app / "static")):
        facts = survey(folder, account) if folder.is_dir() else None
        counts = (facts.files, facts.bytes) if facts is not None else (None, None)
        found.append(StaticPreset(name, LOCATION, f"{folder}/", *counts))
    return tuple(found)


def _judged(
    container: Container,
    place: Place,
    block: Block,
    server: Server | None,
    tree: tuple[Location, ...],
    facts: FolderFacts | None,
    account: Account,
) -> StaticMapping:
    problems: list[StaticProblem] = []
    if block.active and not block.uses:
        problems.append(half_commented_problem(block.line))
    elif block.active:
        problems += problems_of(container, block, account)
        if facts is not None:
            problems += content_problems(container, block, folder_of(container, block), facts)
        here = next((each for each in every_location(tree) if each.node.directive is block.directive), None)
        if here is not None:
            problems += location_problems(container, tree, here, facts.samples if facts is not None else ())
    problems.sort(key=lambda problem: problem.severity != "error")
    broken = any(problem.severity == "error" for problem in problems)
    return StaticMapping(
        location=block.location,
        modifier=block.modifier,
        folder=block.alias,
        uses=block.uses,
        file=place.source.file,
        line=block.line,
        server=server.label if server is not None else "",
        state="off" if not block.active else "broken" if broken else "on",
        files=facts.files if facts is not None else None,
        bytes=facts.bytes if facts is not None else None,
        counted=facts is None or facts.counted,
        problems=tuple(problems),
    )


def _with_live(container: Container, found: Found) -> StaticMapping:
    from .checking import live_problems

    if found.server is not None and not found.server.listens_on(container.http_port):
        return found.mapping
    host, port = asked_at(container, found)
    problems = [*found.mapping.problems, *live_problems(container, found.block, host=host, port=port)]
    problems.sort(key=lambda problem: problem.severity != "error")
    broken = found.mapping.state == "on" and any(problem.severity == "error" for problem in problems)
    return replace(found.mapping, problems=tuple(problems), state="broken" if broken else found.mapping.state)


def _inheriting(block: Block, server: Server | None) -> Block:
    """The block with the root that it has from outside of its file."""
    if block.uses or block.handler or not block.active or server is None:
        return block
    for node in (server.node, *reversed(server.around)):
        root = node.first("root")
        if root is not None:
            return replace(block, uses="inherited", folder=root.texts[0])
    return block


def _half(place: Place, block: Block) -> tuple[bytes, int] | None:
    return finished(place.source.data, line_of(place.source.data, block.place)) if block.active else None


def _absent(container: Container, server: Server) -> StaticMapping:
    folder = f"{container.srv / 'static'}/"
    return StaticMapping(LOCATION, "", folder, "", server.node.source.file, None, server.label, "absent", problems=())


def _server_result(server: Server, port: int) -> StaticServer:
    node = server.node
    return StaticServer(
        server.label, node.source.file, node.line, server.names, server.listens, server.listens_on(port)
    )


def _file_problems(configuration: Configuration) -> list[StaticFileProblem]:
    found = []
    for source in configuration.sources:
        if isinstance(source.error, SiteSyntaxError):
            half = half_commented_text(source.data)
            problem = half_commented_problem(source.error.line) if half else syntax_problem(source.error)
            found.append(StaticFileProblem(source.file, source.error.line, problem))
        elif source.error is not None:
            found.append(StaticFileProblem(source.file, None, unreadable_problem(source.file, source.error)))
        elif source.site is not None:
            line = half_commented(source.site)
            if line is not None and not _is_included_below(configuration, source):
                found.append(StaticFileProblem(source.file, line, half_commented_problem(line)))
    return found


def _is_included_below(configuration: Configuration, source: Source) -> bool:
    """Whether the file is included inside of a location, where an alias on its own is right."""
    return any(
        path[-1].source is source and path[-2].source is not source and path[-2].name == "location"
        for server in configuration.servers
        for path in walk(server.node.body)
        if len(path) > 1
    )
