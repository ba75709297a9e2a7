"""What is looked for in a log: a text, or a regular expression that takes linear time whatever it is.

Expressions are RE2's (https://github.com/google/re2/wiki/Syntax): an automaton that cannot backtrack, so that no
expression and no log can make a search hang, and several times quicker than ``re`` on bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..errors import WrongUsage
from ..text import _

_MEMORY = 4 * 1024 * 1024  # bytes that RE2 may take for one automaton
_PAIR = re.compile(rb"\\(.)", re.DOTALL)

# A block of bytes and the part of it to look in; where the first match begins, -1 for none.
Find = Callable[[bytearray | bytes, int, int], int]


class Pattern:
    """A text or an expression. It matches within a line, never over a line's end, as with grep."""

    def __init__(self, shown: str, find: Find, reach: int, find_next: Find | None = None) -> None:
        self.shown = shown
        self.find = find
        self.find_next = find_next or find  # the same, quicker where matches are many
        self.reach = reach  # bytes by which the pieces of a very long line overlap

    def matches(self, line: bytes) -> bool:
        """Whether ``line``, without its line end, holds a match."""
        return self.find_next(line, 0, len(line)) >= 0


def make_pattern(text: str, *, regex: bool = False, ignore_case: bool = False) -> Pattern:
    """``text`` to look for, as it is or as a regular expression. Raises WrongUsage for one that is none."""
    if not regex and not ignore_case:
        return _plain(text)
    expression = _as_lines(text.encode("utf-8", "surrogateescape")) if regex else _quoted(text)
    return _expression(text, expression, ignore_case=ignore_case, as_bytes=expression.isascii())


def expression_finder(expression: bytes) -> Find:
    """Where a trusted expression of ASCII matches next."""
    return _expression("", expression, ignore_case=False, as_bytes=True).find


def _plain(text: str) -> Pattern:
    needle = text.encode("utf-8", "surrogateescape")
    if b"\n" in needle:
        return Pattern(text, lambda _data, _begin, _end: -1, 0)

    def find(data: bytearray | bytes, begin: int, end: int) -> int:
        return data.find(needle, begin, end)

    if len(needle) < 2:
        return Pattern(text, find, len(needle))
    # RE2 looks for the first and the last byte at once, in half the time; but each match costs several times more.
    quick = _expression(text, _quoted(text), ignore_case=False, as_bytes=True)
    return Pattern(text, quick.find, len(needle), find)


def _quoted(text: str) -> bytes:
    import re2

    quoted: bytes = re2.escape(text.encode("utf-8", "surrogateescape"))
    return quoted


def _as_lines(expression: bytes) -> bytes:
    r"""``\A`` and ``\z`` are a line's begin and end, not those of the block that is looked through."""
    return _PAIR.sub(lambda pair: {b"A": b"^", b"z": b"$"}.get(pair[1], pair[0]), expression)


def _expression(shown: str, expression: bytes, *, ignore_case: bool, as_bytes: bool) -> Pattern:
    import re2

    options = re2.Options()
    options.never_nl = True
    options.log_errors = False
    options.case_sensitive = not ignore_case
    options.max_mem = _MEMORY
    # Bytes that are no UTF-8 match "." only where a character is a byte.
    options.encoding = re2.Options.Encoding.LATIN1 if as_bytes else re2.Options.Encoding.UTF8
    try:
        compiled: Any = re2.compile(b"(?m)(?:" + expression + b")", options)
    except re2.error as error:
        reason = error.args[0]
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        title = _("That is no regular expression: {pattern}").format(pattern=shown)
        raise WrongUsage(
            title, reason, _("Expressions are those of RE2: no lookarounds, no back references.")
        ) from error

    def find(data: bytearray | bytes, begin: int, end: int) -> int:
        match = compiled.search(data, begin, end)
        return -1 if match is None else int(match.start())

    return Pattern(shown, find, 64 * 1024)
