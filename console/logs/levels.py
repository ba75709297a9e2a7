"""How grave a log line is, guessed from the words that Python, gunicorn, nginx and supervisord use."""

from __future__ import annotations

import re

# Levels stand near the start of a line; a long line's end is its message.
_LOOK_AT = 300

_ACCESS = re.compile(
    r'"\s([1-5])\d\d(?=\s|$)'  # the common log format: "GET / HTTP/1.1" 200 612
    r"|\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s\S+\s(?:HTTP/[\d.]+\s)?([1-5])\d\d(?=\s|$)",
    re.ASCII,
)
_LEVEL = re.compile(
    r"\b(?:(?P<error>CRITICAL|FATAL|ERROR|ERRO|CRIT|EMERG|ALERT)"
    r"|(?P<warning>WARNING|WARN)"
    r"|(?P<info>INFO|NOTICE)"
    r"|(?P<debug>DEBUG|DEBG|TRACE|TRAC|BLAT))\b"
)
_SMALL = re.compile(
    r"(?:\[|\blevel=\"?|^)(?:(?P<error>emerg|alert|crit|critical|fatal|error)"
    r"|(?P<warning>warn|warning)"
    r"|(?P<info>info|notice)"
    r"|(?P<debug>debug|trace))(?:\]|\"|:|\s|$)",
    re.IGNORECASE,
)
_PYTHON = re.compile(
    r"(?P<error>Traceback \(most recent call last\)|(?:\w+\.)*\w*(?:Error|Exception|SystemExit)(?::|$))"
    r"|(?:\S+:\d+: )?(?P<warning>(?:\w+\.)*\w+Warning(?::|$))"
)


def level_of(line: str) -> str | None:
    """ "error", "warning", "info" or "debug"; for an access line its status class, "1xx" to "5xx"; else None."""
    head = line[:_LOOK_AT]
    access = _ACCESS.search(head)
    if access:
        return f"{access.group(1) or access.group(2)}xx"
    found = _PYTHON.match(head) or _LEVEL.search(head) or _SMALL.search(head)
    return found.lastgroup if found else None
