"""Which of several servers is meant: asked on a terminal, else an error that names them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import click

from ..text import _
from .options import Asked

T = TypeVar("T")


def of_one_server(asked: Asked, plan: Callable[[str | None], T], server: str | None) -> T:
    """What ``plan`` gives; where several servers could be meant, a terminal is asked which."""
    from ..static_files.look import WhichServer

    try:
        return plan(server)
    except WhichServer as which:
        if asked.as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise
        asked.printer.lines(which.title, indent="")
        for number, label in enumerate(which.labels, 1):
            called = _("line {line}").format(line=label) if label.isdigit() else label
            asked.printer.lines(f"{number}  {called}")
        chosen: int = click.prompt(
            _("Which one?"), default=1, type=click.IntRange(1, len(which.labels)), show_choices=False
        )
        return plan(which.labels[chosen - 1])
