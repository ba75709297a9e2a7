"""The two lines that a login shows in place of the screens. No click on this path: it is part of every login."""

from __future__ import annotations

from datetime import datetime

from ..container import Container
from ..health.status import StatusReader
from ..health.summary import headline
from ..lock import holder, job_words
from ..logs.clean import terminal_safe
from ..text import _
from ..venv.image_switch import remember

ANSWER_SECONDS = 0.8  # a login is not kept waiting for more


def print_notice(container: Container) -> None:
    """Whether the site is up and, if not, why; and how to see more, or the job that is at work."""
    status = StatusReader(container, seconds=ANSWER_SECONDS).read(quick=True)
    sign = {True: "✓", False: "✗", None: "○"}[status.site_up]
    print(terminal_safe(f"{sign} {headline(status)}"), flush=True)
    remember(container, status.venv, datetime.now().astimezone())
    job = holder(container.lock)
    if job is None:
        print(_("Type console for the screens."))
    else:
        kind = job_words(str(job.get("kind", "?")))
        print(terminal_safe(_("At work: {kind}. Type console to see it.").format(kind=kind)))
