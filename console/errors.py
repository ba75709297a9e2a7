"""Errors that a person reads: what happened, why, and what to do about it.

Operations raise these and nothing else on purpose; the command line and the screens show the three
parts. ``exit_code`` is the command line's contract (docs/cli.md).
"""

from __future__ import annotations

from .text import _


class ConsoleError(Exception):
    """Something that a person has to be told.

    ``title`` says what happened in one sentence, ``cause`` why (may be empty), ``remedy`` what to do
    (may be empty). All three are finished texts in the user's language and hold no markup.
    """

    exit_code = 1

    def __init__(self, title: str, cause: str = "", remedy: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.cause = cause
        self.remedy = remedy

    def __str__(self) -> str:
        return " ".join(part for part in (self.title, self.cause, self.remedy) if part)


class NothingThere(ConsoleError):
    """There is nothing to talk to: no container here, or supervisord is not reachable."""

    exit_code = 3


class Locked(ConsoleError):
    """Another job of the console holds the lock."""

    exit_code = 4


class WrongUsage(ConsoleError):
    """The arguments do not make sense together; nothing was done."""

    exit_code = 2


def own_fault(error: Exception, details: str = "") -> ConsoleError:
    """The error to show for an exception that nobody expected; ``details`` says where more of it is kept."""
    return ConsoleError(
        _("The console itself failed: {error}").format(error=f"{type(error).__name__}: {error}"),
        details,
        _("Please report it. Your site is not affected by it."),
    )
