"""What nginx does with a request, in words: the same ones on the command line and on the screen."""

from __future__ import annotations

from .results.static import StaticDoubt, StaticExplanation
from .text import _


def outcome_words(outcome: str) -> str:
    """Why a location was looked at, and what came of it."""
    words = {
        "exact": _("the very path, nothing else is looked at"),
        "prefix": _("the longest that the path begins with"),
        "final": _("the longest that the path begins with; ^~ leaves the regular expressions out"),
        "regex": _("matches, the first that does"),
        "no-match": _("does not match"),
        "unknown": _("an expression that only nginx understands"),
        "redirect": _("its path without the last slash: nginx redirects there"),
        "wins": _("takes the request"),
    }
    return words.get(outcome, outcome)


def found_words(found: StaticExplanation) -> str:
    """Whether the file is there, and nginx may read it."""
    words = {
        "file": _("there, and nginx may read it"),
        "folder": _("a folder"),
        "missing": _("not there"),
        "unreadable": _("there, but nginx may not read it"),
        "closed": _("nginx may not enter {folder}").format(folder=found.closed),
    }
    return words.get(found.found, found.found)


def refused_words(refused: str) -> str:
    """Why nginx answers 400 before it looks at any location."""
    words = {
        "encoding": _("nginx refuses it: a percent-sign without its two digits, or a zero byte."),
        "above-root": _("nginx refuses it: it leads above the root."),
    }
    return words.get(refused, refused)


def who_words(answered_by: str) -> str:
    """Who gave the answer."""
    return {"nginx": _("nginx"), "app": _("the app")}.get(answered_by, answered_by)


def doubt_words(doubt: StaticDoubt) -> str:
    """A directive that is not evaluated, and where it stands."""
    place = f"{doubt.file.name}:{doubt.line}"
    return _("may change this: {directive} ({place})").format(directive=doubt.directive, place=place)


def unsure_words() -> str:
    return _("Not all of it can be judged from the files: what counts is what the real request answers.")
