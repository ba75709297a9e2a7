"""Results and events in a few words: the same ones on the command line and on the screens."""

from __future__ import annotations

from collections.abc import Sequence

from .events import Answered, Event, Failing, OrphansEnded, Progress, Running, Starting, Step, StepDone, Stopped
from .health.summary import answer_part
from .lock import job_words
from .login.results import Login
from .results import ChoiceChange, Job, OfferedPython, PackageChange, Rebuild, RebuildPlan, Restart, Static, Venv
from .text import _, ngettext
from .units import seconds, size, size_of

SHOWN_NAMES = 8  # of a list that only hints at what is there


def static_words(static: Static) -> str:
    """``/static/ → /srv/static/  on``, with the number of problems where there are some."""
    words = {"on": _("on"), "off": _("off"), "absent": _("no block"), "broken": _("broken"), "unknown": "…"}
    said = [words.get(static.state, static.state)]
    if static.location and static.alias:
        said.insert(0, f"{static.location} → {static.alias}")
    if static.problems:
        count = len(static.problems)
        said.append(ngettext("{n} problem", "{n} problems", count).format(n=count))
    return "  ".join(said)


def venv_words(venv: Venv) -> str:
    """``3.11.7, 12 packages``, and what is wrong with it."""
    words = {"ok": "", "missing": _("missing"), "dead": _("dead"), "mismatch": _("mismatch"), "foreign": _("foreign")}
    said = [venv.python or "", words.get(venv.state, venv.state)]
    if venv.state not in ("missing", "foreign"):
        said.append(ngettext("{n} package", "{n} packages", venv.packages).format(n=venv.packages))
    if venv.reason:
        said.append(venv.reason)
    return ", ".join(word for word in said if word)


def job_state_words(job: Job) -> str:
    """A job that is at work, or was killed, and what to do about it."""
    kind = job_words(job.kind)
    if not job.running:
        return _("{kind} was killed; finish it or take it back with: console venv recover").format(kind=kind)
    step = f" ({job.step})" if job.step else ""
    return _("{kind} is running{step}; join it with: console venv attach").format(kind=kind, step=step)


def package_words(change: PackageChange) -> str:
    """What happens to a package, in a word."""
    words = {
        "wheel": _("wheel"),
        "build": _("build"),
        "kept": _("kept"),
        "removed": _("removed"),
        "impossible": _("impossible"),
    }
    return words.get(change.how, change.how)


def strategy_words(strategy: str) -> str:
    """How a rebuild is made, in a word."""
    words = {"beside": _("beside"), "repair": _("repair"), "in-place": _("in place")}
    return words.get(strategy, strategy)


def some(names: Sequence[str]) -> str:
    """The names, or the first of many."""
    return ", ".join(names[:SHOWN_NAMES]) + (" …" if len(names) > SHOWN_NAMES else "")


def dead_scripts_words(names: Sequence[str]) -> str:
    """How many scripts cannot be run for want of their interpreter, and which."""
    count = len(names)
    said = ngettext(
        "{n} script names an interpreter that is gone: {names}",
        "{n} scripts name an interpreter that is gone: {names}",
        count,
    )
    return said.format(n=count, names=some(names))


def plan_facts(plan: RebuildPlan) -> list[str]:
    """A plan's lines on the chosen Python, disk, memory, the programs it restarts, and the files of one's own that stay
    behind.
    """
    said = [
        *choice_words(plan.primary_tech),
        _("Disk: about {needed} needed, {free} free.").format(
            needed=size(plan.bytes_needed), free=size(plan.bytes_free)
        ),
    ]
    if plan.usual_seconds is not None:
        said.append(_("Time: about {time}, as the last time.").format(time=seconds(plan.usual_seconds)))
    elif any(change.how == "build" for change in plan.packages):
        said.append(_("Time: some minutes, as packages are built from their source."))
    elif plan.strategy != "repair":
        said.append(_("Time: mostly that of the downloads; what was installed before comes from the cache."))
    if plan.memory_free_bytes is not None:
        memory = _("Memory: about {needed} at its peak, {free} free.")
        said.append(memory.format(needed=size(plan.memory_bytes), free=size(plan.memory_free_bytes)))
    if plan.programs:
        said.append(_("Stopped and started: {names}").format(names=", ".join(plan.programs)))
    if plan.own_files:
        count = len(plan.own_files)
        text = ngettext(
            "{n} file of your own is in the old one and stays there: {names}",
            "{n} files of your own are in the old one and stay there: {names}",
            count,
        )
        said.append(text.format(n=count, names=some(plan.own_files)))
    return said


def choice_words(change: ChoiceChange | None) -> list[str]:
    """A line on the symlink that chooses the interpreter: where it leads, and where it will; none where it stays."""
    if change is None:
        return []
    said = _("Chosen together with it: {path} {old} → {new}")
    return [said.format(path=change.path, old=change.old or "–", new=change.new or "–")]


def support_words(each: OfferedPython) -> str:
    """How long CPython's branch is supported, as of the day that it was looked at."""
    words = {
        "supported": _("supported until {date}"),
        "security": _("security fixes until {date}"),
        "ended": _("end of life since {date}"),
    }
    return words.get(each.support, "").format(date=each.end_of_life)


def interpreter_words(each: OfferedPython) -> str:
    """Whether an interpreter is chosen, and what the virtualenv has of it."""
    words = [_("chosen")] if each.chosen else []
    if each.venv:
        words.append(_("the virtualenv runs with it"))
    elif each.made_for:
        words.append(_("the virtualenv was made for it"))
    return ", ".join(words)


def login_words(login: Login) -> str:
    """One sentence."""
    if login.state == "off":
        return _("The console does not start at login. Turn it on with: console login on")
    if login.state == "edited":
        return _("The console's block was edited by hand.")
    if login.state == "aside":
        since = login.since.strftime("%Y-%m-%d %H:%M") if login.since else "?"
        return _(
            "The console stays away from the login since {time}: it failed twice in a row ({reason}). "
            "Bring it back with: console login on"
        ).format(time=since, reason=login.failure or "?")
    if login.shows == "notice":
        return _("A login shows two lines about the site.")
    return _("A login opens the console.")


def restart_words(result: Restart) -> str:
    """``app RUNNING in 1.1 s, HTTP 200 in 1.3 s``; a failure's reason is the verdict's."""
    if result.unchanged:
        return _("{program} is {state} already.").format(program=result.program, state=result.state)
    if not result.ok and result.verdict is not None:
        return result.verdict.title
    said = f"{result.program} {result.state}"
    if result.seconds is not None:
        said = _("{program} {state} in {time}").format(
            program=result.program, state=result.state, time=seconds(result.seconds)
        )
    return said if result.http is None else f"{said}, {answer_part(result.http)}"


def orphans_words(result: Restart) -> str:
    """That its stop had left processes behind, and what keeps it from doing so; empty where it had not."""
    if not result.orphans:
        return ""
    return _(
        "Its stop had left {processes} behind, ended now. Where its command is a shell, write exec before the server in"
        " it, or stopasgroup=true into [program:{program}]."
    ).format(processes=", ".join(result.orphans), program=result.program.rpartition(":")[2])


def rebuild_words(result: Rebuild) -> str:
    """``Python 3.11.7, 12 packages, in 4.2 s; app answered again after 0.4 s``; a failure's reason."""
    if result.ok and result.headline:
        return result.headline
    if not result.ok:
        # Before the switch nothing was changed that could stand again; the remedy says so.
        undone = _("What stood before stands again.") if result.undone and result.restart is not None else ""
        return " ".join(part for part in (result.error, undone) if part)
    said = _("Virtualenv with Python {version}, {packages}, in {time}").format(
        version=result.venv.python or "?",
        packages=ngettext("{n} package", "{n} packages", result.venv.packages).format(n=result.venv.packages),
        time=seconds(result.seconds),
    )
    if result.downtime_seconds is not None:
        said += "; " + _("app answered again after {time}").format(time=seconds(result.downtime_seconds))
    elif result.restart is not None and result.restart.http is not None:
        said += f"; {result.restart.program}: {answer_part(result.restart.http)}"
    return said


def kept_words(result: Rebuild) -> str:
    """Where the one before is, and how to go back to it; empty where there is none."""
    if result.kept is None:
        return ""
    if result.venv.rollback:
        return _("The one before is kept: console venv rollback")
    return _("The one before is kept in {path}; it cannot run any more.").format(path=result.kept)


def count_words(event: Progress) -> str:
    """How much of a step is done: ``4/12 packages``, ``3/8 MB``."""
    if event.unit == "bytes":
        return size_of(event.done, event.total)
    words = {"packages": _("packages"), "builds": _("builds"), "files": _("files")}
    total = f"/{event.total}" if event.total is not None else ""
    return f"{event.done}{total} {words.get(event.unit, event.unit)}"


def progress_words(event: Event) -> str | None:
    """One line for an event, None for those that are only for a bar or a log."""
    if isinstance(event, Step):
        return f"[{event.number}/{event.of}] {event.title}"
    if isinstance(event, StepDone):
        return f"      {event.detail or _('done')} ({seconds(event.seconds)})"
    if isinstance(event, Stopped):
        return _("{program} stopped after {time}").format(program=event.program, time=seconds(event.seconds))
    if isinstance(event, OrphansEnded):
        return _("{program} had left {processes} behind, ended now").format(
            program=event.program, processes=", ".join(event.processes)
        )
    if isinstance(event, Starting):
        return _("{program} starting").format(program=event.program)
    if isinstance(event, Answered):
        return f"{event.program}: {answer_part(event.http)}"
    if isinstance(event, Running):
        return _("{program} RUNNING after {time}").format(program=event.program, time=seconds(event.seconds))
    if isinstance(event, Failing):
        return event.verdict.title
    return None
