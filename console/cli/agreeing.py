"""Asking a person before something is changed."""

from __future__ import annotations

import sys

import click

from ..errors import ConsoleError, WrongUsage
from ..text import _
from .options import Asked


def somebody_is_there(asked: Asked) -> bool:
    """Whether there is a person to ask."""
    return not asked.as_json and sys.stdin.isatty()


def agree(asked: Asked, yes: bool, question: str) -> None:
    """Go on only with ``--yes`` or a person's yes; the safe answer is the default."""
    if yes:
        return
    if not somebody_is_there(asked):
        raise WrongUsage(_("This changes something, and nobody is there to ask."), "", _("Add --yes."))
    if not click.confirm(question, default=False, err=True):
        raise ConsoleError(_("Nothing was changed."))
