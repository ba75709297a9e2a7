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
    if not confirmed(question):
        raise ConsoleError(_("Nothing was changed."))


def confirmed(question: str) -> bool:
    """Ask, until the answer is a yes or a no; Enter alone is a no, the safe answer.

    click's own question is asked and answered in English only; here the language's words count, and the English
    ones in every language.
    """
    yes, no = _("yes"), _("no")
    while True:
        told = click.prompt(
            question, default="", show_default=False, prompt_suffix=f" [{yes[0]}/{no[0].upper()}]: ", err=True
        )
        answer = told.strip().lower()
        if answer in (yes, yes[0], "yes", "y"):
            return True
        if answer in ("", no, no[0], "no", "n"):
            return False
        click.echo(_("Please answer with {yes} or {no}.").format(yes=yes, no=no), err=True)
