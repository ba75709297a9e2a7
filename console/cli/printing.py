"""Where and how to print; and the lines that several commands share."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import Any, TextIO

from ..errors import ConsoleError
from ..logs.clean import terminal_safe
from ..results import Verdict, as_json

_CODES = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}


@dataclass(frozen=True)
class Printer:
    """Results go to ``out``, progress and errors to ``err``; colour only where it may be."""

    out: TextIO
    err: TextIO
    json: bool = False
    colour: bool = False

    def line(self, text: str = "") -> None:
        """One line for people; ``text`` is safe already where it came from outside."""
        print(text, file=self.out)

    def lines(self, text: str, indent: str = "  ") -> None:
        """Text from anywhere, made safe, line by line, indented."""
        for line in text.splitlines():
            self.line(indent + terminal_safe(line))

    def paint(self, text: str, *styles: str) -> str:
        """``text`` in colour where colour is on; never the only sign of anything."""
        if not self.colour or not text:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"

    def mark(self, good: bool | None) -> str:
        """✓, ✗, or ○ for what is neither."""
        if good is None:
            return "○"
        return self.paint("✓", "green") if good else self.paint("✗", "red", "bold")

    def document(self, value: Any) -> None:
        """``value`` as one JSON document."""
        self.out.write(_json_text(value, indent=2) + "\n")

    def json_line(self, value: Any) -> None:
        """``value`` as one line of JSON, written at once."""
        self.out.write(_json_text(value) + "\n")
        self.out.flush()

    def diff(self, diff: str) -> None:
        """A unified diff, its signs coloured."""
        for line in diff.splitlines():
            style = {"+": "green", "-": "red", "@": "dim"}.get(line[:1])
            safe = terminal_safe(line)
            self.line(self.paint(safe, style) if style else safe)

    def verdict(self, verdict: Verdict) -> None:
        """What is known beyond the title: detail, remedy, and the traceback or the last lines."""
        self.lines(verdict.detail)
        self.lines(verdict.remedy)
        for line in verdict.traceback or verdict.log:
            self.line(self.paint("  │ " + terminal_safe(line), "dim"))

    def error(self, error: ConsoleError) -> None:
        """What happened, why, and what to do; with ``--json`` also a document with these three."""
        if self.json:
            self.document({"error": {"title": error.title, "cause": error.cause, "remedy": error.remedy}})
        sign = self.paint("✗", "red", "bold")
        print(f"{sign} {terminal_safe(error.title)}", file=self.err)
        for part in (error.cause, error.remedy):
            for line in part.splitlines():
                print(f"  {terminal_safe(line)}", file=self.err)


def make_printer(*, as_json: bool = False, no_color: bool = False) -> Printer:
    """A printer on this process's own streams. Colour is for terminals, and not with NO_COLOR (no-color.org)."""
    wanted = not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Printer(sys.stdout, sys.stderr, json=as_json, colour=wanted and sys.stdout.isatty())


def _json_text(value: Any, indent: int | None = None) -> str:
    """UTF-8 whatever it holds: a file's name in other bytes has surrogates, which JSON takes as escapes only."""
    text = json.dumps(as_json(value), ensure_ascii=False, indent=indent)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
