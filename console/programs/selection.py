"""The programs that a name on the command line means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import WrongUsage
from ..results import Program
from ..text import _


def select(programs: Sequence[Program], names: Iterable[str]) -> tuple[Program, ...]:
    """The programs that ``names`` mean, each once, in the order of the names.

    A name is a program's (``app``), ``group:name``, ``group:*``, a group's with several processes (``worker`` for
    ``worker:worker_00`` and so on), or ``all``. Raises WrongUsage for a name that means nothing, with those that
    exist.
    """
    found: dict[str, Program] = {}
    for name in names:
        matches = _matches(programs, name)
        if not matches:
            raise _unknown(programs, name)
        found |= {program.full_name: program for program in matches}
    return tuple(found.values())


def _matches(programs: Sequence[Program], name: str) -> list[Program]:
    if name == "all":
        return list(programs)
    group, colon, process = name.partition(":")
    if colon:
        return [one for one in programs if one.group == group and process in ("*", "", one.name)]
    by_full_name = [one for one in programs if one.full_name == name]
    return by_full_name or [one for one in programs if one.group == name] or _only_one(programs, name)


def _only_one(programs: Sequence[Program], name: str) -> list[Program]:
    """A process in a group of another name, where the name alone tells which."""
    found = [one for one in programs if one.name == name]
    return found if len(found) == 1 else []


def _unknown(programs: Sequence[Program], name: str) -> WrongUsage:
    if not programs:
        return WrongUsage(
            _("There is no program {name}.").format(name=name),
            _("supervisord has no programs at all."),
            _("Add a file to /srv/conf/supervisor.d and read it with: supervisorctl update"),
        )
    names = ", ".join(program.full_name for program in programs)
    return WrongUsage(
        _("There is no program {name}.").format(name=name),
        _("supervisord has these: {names}.").format(names=names),
        _("After a new file in /srv/conf/supervisor.d run: supervisorctl update"),
    )
