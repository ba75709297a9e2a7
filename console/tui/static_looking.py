"""What nginx serves, as it is looked at for the screens: quickly from the files, or with requests."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..container import Container
from ..results.static import StaticFileProblem, StaticList, StaticMapping, StaticServer


@dataclass(frozen=True)
class Looked:
    """What a look found, and whether nginx was asked too; ``number`` tells the looks apart."""

    number: int
    asked: bool
    found: StaticList


def look_at_static(container: Container, number: int, asked: bool) -> Looked:
    """List the mappings; ``asked``: nginx is asked what it really serves, too."""
    from ..static_files.mappings import list_mappings

    found = list_mappings(container, live=asked)
    return Looked(number, asked, replace(found, files=file_problems(container, found)))


def server_of(row: StaticMapping, servers: tuple[StaticServer, ...]) -> str | None:
    """The line of the row's server, by which it is meant among several of its file; None where it is in another."""
    lines = [each.line for each in servers if each.file == row.file and each.label == row.server]
    if row.line is not None:
        lines = [line for line in lines if line <= row.line]
    return str(lines[-1]) if lines else None


def file_problems(container: Container, found: StaticList) -> tuple[StaticFileProblem, ...]:
    """What is wrong with the configuration as a whole: its files, one that is missing, a change that was killed."""
    from ..static_files.change import read_static, unfinished_problem
    from ..static_files.record import unfinished

    problems = list(found.files)
    left = unfinished(container)
    if left is not None:
        problems.insert(0, StaticFileProblem(left.file, None, unfinished_problem(container)))
    if not container.site_file.exists():
        static = read_static(container)
        problems += [
            StaticFileProblem(static.file, None, each) for each in static.problems if each.code == "site-missing"
        ]
    return tuple(problems)
