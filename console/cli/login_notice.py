"""The two lines that a login shows in place of the screens. No click on this path: it is part of every login."""

from __future__ import annotations

from ..container import Container
from ..health.summary import plain_line
from ..lock import holder, job_words
from ..logs.clean import terminal_safe
from ..text import _


def print_notice(container: Container) -> None:
    """What is up and what is not, and how to see more, or the job that is at work."""
    print(*map(terminal_safe, plain_line(container).splitlines()), sep="\n", flush=True)
    job = holder(container.lock)
    if job is None:
        print(_("Type console for the screens."))
    else:
        kind = job_words(str(job.get("kind", "?")))
        print(terminal_safe(_("At work: {kind}. Type console to see it.").format(kind=kind)))
