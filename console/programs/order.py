"""In which order programs are started, by the priorities that supervisord has for them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ..results import Program
from .client import Supervisor

_APP = "app"
_DEFAULT_PRIORITY = 999


def start_stages(supervisor: Supervisor, programs: Sequence[Program]) -> tuple[tuple[Program, ...], ...]:
    """``programs`` in the order in which they are started; those of one stage at once, ordered by full name.

    The lower priority comes first, the group's before the program's, as supervisord does it. Among equals ``app``
    has a stage of its own before the others: stopped in reverse, it is the last to go and the first to be back.
    Raises NothingThere without supervisord.
    """
    # supervisord's own word: the file may have been changed since it was read.
    told = {(str(config["group"]), str(config["name"])): config for config in supervisor.configs()}

    def rank(program: Program) -> tuple[int, int, bool]:
        config = told.get((program.group, program.name), {})
        own = int(config.get("process_prio", _DEFAULT_PRIORITY))
        return int(config.get("group_prio", _DEFAULT_PRIORITY)), own, program.full_name != _APP

    ordered = sorted(programs, key=lambda program: (rank(program), program.full_name))
    return tuple(tuple(stage) for _rank, stage in groupby(ordered, rank))
