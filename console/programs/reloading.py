"""Reloading gunicorn: new code without a missed request, by SIGHUP.

The master starts new workers, hands them the listening socket and lets the old ones finish their requests
(https://docs.gunicorn.org/en/stable/signals.html). Two things are proved first, because a master whose new
workers do not boot ends, and the site with it: that the new code loads, and that HUP takes it up at all.
"""

from __future__ import annotations

import os
import re
import signal
import time
from dataclasses import replace
from pathlib import Path

from ..errors import ConsoleError
from ..events import Answered, Reloading, Running
from ..health.http import ask
from ..health.request_path import owned_ports
from ..results import HttpAnswer, Program, Restart, Verdict
from ..text import _
from .call import Call, pause
from .config import program_config
from .entry_point import check_entry_point
from .evidence import mark
from .faults import Code, SupervisorFault
from .following import Started, follow_all, ports_to_ask
from .processes import process_name, tree
from .server import find_server
from .verdict import find_verdict


def reload_program(call: Call, program: Program) -> Restart:
    """Have gunicorn take up new code; return when its old workers have gone and a new one has answered.

    Where the new code does not load, nothing is done: ``ok`` False, ``unchanged``, and the verdict; the old workers
    go on serving. Raises ConsoleError where the program is not gunicorn, or preloads its app: then only a restart
    takes up new code. ``program`` has to be RUNNING.
    """
    name, master = program.full_name, program.pid
    if master is None or process_name(master) != "gunicorn":
        raise ConsoleError(
            _("{program} cannot be reloaded.").format(program=name),
            _("Only gunicorn takes up new code without a restart."),
            _("Restart it with: console restart {program}").format(program=name),
        )
    if _preloads(call, program):
        raise ConsoleError(
            _("{program} cannot be reloaded.").format(program=name),
            _("Its gunicorn loads the app once, before the workers (preload); they would go on with the old code."),
            _("Restart it with: console restart {program}").format(program=name),
        )
    check = check_entry_point(call.container, name)
    if not check.ok:
        verdict = check.verdict
        return Restart(name, "reload", False, program.state, None, verdict=verdict, pid=master, unchanged=True)
    ports = ports_to_ask(call.container, program)
    logs = mark(call.container, [program])
    old = set(tree(master)[1:])
    call.on_event(Reloading(name, len(old)))
    _hang_up(call, name, master)
    while True:
        now = call.look([name])[name]
        if now.pid != master or now.state != "RUNNING":  # the master ended; supervisord starts it anew
            return follow_all(call, [Started(now, "reload", ports, call.began)], logs, call.deadline)[0]
        workers = set(tree(master)[1:])
        if workers and not workers & old:
            break
        if time.monotonic() >= call.deadline:
            return Restart(name, "reload", False, now.state, None, verdict=_still_there(call, name), pid=master)
        pause(call.elapsed())
    seconds = call.elapsed()
    call.on_event(Running(name, seconds))
    http = _answer(call, ports, master)
    if http is not None and http.status is not None:
        call.on_event(Answered(name, http))
    verdict = None if http is None or http.ok else find_verdict(call.container, now, since=logs, http=http)
    downtime = 0.0 if http is not None and http.ok else None
    return Restart(name, "reload", verdict is None, now.state, seconds, http, verdict, master, downtime)


def _hang_up(call: Call, name: str, master: int) -> None:
    try:
        call.supervisor.signal(name, "HUP")
    except SupervisorFault as fault:
        if fault.code != Code.UNKNOWN_METHOD:
            raise
        os.kill(master, signal.SIGHUP)  # supervisord before 3.2


def _answer(call: Call, ports: tuple[int, ...], master: int) -> HttpAnswer | None:
    if not ports:
        return None
    owned = owned_ports(ports, master)
    asked = call.elapsed()
    answer = ask(owned[0] if owned else ports[0], timeout=max(1.0, call.deadline - time.monotonic()))
    return replace(answer, seconds=asked + answer.seconds)


def _still_there(call: Call, name: str) -> Verdict:
    return Verdict(
        cause="no-answer",
        title=_("The old workers of {program} have not ended after {seconds:.0f} s.").format(
            program=name, seconds=call.elapsed()
        ),
        detail=_("They finish the requests they have; gunicorn ends them after its graceful timeout."),
        remedy=_("Wait, or restart the program."),
        action="restart",
    )


def _preloads(call: Call, program: Program) -> bool:
    """Whether gunicorn is told to preload the app: by its arguments, its environment or its configuration file.

    The file is Python; it is only searched for the usual line, never run.
    """
    config = program_config(call.container, program.full_name)
    if config is None:
        return False
    server = find_server(call.container, config)
    if server is None:
        return False
    arguments = server.arguments
    more = server.environment.get("GUNICORN_CMD_ARGS", "").split()
    if "--preload" in arguments or "--preload" in more:
        return True
    folder = server.directory or Path("/")
    text = _config_text(folder / _config_file([*arguments, *more]))
    return re.search(r"^preload_app\s*=\s*True\b", text, re.MULTILINE) is not None


def _config_file(arguments: list[str]) -> str:
    """The configuration file that gunicorn's arguments name, else its default."""
    for word, after in zip(arguments, [*arguments[1:], ""], strict=True):
        if word in ("-c", "--config"):
            return after.removeprefix("file:")
        if word.startswith("--config="):
            return word.removeprefix("--config=").removeprefix("file:")
    return "gunicorn.conf.py"


def _config_text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
