"""What is looked for in a log: a text, or a regular expression. It matches within a line, never over a line's end, as
with grep.

A text is found in this process, at the speed of ``bytes.find``. An expression of a person's is tried by a process of
its own (``expression_process``): Python's ``re`` may take for ever on the wrong line, and lets nothing else run
meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from ..errors import WrongUsage
from ..text import _
from .expression import Expression
from .needle import Data, Needle


class Pattern(Protocol):
    """``shown`` is what was asked for. ``reach`` is by how many bytes pieces of a very long line have to overlap."""

    shown: str
    reach: int

    def hits(self, data: Data, begin: int, end: int) -> Iterator[int]:
        """A place in each line of ``data[begin:end]`` that matches, in order. Raises ConsoleError where an expression
        takes too long.
        """

    def close(self) -> None:
        """Let go of what it holds; what is being looked for ends, in another thread too."""


def make_pattern(text: str, *, regex: bool = False, ignore_case: bool = False) -> Pattern:
    """``text`` to look for, as it is or as a regular expression of Python's ``re``.

    Raises WrongUsage for one that is none.
    """
    if not regex:
        return Folded(text) if ignore_case and not text.isascii() else Plain(text, fold=ignore_case)
    try:
        return Expression(text, ignore_case=ignore_case)
    except re.error as error:
        title = _("That is no regular expression: {pattern}").format(pattern=text)
        raise WrongUsage(title, str(error)) from error


def matches(pattern: Pattern, line: bytes) -> bool:
    """Whether ``line``, without its line end, matches."""
    text = line + b"\n"
    return next(pattern.hits(text, 0, len(text)), None) is not None


class Plain:
    """A text as it stands; with ``fold`` one of ASCII, in any mixture of small and capital letters."""

    def __init__(self, text: str, *, fold: bool = False) -> None:
        self.shown = text
        encoded = text.encode("utf-8", "surrogateescape")
        self._needle = None if "\n" in text else Needle(encoded, fold=fold)
        self.reach = len(encoded)

    def hits(self, data: Data, begin: int, end: int) -> Iterator[int]:
        return iter(()) if self._needle is None else self._needle.hits(data, begin, end)

    def close(self) -> None:
        """Nothing is held."""


class Folded:
    """A text in any mixture of small and capital letters, some of them beyond ASCII. Takes linear time: nothing in it
    is repeated.
    """

    def __init__(self, text: str) -> None:
        self.shown = text
        self._compiled = re.compile(b"".join(map(_both_cases, text)))
        self.reach = 4 * len(text)
        self._none = "\n" in text

    def hits(self, data: Data, begin: int, end: int) -> Iterator[int]:
        while not self._none and begin < end and (match := self._compiled.search(data, begin, end)) is not None:
            yield match.start()
            begin = data.find(b"\n", match.start(), end) + 1 or end

    def close(self) -> None:
        """Nothing is held."""


def _both_cases(letter: str) -> bytes:
    ways = dict.fromkeys(way.encode("utf-8", "surrogateescape") for way in (letter, letter.lower(), letter.upper()))
    return b"(?:" + b"|".join(map(re.escape, ways)) + b")"
