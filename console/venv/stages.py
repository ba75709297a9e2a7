"""The steps of a rebuild by its strategy, and how long each took here the last time."""

from __future__ import annotations

from ..container import Container
from ..text import _
from .jobs import JobFolder, jobs
from .journal_lines import read_journal
from .progress import Stage

AFTER_THE_SWITCH = ("compile-rest", "clean-up")
POINT_OF_NO_RETURN = ("switch", *AFTER_THE_SWITCH)  # from these steps on a job cannot be taken back
_SAME = {"compile": "compile-rest", "compile-rest": "compile"}  # the same work, at another time


def stages(strategy: str, version: str, *, compiled_last: bool = False) -> tuple[Stage, ...]:
    """The steps with their share of the time that a small site takes with a warm cache.

    ``compiled_last``: of a rebuild beside one that cannot run. The app is down until the switch, which waits for
    nothing then that it does not need; the proof has compiled what the app loads.
    """
    create = _("Creating a virtualenv with Python {version}").format(version=version)
    build = (
        Stage("create", create, 0.10),
        Stage("install", _("Installing the packages"), 0.40),
        Stage("compile", _("Compiling them, so that the first start is quick"), 0.28),
        Stage("prove", _("Proving that the app loads with it"), 0.10),
    )
    switch = Stage("switch", _("Switching to it and restarting what runs from it"), 0.10)
    clean_up = Stage("clean-up", _("Removing what is no longer needed"), 0.02)
    if strategy == "repair":
        return (
            Stage("create", _("Making the interpreter's links for Python {version}").format(version=version), 0.3),
            Stage("prove", _("Proving that the app loads with them"), 0.3),
            Stage("switch", _("Putting them in place and restarting what runs from the virtualenv"), 0.38),
            clean_up,
        )
    rest = Stage("compile-rest", _("Compiling the rest, so that every start is quick"), 0.28)
    if strategy == "in-place":
        pack = Stage("pack", _("Packing the present virtualenv, so that it can come back"), 0.25)
        return (pack, *build, switch, clean_up)
    if compiled_last:
        create_it, install, _compile, prove = build
        return (create_it, install, prove, switch, rest, clean_up)
    return (*build, switch, clean_up)


def usual_seconds(container: Container, strategy: str) -> dict[str, float]:
    """The seconds of each step of the last job with this strategy that came to a good end; empty when none did."""
    for job in reversed(jobs(container)):
        found = _seconds(job, strategy)
        if found:
            return found
    return {}


def _seconds(job: JobFolder, strategy: str) -> dict[str, float]:
    lines, _offset = read_journal(job.journal)
    begun = any(line.get("record") == "begun" and line.get("strategy") == strategy for line in lines)
    ended = any(line.get("record") == "done" and (line.get("result") or {}).get("ok") for line in lines)
    if not (begun and ended):
        return {}
    took = {str(line["name"]): float(line["seconds"]) for line in lines if line.get("event") == "step-done"}
    return {**{_SAME[name]: seconds for name, seconds in took.items() if name in _SAME}, **took}
