"""The status as lines of the first screen."""

from __future__ import annotations

import getpass
import os
from dataclasses import replace
from pathlib import Path

from textual.content import Content

from ..errors import ConsoleError
from ..health.summary import headline
from ..logs.clean import terminal_safe
from ..results import ImageSwitch, Status
from ..text import _
from ..units import duration, size_of
from ..wording import static_words, venv_words
from .appearance import ATTENTION, BAD, GOOD, KEY, QUIET, STRONG, mark
from .job import JobModel

WIDE = 100
_SHEET, _FRAME = 118, 5  # cells that a sheet has at most, as its style sheet has it, and those of its frame
_KEYS = {"rebuild": "v", "logs": "l", "restart": "r", "start": "s"}
Parts = list["tuple[str, str] | str"]


def who() -> str:
    """The user and the machine, as a shell's prompt has them."""
    return f"{getpass.getuser()}@{os.uname().nodename.split('.')[0]}"


def sheet_width(width: int) -> int:
    """The cells for text in a sheet over a screen of ``width`` cells."""
    return min(width, _SHEET) - _FRAME


def header_line(status: Status, width: int) -> Content:
    """Who and where, the Pythons, memory and disk against their limits; a long host name gives way."""
    facts, venv = status.container, status.venv
    disk = size_of(facts.disk.used_bytes, facts.disk.used_bytes + facts.disk.free_bytes)
    gap = "  " if width >= WIDE else " "
    parts: Parts = [
        f"{gap}{facts.generation}",
        f"{gap}Python {facts.python or '–'}{gap}venv ",
        (venv.python or "–", "" if venv.state == "ok" else BAD),
        f"{gap}{_('mem')} {size_of(facts.memory.used_bytes, facts.memory.limit_bytes)}",
        f"{gap}{_('disk')} {disk}",
    ]
    rest = Content.assemble(*parts)
    name, room = who(), max(8, width - 1 - rest.cell_length)
    return Content.assemble(" ", (name if len(name) <= room else f"{name[: room - 1]}…", STRONG), rest)


def hanging(sign: tuple[str, str], text: Content | str, width: int) -> Content:
    """``text`` behind a sign, wrapped to ``width`` cells with its further lines under its first."""
    content = Content(text) if isinstance(text, str) else text
    lines = [line.rstrip() for part in content.split() for line in part.wrap(max(20, width - 4))]
    return Content.assemble(" ", sign, " ", Content("\n   ").join(lines))


def error_lines(error: ConsoleError, width: int, sign: tuple[str, str] = ("✗", BAD)) -> Content:
    """What happened, why, and what to do."""
    rest = [terminal_safe(line) for part in (error.cause, error.remedy) for line in part.splitlines()]
    parts = [Content.styled(terminal_safe(error.title), STRONG), *map(Content, rest)]
    return hanging(sign, Content("\n").join(parts), width)


def diff_content(diff: str) -> Content:
    """A unified diff, its signs in colour; the lines as they are."""
    styles = {"+": "ansi_green", "-": "ansi_red", "@": QUIET}
    lines = []
    for line in diff.splitlines():
        safe = terminal_safe(line)
        style = styles.get(line[:1])
        lines.append(Content.styled(safe, style) if style else Content(safe))
    return Content("\n").join(lines)


def verdict_lines(status: Status, age: float | None, width: int) -> Content:
    """The answer to "is my site up, and if not, why", and the key that mends it; a switched image is told first."""
    if status.image_switch is not None:
        return _switch_lines(status, status.image_switch, width)
    verdict = status.verdict
    if verdict is None:
        when = f" ({status.asked:%H:%M:%S})" if status.asked is not None else ""
        return hanging(mark(status.site_up), Content.assemble(terminal_safe(headline(status)), (when, QUIET)), width)
    parts: Parts = [(terminal_safe(verdict.title), STRONG)]
    if age is not None:
        parts.append((" " + _("The table is {age} old.").format(age=duration(age)), ATTENTION))
    if verdict.remedy:
        parts.append(f"\n{terminal_safe(verdict.remedy)}")
    keys: Parts = []
    key = _KEYS.get(verdict.action or "")
    if key:
        words = {"v": _("Virtualenv"), "l": _("Logs"), "r": _("Restart"), "s": _("Start")}[key]
        keys += [(key, KEY), f" {words}  "]
    if verdict.traceback or verdict.log or verdict.detail:
        keys += [("Enter", KEY), " " + _("Details")]
    if keys:
        parts += ["\n", *keys]
    return hanging(("✗", BAD), Content.assemble(*parts), width)


def _switch_lines(status: Status, switch: ImageSwitch, width: int) -> Content:
    sign = ("✗", BAD) if status.site_up is False else ("!", ATTENTION)
    parts: Parts = [
        (terminal_safe(switch.title), STRONG),
        "\n",
        ("m", KEY),
        " " + _("Migrate: guided, the plan comes first"),
    ]
    if status.verdict is not None:
        parts += ["  ", ("Enter", KEY), " " + _("Details")]
        lines = [hanging(sign, Content.assemble(*parts), width)]
    else:
        said = Content(terminal_safe(headline(replace(status, image_switch=None))))
        lines = [hanging(mark(status.site_up), said, width), hanging(sign, Content.assemble(*parts), width)]
    return Content("\n").join(lines)


def path_line(status: Status) -> Content:
    """The request's way through the container, and who listens where."""
    parts: Parts = [(f" {_('path'):<8}", QUIET), _("load balancer")]
    for listener in status.request_path:
        sign, style = mark(listener.listening)
        who = listener.process or (_("somebody") if listener.listening else _("nobody"))
        parts += [" → ", f"{terminal_safe(who)} :{listener.port} ", (sign, style)]
    return Content.assemble(*parts)


def facts_line(status: Status) -> Content:
    """The static block in a few words."""
    static = status.static
    style = {"on": GOOD, "broken": BAD}.get(static.state, "") if not static.problems else ATTENTION
    return Content.assemble((f" {_('static'):<8}", QUIET), (terminal_safe(static_words(static)), style))


def venv_line(status: Status, words: str) -> Content:
    """The virtualenv in a few words, and ``words`` on a job that nobody here follows."""
    venv = status.venv
    style = {"ok": "", "mismatch": ATTENTION}.get(venv.state, BAD)
    parts: Parts = [(f" {_('venv'):<8}", QUIET), (terminal_safe(venv_words(venv)), style)]
    if words:
        parts += ["  ", (words, ATTENTION)]
    return Content.assemble(*parts)


def job_line(job: JobModel, width: int) -> Content:
    """The job that rebuilds the virtualenv in the virtualenv's place; what does not fit gives way to the key."""
    label = f" {_('venv'):<8}"
    key: Parts = ["  ", ("v", KEY), " " + _("Join")]
    room = width - len(label) - Content.assemble(*key).cell_length - 1
    words = terminal_safe(job.words())
    return Content.assemble(
        (label, QUIET), (words if len(words) <= room else f"{words[: max(0, room - 1)]}…", ATTENTION), *key
    )


def log_title(path: Path | None, width: int) -> Content:
    """A rule with the log's name in it."""
    name = f" {terminal_safe(path.name)} " if path else f" {_('no log')} "
    return Content.styled(f"──{name}{'─' * max(0, width - len(name) - 2)}", QUIET)
