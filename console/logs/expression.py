"""A regular expression that a process of its own tries on blocks of a log, for a limited time each."""

from __future__ import annotations

import array
import bisect
import contextlib
import heapq
import itertools
import os
import re
import select
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence

from ..errors import ConsoleError
from ..own_python import own_command, own_variables
from ..text import _
from .literals import literals_of
from .needle import Data, Needle

LIMIT_SECONDS = 10.0  # for a block of a megabyte: a hundred times what an expression usually takes
_ASKED = struct.Struct("<cQ")
_LENGTH = struct.Struct("<Q")
_MOST_CANDIDATES = 2000  # lines of a block
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class SearchEnded(ConsoleError):
    """The pattern was closed while, or before, it was tried."""


class Expression:
    """Matches ``text`` as an expression, in any case of letters with ``ignore_case``.

    An expression in ASCII is tried on bytes, any other on the text that they are in UTF-8. The process is started at
    the first block and ends with ``close``. Raises re.error for what is no expression.
    """

    def __init__(self, text: str, *, ignore_case: bool = False) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        # A text's begin and end are those of a line here.
        self._lines = _ESCAPED.sub(lambda pair: {"A": "^", "Z": "$", "z": "$"}.get(pair[1], pair[0]), text)
        re.compile(self._lines)
        self.shown = text
        self.reach = 64 * 1024
        self._ignore_case = ignore_case
        texts, fold = literals_of(self._lines, ignore_case=ignore_case) or ((), False)
        self._needles = [Needle(text.encode("utf-8", "surrogateescape"), fold=fold) for text in texts]

    def hits(self, data: Data, begin: int, end: int) -> Iterator[int]:
        """A place in each line that matches. Raises ConsoleError when it takes longer than LIMIT_SECONDS, SearchEnded
        when it was closed meanwhile.
        """
        lines = self._candidates(data, begin, end)
        if lines is not None:
            block = b"".join(data[first:last] for first, last in lines)
            starts = list(itertools.accumulate((last - first for first, last in lines), initial=0))
            for place in self._asked(b"L", memoryview(block)) if block else ():
                yield lines[bisect.bisect_right(starts, place) - 1][0]
        elif begin < end:
            with memoryview(data) as view:
                found = self._asked(b"L", view[begin:end])
            for place in found:
                yield begin + place

    def spans(self, lines: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Where in each line (none holds a line end) the matches begin and end, in characters. Raises like ``hits``."""
        if not lines:
            return []
        found = self._asked(b"S", memoryview("\n".join(lines).encode("utf-8", "replace")))
        spans: list[list[tuple[int, int]]] = [[] for _line in lines]
        for number, begin, end in zip(found[::3], found[1::3], found[2::3], strict=True):
            spans[number].append((begin, end))
        return spans

    def _candidates(self, data: Data, begin: int, end: int) -> list[tuple[int, int]] | None:
        """Where the lines that may match begin and end; None where that is no help, as it is so many of them."""
        if not self._needles:
            return None
        lines: list[tuple[int, int]] = []
        done = begin
        for hit in heapq.merge(*(needle.hits(data, begin, end) for needle in self._needles)):
            if hit < done:  # in a line that is in already
                continue
            first, done = data.rfind(b"\n", begin, hit) + 1 or begin, data.find(b"\n", hit, end) + 1 or end
            lines.append((first, done))
            if len(lines) > _MOST_CANDIDATES:
                return None
        return lines

    def close(self) -> None:
        """End the process. Another thread that waits for it is told; the pipes are its own to close."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def __del__(self) -> None:
        self.close()
        self._let_go()

    def _let_go(self) -> None:
        process, self._process = self._process, None
        for pipe in (process.stdin, process.stdout) if process is not None else ():
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _asked(self, what: bytes, block: memoryview) -> array.array[int]:
        """The process's answer for ``block``."""
        if self._closed:
            raise SearchEnded(_("The search was ended."))
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        limit = time.monotonic() + LIMIT_SECONDS
        try:
            _send(process.stdin.fileno(), _ASKED.pack(what, len(block)), limit)
            _send(process.stdin.fileno(), block, limit)
            (length,) = _LENGTH.unpack(_receive(process.stdout.fileno(), _LENGTH.size, limit))
            numbers = array.array("Q")
            numbers.frombytes(_receive(process.stdout.fileno(), length, limit))
        except (TimeoutError, OSError) as error:
            closed = self._closed
            self.close()
            self._let_go()
            if closed:
                raise SearchEnded(_("The search was ended.")) from error
            raise ConsoleError(
                _("The expression takes too long: {pattern}").format(pattern=self.shown),
                _("A part of the log was not looked through after {seconds} s.").format(seconds=int(LIMIT_SECONDS)),
                _("Try a simpler one: it is mostly a repetition within a repetition that takes for ever."),
            ) from error
        return numbers

    def _start(self) -> subprocess.Popen[bytes]:
        words = ["i" if self._ignore_case else "-", self._lines]
        process = subprocess.Popen(
            own_command(f"{__package__}.expression_process", *words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env={**os.environ, **own_variables()},
        )
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        return process


def _send(fd: int, data: bytes | memoryview, limit: float) -> None:
    """All of ``data``. Raises TimeoutError at ``limit`` (monotonic), OSError when the process is gone."""
    sent = 0
    while sent < len(data):
        _wait(limit, writable=fd)
        sent += os.write(fd, data[sent : sent + 65536])


def _receive(fd: int, count: int, limit: float) -> bytes:
    """``count`` bytes. Raises like ``_send``."""
    parts = bytearray()
    while len(parts) < count:
        _wait(limit, readable=fd)
        part = os.read(fd, count - len(parts))
        if not part:
            raise BrokenPipeError
        parts += part
    return bytes(parts)


def _wait(limit: float, *, readable: int | None = None, writable: int | None = None) -> None:
    left = max(0.0, limit - time.monotonic())
    inputs, outputs = [readable] if readable is not None else [], [writable] if writable is not None else []
    ready = select.select(inputs, outputs, [], left)
    if not any(ready):
        raise TimeoutError
