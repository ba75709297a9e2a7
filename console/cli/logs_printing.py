"""How the lines of logs are printed: for people, safe for a terminal, or as JSON."""

from __future__ import annotations

import itertools
import json
import re
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ..logs.clean import terminal_safe
from ..logs.files import readable
from ..logs.filtered import FilteredFollower
from ..logs.follow import Follower
from ..logs.levels import level_of
from ..logs.lines import LogMissing
from ..logs.merged import Merged
from ..logs.merged_follower import MergedFollower
from ..logs.merged_lines import MergedLine
from ..logs.position import LogLine
from ..logs.search import each_wanted, wanted_before
from ..logs.timeline import Timeline
from ..logs.times import position_at, time_of
from ..logs.wanted import Everything, Wanted
from .options import Asked
from .printing import Printer

LOOK_EVERY = 0.25  # seconds; a look costs one stat when nothing happened
_PAGE = 500
# JSON leaves these as they are, and a terminal would obey them.
_CONTROL = re.compile("[\x7f-\x9f]")


@dataclass(frozen=True)
class Choice:
    """Which lines: the last ``count`` (None: all) of those that are ``wanted``, from ``since`` on, before ``until``."""

    wanted: Wanted | None
    count: int | None
    since: datetime | None
    until: datetime | None
    follow: bool


def print_log(asked: Asked, path: Path, choice: Choice) -> None:
    """The lines of ``choice``, then, with ``follow``, what comes, until interrupted.

    Lines come out safe for a terminal also in a pipe: what reads them may be ``less`` on one.
    """
    printer = asked.printer
    follower = Follower(path) if choice.follow else None
    lines: Iterable[LogLine]
    try:
        with Timeline(path) as timeline:
            lines = _chosen(timeline, choice, follower)
            if follower is None and printer.json:
                _print_document(printer, {"log": str(path)}, (_as_json(line.marked) for line in lines))
            else:
                for line in lines:
                    _print_line(printer, line.marked)
    except LogMissing:
        if follower is None:
            raise
    if follower is None:
        return
    filtered = FilteredFollower(follower, choice.wanted or Everything())
    while True:
        sys.stdout.flush()
        for fresh in filtered.poll().lines:
            _print_line(printer, fresh)
        if not filtered.behind:
            sys.stdout.flush()
            time.sleep(LOOK_EVERY)


def _chosen(timeline: Timeline, choice: Choice, follower: Follower | None) -> Iterable[LogLine]:
    start = position_at(timeline, choice.since) if choice.since is not None else None
    stop = follower.position if follower is not None else None
    if choice.until is not None:
        stop = position_at(timeline, choice.until)
    if choice.wanted is None and start is None and choice.count is not None:
        return timeline.before(stop, choice.count)
    wanted = choice.wanted or Everything()
    if choice.count is None:
        return each_wanted(timeline, wanted, start=start, stop=stop)
    return wanted_before(timeline, wanted, stop, choice.count, start=start).lines if choice.count else ()


def print_merged(asked: Asked, logs: Mapping[str, Path], choice: Choice) -> None:
    """The same for several logs as one; what supervisord says of starts and ends stands out as rules between."""
    from ..shell_commands import log_commands

    commands = tuple(
        command for path in logs.values() for command in log_commands(path, choice.count or _PAGE, choice.follow)
    )
    if asked.explained(commands):
        return
    printer = asked.printer
    logs, left_out = readable(logs)
    if left_out:
        click.echo(terminal_safe(left_out), err=True)
    width = max(map(len, logs))
    follower = MergedFollower(logs, choice.wanted) if choice.follow else None
    with Merged(logs) as merged:
        lines = _chosen_of_all(merged, choice, follower)
        if follower is None and printer.json:
            _print_document(
                printer, {"logs": {name: str(path) for name, path in logs.items()}}, map(_merged_json, lines)
            )
        else:
            for line in lines:
                _print_merged_line(printer, line, width)
    while follower is not None:
        for line in follower.poll():
            _print_merged_line(printer, line, width)
        if not follower.behind:
            sys.stdout.flush()
            time.sleep(LOOK_EVERY)


def _chosen_of_all(merged: Merged, choice: Choice, follower: MergedFollower | None) -> Iterable[MergedLine]:
    start = merged.at_time(choice.since) if choice.since is not None else None
    stop = follower.start if follower is not None else None
    if choice.until is not None:
        stop = merged.at_time(choice.until)
    if choice.count is None:
        return merged.each(choice.wanted, start=start, stop=stop)
    return merged.before(stop, choice.count, choice.wanted, start=start).lines


def _print_line(printer: Printer, line: bytes) -> None:
    if printer.json:
        printer.out.write(_json(_as_json(line)) + "\n")
    else:
        printer.line(terminal_safe(line))


def _print_merged_line(printer: Printer, line: MergedLine, width: int) -> None:
    if printer.json:
        printer.out.write(_json(_merged_json(line)) + "\n")
    elif line.event is not None:
        said = terminal_safe(f"{line.event.program} {line.event.what} {line.event.detail}".rstrip())
        when = datetime.fromtimestamp(line.time or 0).astimezone().strftime("%H:%M:%S")
        printer.line(printer.paint(f"── {when} {said} ──", "bold"))
    else:
        printer.line(f"{terminal_safe(line.source):{width}} │ {terminal_safe(line.line.marked)}")


def _as_json(line: bytes) -> dict[str, Any]:
    text = line.decode("utf-8", "replace")
    return {"time": _iso(time_of(line)), "level": level_of(text), "text": text}


def _merged_json(line: MergedLine) -> dict[str, Any]:
    event = line.event and {"program": line.event.program, "what": line.event.what, "detail": line.event.detail}
    return {**_as_json(line.line.marked), "time": _iso(line.time), "source": line.source, "event": event}


def _iso(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds).astimezone().isoformat()


def _json(value: object) -> str:
    return _CONTROL.sub(lambda one: f"\\u{ord(one[0]):04x}", json.dumps(value, ensure_ascii=False))


def _print_document(printer: Printer, head: dict[str, Any], lines: Iterable[dict[str, Any]]) -> None:
    """One document, written as its lines come: there may be millions."""
    printer.out.write(_json(head)[:-1] + ', "lines": [')
    for separator, line in zip(itertools.chain(["\n"], itertools.repeat(",\n")), lines, strict=False):
        printer.out.write(separator + _json(line))
    printer.out.write("]}\n")
