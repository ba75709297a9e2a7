"""Fixed results to show: what the screens look like must not depend on this machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from console.container import Container
from console.results import (
    ContainerFacts,
    Disk,
    HttpAnswer,
    Listener,
    Memory,
    Program,
    Static,
    Status,
    SupervisorState,
    Venv,
    Verdict,
)

ASKED = datetime(2026, 11, 23, 14, 5, 10, tzinfo=timezone(timedelta(hours=1)))

CONTAINER = Container(
    root=Path("/"),
    generation="image",
    srv=Path("/srv"),
    app=Path("/srv/app"),
    venv=Path("/srv/venv"),
    log_dir=Path("/srv/logs"),
    site_file=Path("/srv/conf/nginx.d/python.conf"),
    requirements=Path("/srv/app/requirements.txt"),
    supervisor_conf=Path("/etc/supervisor/supervisord.conf"),
    supervisor_socket=Path("/srv/run/supervisor.sock"),
    supervisor_log=Path("/srv/logs/supervisord.log"),
    interpreters=(Path("/opt/python/bin/python"),),
)


def program(name: str, state: str = "RUNNING", **other: object) -> Program:
    running = state == "RUNNING"
    given = {
        "name": name,
        "group": name,
        "state": state,
        "pid": 79 if running else None,
        "uptime_seconds": 183_600.0 if running else None,
        "cpu_percent": 0.4 if running else None,
        "memory_bytes": 84_000_000 if running else None,
        "description": "",
        "since_seconds": 183_600.0,
        "processes": 3 if running else 0,
        "log_file": Path(f"/srv/logs/{'python' if name == 'app' else name}.log"),
    }
    return Program(**{**given, **other})  # type: ignore[arg-type]


UP = Status(
    container=ContainerFacts(
        root=Path("/"),
        generation="image",
        python="3.11.7",
        memory=Memory(used_bytes=212_000_000, limit_bytes=512_000_000),
        disk=Disk(used_bytes=1_200_000_000, free_bytes=8_800_000_000),
    ),
    supervisor=SupervisorState(True, "RUNNING", "4.3.0", 1, None),
    programs=(
        program("app"),
        program("nginx", memory_bytes=6_000_000, processes=1, cpu_percent=0.0),
        program("worker", "STOPPED", since_seconds=3600.0),
    ),
    request_path=(Listener(8000, True, "nginx", 80), Listener(8080, True, "gunicorn", 79)),
    static=Static("on", Path("/srv/conf/nginx.d/python.conf"), "/static/", "/srv/static/", line=10),
    venv=Venv("ok", Path("/srv/venv"), "3.11.7", 12, True, image_python="3.11.7", made_by="virtualenv"),
    site_up=True,
    http=HttpAnswer(8000, 200, 0.004),
    asked=ASKED,
)

TRACEBACK = (
    "Traceback (most recent call last):",
    '  File "/srv/app/app.py", line 3, in <module>',
    "    import django",
    "ModuleNotFoundError: No module named 'django'",
)
IMPORT_ERROR = Verdict(
    cause="import-error",
    title="app does not start: No module named 'django'.",
    detail="/srv/app/app.py, line 3: import django",
    remedy="Add it to requirements.txt and rebuild the virtualenv.",
    action="rebuild",
    traceback=TRACEBACK,
)
BROKEN = replace(
    UP,
    programs=(program("app", "FATAL", since_seconds=70.0), *UP.programs[1:]),
    request_path=(UP.request_path[0], Listener(8080, False, None)),
    site_up=False,
    verdict=IMPORT_ERROR,
    http=HttpAnswer(8000, 502, 0.002),
)
GONE = replace(
    UP,
    supervisor=SupervisorState(False, None, None, None, "supervisord does not run."),
    programs=(),
    request_path=(Listener(8000, False, None), Listener(8080, False, None)),
    site_up=False,
    http=None,
    verdict=Verdict(
        cause="supervisor-gone",
        title="supervisord is not reachable.",
        detail="supervisord does not run.",
        remedy="It may be starting; the console keeps trying.",
    ),
)
DEAD_VENV = replace(
    BROKEN,
    venv=Venv(
        "dead",
        Path("/srv/venv"),
        "3.8.18",
        12,
        False,
        image_python="3.12.1",
        reason="its interpreter /opt/python/bin/python3.8 is gone",
    ),
)
LOG = (
    "[2026-11-23 14:05:08 +0100] [79] [INFO] Starting gunicorn 23.0.0",
    '127.0.0.1 - - [23/Nov/2026:14:05:09 +0100] "GET / HTTP/1.0" 200 541',
    '127.0.0.1 - - [23/Nov/2026:14:05:10 +0100] "GET /static/app.css HTTP/1.0" 404 207',
    "[2026-11-23 14:05:11 +0100] [81] [ERROR] Exception in worker process [red]not markup[/red]",
)
