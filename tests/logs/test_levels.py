"""The level of the lines that Python, gunicorn, nginx and supervisord write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.logs.levels import level_of


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("[2026-11-05 14:05:08 +0100] [79] [INFO] Booting worker with pid: 79", "info"),
        ("[2026-11-05 14:05:08 +0100] [79] [ERROR] Exception in worker process", "error"),
        ("[2026-11-05 14:05:08 +0100] [79] [CRITICAL] WORKER TIMEOUT (pid:80)", "error"),
        ("2026-11-05 14:05:08,123 INFO spawned: 'app' with pid 79", "info"),
        ("2026-11-05 14:05:08,123 WARN exited: app (exit status 3; not expected)", "warning"),
        ("2026-11-05 14:05:08,123 CRIT Server 'unix_http_server' running", "error"),
        ("2026-11-05 14:05:08,123 DEBG fd 7 closed", "debug"),
        ("2026/11/05 14:05:08 [error] 12#12: *1 open() failed", "error"),
        ("2026/11/05 14:05:08 [warn] 12#12: conflicting server name", "warning"),
        ("2026/11/05 14:05:08 [notice] 12#12: signal process started", "info"),
        ("nginx: [emerg] unknown directive", "error"),
        ("WARNING:root:disk is nearly full", "warning"),
        ("DEBUG:app:x", "debug"),
        ("level=error msg=oops", "error"),
        ("error: something", "error"),
        ("Traceback (most recent call last):", "error"),
        ("ModuleNotFoundError: No module named 'django'", "error"),
        ("django.core.exceptions.ImproperlyConfigured", None),
        ("requests.exceptions.ConnectionError: refused", "error"),
        ("KeyError", "error"),
        ("/srv/app/app.py:3: DeprecationWarning: old", "warning"),
        ('10.0.0.1 - - [05/Nov/2026:14:05:08 +0100] "GET / HTTP/1.1" 200 612 "-" "curl"', "2xx"),
        ('10.0.0.1 - - [05/Nov/2026:14:05:08 +0100] "GET /error HTTP/1.1" 404 9 "-" "curl"', "4xx"),
        ('127.0.0.1 - - [05/Nov/2026:14:05:08 +0100] "POST /x HTTP/1.0" 502 0', "5xx"),
        ("GET / 200 4ms", "2xx"),
        ("[79] GET /static/app.css 404", "4xx"),
        ("", None),
        ("hello", None),
        ("no errors were found", None),
        ("terror in the information desk", None),
        ("GET well soon 200 times", None),
    ],
)
def test_level_of(line: str, level: str | None) -> None:
    assert level_of(line) == level


@given(st.text())
def test_any_text_has_a_level_or_none(line: str) -> None:
    assert level_of(line) in (None, "error", "warning", "info", "debug", "1xx", "2xx", "3xx", "4xx", "5xx")
