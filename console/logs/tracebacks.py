"""Python tracebacks in a log: found, whole, with what they say.

Pure and linear: a log is read once from its beginning, line by line. A traceback's lines may carry a prefix
(a time stamp, ``app | ``), and gunicorn's own lines may come between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HEADER = "Traceback (most recent call last):"
_GROUP_HEADER = "Exception Group Traceback (most recent call last):"
CHAINS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
# A line of another log record: "[2024-01-31 12:00:00 +0100] [79] [INFO] ...", "2024-01-31 12:00:00,123 ...".
_RECORD = re.compile(r"\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d")
_FRAME = re.compile(r'  File "([^"\n]*)", line (\d+)(, in )?')
_IMPORTLIB = re.compile(r"^<frozen |/importlib/__init__\.py$")
_RAISED = re.compile(r"([A-Za-z_][\w.]{0,200})(?::\s?(.*))?$", re.DOTALL)
SYNTAX_ERRORS = ("SyntaxError", "IndentationError", "TabError")
# The ends that somebody asked for, and gunicorn's arbiter telling that a worker gave it up (its traceback came first).
_ENDINGS = ("SystemExit", "KeyboardInterrupt", "GeneratorExit", "HaltServer")
_MOST_PREFIX = 200  # characters; what is longer before a header is a text that quotes it


@dataclass(frozen=True)
class Raised:
    """One exception of a traceback: its class's name, its message, and where it was raised, as far as it says.

    ``file`` and ``line`` are those of the innermost frame outside Python's own import machinery.
    """

    kind: str
    message: str
    file: str | None
    line: int | None

    @property
    def short_kind(self) -> str:
        """The class's name without its module."""
        return self.kind.rsplit(".", 1)[-1]


@dataclass(frozen=True)
class Traceback:
    """One traceback as it stands in the log, without its prefix.

    ``chain``: its exceptions, the outermost last. ``begin``: the number of its first line, ``end`` of the one after it.
    """

    lines: tuple[str, ...]
    chain: tuple[Raised, ...]
    begin: int
    end: int

    @property
    def last(self) -> Raised:
        return self.chain[-1]


def last_traceback(lines: Sequence[str]) -> Traceback | None:
    """The last traceback that says why something failed; those of an orderly end (SystemExit ...) are passed over."""
    found = None
    for traceback in tracebacks(lines):
        if traceback.last.short_kind not in _ENDINGS:
            found = traceback
    return found


def tracebacks(lines: Sequence[str]) -> Iterator[Traceback]:
    """Every whole traceback in ``lines`` (without line ends), in their order; chained exceptions are one."""
    at = 0
    while at < len(lines):
        found: Traceback | None = None
        header = _header(lines[at])
        if header is not None:
            found, at = _chain(lines, at, header)
        elif lines[at].startswith('  File "'):
            found, at = _bare_syntax_error(lines, at)
        else:
            at += 1
        if found is not None:
            yield found


def _header(line: str) -> str | None:
    """The prefix before a traceback's first line; None when ``line`` is none."""
    at = line.find(_HEADER)
    if at < 0 or at > _MOST_PREFIX or line[at + len(_HEADER) :].strip():
        return None
    group = line.find(_GROUP_HEADER)
    return line[: group if group >= 0 else at]


class _Lines:
    """Lines of one traceback from ``at`` on, its prefix taken off where a line has it."""

    def __init__(self, lines: Sequence[str], at: int, prefix: str) -> None:
        self._lines = lines
        self._prefix = prefix
        self._shape = _shape(prefix)
        self.at = at

    def peek(self) -> str | None:
        if self.at >= len(self._lines):
            return None
        line = self._lines[self.at]
        size = len(self._prefix)
        # A time stamp or a process id in the prefix changes from line to line, its shape does not.
        return line[size:] if size and _shape(line[:size]) == self._shape else line

    def is_header(self) -> bool:
        return self.at < len(self._lines) and _header(self._lines[self.at]) is not None


def _shape(prefix: str) -> str:
    return re.sub(r"\d", "0", prefix)


def _chain(lines: Sequence[str], at: int, prefix: str) -> tuple[Traceback | None, int]:
    """The traceback whose header is at ``at``, with those chained to it, and the place after it."""
    begin = at
    reading = _Lines(lines, at, prefix)
    text: list[str] = []
    chain: list[Raised] = []
    while True:
        raised, part = _segment(reading)
        if raised is None:
            break
        text += part
        chain.append(raised)
        after = reading.at
        link = _link(reading)
        if link is None:
            reading.at = after
            break
        text += link
    if not chain:
        return None, max(reading.at, at + 1)
    return Traceback(tuple(text), tuple(chain), begin, reading.at), reading.at


def _link(reading: _Lines) -> list[str] | None:
    """The lines between two chained tracebacks, up to the next header; None when there is no chain."""
    passed: list[str] = []
    linked = False
    while len(passed) < 6 and (line := reading.peek()) is not None:
        if reading.is_header():
            return passed if linked else None
        if line.strip() in CHAINS:
            linked = True
        elif line.strip():
            return None
        passed.append(line)
        reading.at += 1
    return None


def _segment(reading: _Lines) -> tuple[Raised | None, list[str]]:
    """One traceback from its header to its exception; what is cut off or torn gives None."""
    header = reading.peek() or ""
    text = [header]
    reading.at += 1
    if _GROUP_HEADER in header:
        return _group(reading, text)
    file: str | None = None
    number: int | None = None
    foreign = 0
    while (line := reading.peek()) is not None and foreign < 20 and not reading.is_header():
        if line.startswith("  "):
            frame = _FRAME.match(line)
            if frame is not None and (file is None or not _IMPORTLIB.search(frame.group(1))):
                file, number = frame.group(1), _small_int(frame.group(2))
        elif _RECORD.match(line) or not line.strip():
            foreign += 1
            reading.at += 1
            continue
        else:
            raised = _RAISED.match(line)
            if raised is None or file is None:
                break
            text.append(line)
            reading.at += 1
            text += _rest_of_message(reading)
            return Raised(raised.group(1), (raised.group(2) or "").strip(), file, number), text
        text.append(line)
        reading.at += 1
    return None, text


def _rest_of_message(reading: _Lines) -> list[str]:
    """The further lines of a message of several lines, as far as they are told from the log's next lines."""
    rest: list[str] = []
    while len(rest) < 50 and (line := reading.peek()) is not None and not reading.is_header():
        if not line.startswith((" ", "\t", "(")) or not line.strip() or _FRAME.match(line):
            break
        rest.append(line)
        reading.at += 1
    return rest


def _group(reading: _Lines, text: list[str]) -> tuple[Raised | None, list[str]]:
    """An exception group: every line is drawn with bars; its own exception stands at the first bar."""
    raised: Raised | None = None
    while (line := reading.peek()) is not None and line.lstrip().startswith(("|", "+")):
        said = line.lstrip()[2:]
        if raised is None and line.lstrip().startswith("|") and (match := _RAISED.match(said)):
            raised = Raised(match.group(1), (match.group(2) or "").strip(), None, None)
        text.append(line)
        reading.at += 1
    return raised, text


def _bare_syntax_error(lines: Sequence[str], at: int) -> tuple[Traceback | None, int]:
    """A syntax error in the script itself: Python shows it without a header."""
    frame = _FRAME.match(lines[at])
    if frame is None or frame.group(3):
        return None, at + 1
    for end in range(at + 1, min(at + 6, len(lines))):
        raised = _RAISED.match(lines[end])
        if raised is not None and raised.group(1) in SYNTAX_ERRORS:
            found = Raised(raised.group(1), (raised.group(2) or "").strip(), frame.group(1), _small_int(frame.group(2)))
            return Traceback(tuple(lines[at : end + 1]), (found,), at, end + 1), end + 1
    return None, at + 1


def _small_int(digits: str) -> int | None:
    return int(digits) if len(digits) < 10 else None
