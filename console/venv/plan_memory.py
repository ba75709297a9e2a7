"""What a plan says of memory: how much the job takes, how much there is, and what follows where that is less."""

from __future__ import annotations

import contextlib
import os

from ..container import Container, memory
from ..errors import NothingThere
from ..text import _
from ..units import size
from .changes import Changes
from .installer import PIP
from .memory_room import FOLLOWING_BYTES, PIP_BYTES, STEP_BYTES, WORKER_BYTES, anonymous_bytes, has_room_for_app


def memory_bytes(strategy: str, installer: str) -> int:
    """What a job takes at its peak, where no package is built from its source."""
    return WORKER_BYTES + (PIP_BYTES if installer == PIP and strategy != "repair" else STEP_BYTES)


def free_memory(*, ends: bool) -> int | None:
    """What the job will find free, when this process holds no more than it takes to follow it; None without a limit."""
    found = memory()
    if found.limit_bytes is None:
        return None
    given_back = max(0, anonymous_bytes(os.getpid()) - (0 if ends else FOLLOWING_BYTES))
    return max(0, found.limit_bytes - found.used_bytes + given_back)


def memory_warnings(changes: Changes, needed: int, free: int | None) -> list[str]:
    """What may go wrong with ``free`` bytes where ``needed`` are, and with what is built from its source."""
    if free is None:
        return []
    said = []
    if needed > free:
        said.append(
            _(
                "Memory may run short: the rebuild takes about {needed}, the container's limit leaves {free}. Stop a "
                "program that you can do without, or it may be killed; the app would go on from the old virtualenv."
            ).format(needed=size(needed), free=size(free))
        )
    builds = [change.name for change in changes.packages if change.how == "build"]
    if builds and free < 256_000_000:
        text = _("Built from source, which may take more memory than the {free} that are left: {names}.")
        said.append(text.format(free=size(free), names=", ".join(builds)))
    return said


def proof_warnings(container: Container, strategy: str) -> list[str]:
    """That the app is not tried beside the one that runs, where that has no room."""
    # What this process takes now, the job's takes then. Without supervisord there is no rebuild, which is said elsewhere.
    with contextlib.suppress(NothingThere):
        if strategy != "in-place" and not has_room_for_app(container):
            return [
                _(
                    "There is too little memory to try the app beside the one that runs: its start after the switch shows "
                    "whether it loads, and the virtualenv before comes back if not."
                )
            ]
    return []
