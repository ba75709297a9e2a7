"""What a program's own log tells of its end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.programs.clues import find_clue, last_exit, since_last_start
from tests.logs.test_tracebacks import LINES

from . import log_samples as samples

NGINX = "2024/05/03 10:00:00 [emerg] 12#12: "


@pytest.mark.parametrize(
    ("text", "cause", "what"),
    [
        (samples.GUNICORN_IMPORT_ERROR, "import-error", "django"),
        (samples.GUNICORN_19_PYTHON_2, "import-error", ""),
        (samples.GUNICORN_PORT_IN_USE, "port-in-use", "8080"),
        (samples.GUNICORN_KILLED_WORKER, "out-of-memory", ""),
        (samples.SYNTAX_ERROR_IN_A_MODULE, "syntax-error", "/srv/app/shop.py:7"),
        (samples.SYNTAX_ERROR_IN_THE_SCRIPT, "syntax-error", "/srv/app/run.py:3"),
        (samples.CHAINED, "exited-too-quickly", ""),
        (NGINX + "bind() to 0.0.0.0:8000 failed (98: Address already in use)", "port-in-use", "8000"),
        (NGINX + "bind() to [::]:8000 failed (98: Address already in use)", "port-in-use", "8000"),
        (NGINX + 'unknown directive "proxi_pass" in /srv/conf/nginx.d/python.conf:7', "syntax-error",
         "/srv/conf/nginx.d/python.conf:7"),
        (NGINX + 'open() "/srv/logs/a.log" failed (13: Permission denied)', "permission", "/srv/logs/a.log"),
        (NGINX + 'host not found in upstream "nowhere"', "exited-too-quickly", ""),
        ("OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8080): address already in use",
         "port-in-use", "8080"),
        ("Error: listen EADDRINUSE: address already in use :::8080", "port-in-use", "8080"),
        ("supervisor: couldn't exec /srv/venv/bin/gunicorn: ENOENT\nsupervisor: child process was not spawned",
         "exec", "/srv/venv/bin/gunicorn"),
        ("supervisor: couldn't exec /srv/app/run: EACCES\nsupervisor: child process was not spawned",
         "permission", "/srv/app/run"),
        ("supervisor: couldn't chdir to /srv/nowhere: ENOENT\nsupervisor: child process was not spawned",
         "chdir", "/srv/nowhere"),
        ("/srv/venv/bin/python: error while loading shared libraries: libpython3.8.so.1.0: cannot open shared object",
         "dead-virtualenv", "libpython3.8.so.1.0"),
        ("Fatal Python error: initfsencoding\nModuleNotFoundError: No module named 'encodings'\n\nCurrent thread",
         "dead-virtualenv", "encodings"),
        ("bash: /srv/app/run: /srv/venv/bin/python: bad interpreter: No such file or directory",
         "exec", "/srv/venv/bin/python"),
        ("/srv/venv/bin/python3.11: No module named gunicorn", "import-error", "gunicorn"),
        ("/bin/sh: 1: celery: not found", "command-not-found", "celery"),
        ("/bin/bash: line 1: celery: command not found", "command-not-found", "celery"),
        ("/bin/sh: 1: /srv/app/run: Permission denied", "permission", "/srv/app/run"),
        ("FATAL ERROR: Reached heap limit - JavaScript heap out of memory", "out-of-memory", ""),
        ("Failed to find attribute 'application' in 'wsgi'.", "import-error", "wsgi:application"),
    ],
)  # fmt: skip
def test_the_cause_and_what_matters(text: str, cause: str, what: str) -> None:
    clue = find_clue(text.splitlines())
    assert clue is not None
    assert (clue.cause, clue.what) == (cause, what)
    assert clue.message


def raised(line: str) -> list[str]:
    return ["Traceback (most recent call last):", '  File "/srv/app/run.py", line 1, in <module>', "    go()", line]


@pytest.mark.parametrize(
    ("line", "cause", "what"),
    [
        ("ImportError: cannot import name 'x' from 'shop.models' (/srv/app/shop/models.py)", "import-error",
         "shop.models"),
        ("ImportError: No module named yaml", "import-error", "yaml"),
        ("ModuleNotFoundError: No module named 'a.b'", "import-error", "a.b"),
        ("MemoryError", "out-of-memory", ""),
        ("OSError: [Errno 12] Cannot allocate memory", "out-of-memory", ""),
        ("OSError: [Errno 98] Address already in use", "port-in-use", ""),
        ("PermissionError: [Errno 13] Permission denied: '/srv/app/db.sqlite3'", "permission", "/srv/app/db.sqlite3"),
        ("TabError: inconsistent use of tabs and spaces in indentation", "syntax-error", "/srv/app/run.py:1"),
        ("django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.",
         "exited-too-quickly", ""),
    ],
)  # fmt: skip
def test_exceptions_are_told_apart(line: str, cause: str, what: str) -> None:
    clue = find_clue(raised(line))
    assert clue is not None
    assert (clue.cause, clue.what) == (cause, what)
    assert clue.traceback is not None


def test_nginx_complains_and_goes_on() -> None:
    alert = '2024/05/03 10:00:00 [alert] 12#12: could not open "/var/log/nginx/error.log" (13: Permission denied)'
    assert find_clue([alert]) is None


def test_what_comes_last_counts() -> None:
    clue = find_clue([*raised("ValueError: x"), *samples.GUNICORN_PORT_IN_USE.splitlines()])
    assert clue is not None
    assert clue.cause == "port-in-use"
    clue = find_clue([*samples.GUNICORN_PORT_IN_USE.splitlines(), *raised("ValueError: x")])
    assert clue is not None
    assert clue.message == "ValueError: x"


def test_a_run_begins_where_gunicorn_starts() -> None:
    old = samples.GUNICORN_IMPORT_ERROR.splitlines()
    new = samples.GUNICORN_KILLED_WORKER.splitlines()
    assert list(since_last_start([*old, *new])) == new
    assert list(since_last_start(["a", "b"])) == ["a", "b"]


def test_the_last_end_is_that_of_the_program_itself() -> None:
    lines = samples.SUPERVISORD_LOG.splitlines()
    assert last_exit(lines, "app") == "terminated by SIGKILL; not expected"
    assert last_exit(lines, "app2") == "terminated by SIGTERM; not expected"
    assert last_exit(lines, "nobody") is None
    assert last_exit([*lines, "2024 INFO stopped: app (terminated by SIGTERM)"], "app") is None


@given(st.lists(LINES | st.text(max_size=80), max_size=40), st.text(max_size=10))
def test_arbitrary_lines_never_break_the_search(lines: list[str], name: str) -> None:
    find_clue(lines)
    since_last_start(lines)
    last_exit(lines, name)


def test_a_megabyte_of_hostile_text_is_searched_in_one_pass() -> None:
    """In time that grows with the square of the size, each of these would take minutes."""
    for piece in ("'", '"', ":", "1", " ", "a", "sh: ", "[emerg] ", "in use: ", "Failed to find attribute '", "import ",
                  "[Errno 13] Permission denied", "address already in use, 1"):  # fmt: skip
        text = piece * (1_000_000 // len(piece))
        find_clue([text])
        find_clue([text[at : at + 2000] for at in range(0, len(text), 2000)])
