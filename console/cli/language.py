"""The language of the command line, chosen before anything of it is imported.

Help texts are made when the module of their command is imported. click's own words go through the functions of the
standard gettext (its modules begin with ``from gettext import gettext as _``), whose language only the environment
can choose, and that is the child processes' too; so click gets others in their place.
"""

from __future__ import annotations

import gettext
from collections.abc import Sequence

from .. import text
from ..text import N_, _


def choose_language(words: Sequence[str]) -> None:
    """Speak the language that ``words``, those of the command line, ask for, else the environment's, click included.

    To be called before click is imported, which keeps the functions that it finds then.
    """
    text.use_language(_asked_for(words) or text.language_from())
    gettext.gettext = _clicks
    gettext.ngettext = _clicks_plural


def _asked_for(words: Sequence[str]) -> str | None:
    """What stands behind the last ``--lang``, for click to judge; an unknown language means the environment's."""
    asked, before = None, ""
    for word in words:
        if word == "--":
            break
        language = word if before == "--lang" else word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        if language in text.LANGUAGES:
            asked = language
        before = word
    return asked


# Those that can be met on this command line, in click from 8.1 on.
_CLICKS_WORDS = frozenset(
    (
        N_("Usage:"),
        N_("Options"),
        N_("Commands"),
        N_("Show this message and exit."),
        N_("Show the version and exit."),
        N_("default: {default}"),
        N_("Error: {message}"),
        N_("Try '{command} {option}' for help."),
        N_("No such command {name!r}."),
        N_("No such option: {name}"),
        N_("No such option {name!r}."),
        N_("Did you mean {possibility}?"),
        N_("(Did you mean one of: {possibilities}?)"),
        N_("(Possible options: {possibilities})"),
        N_("Missing command."),
        N_("Missing argument"),
        N_("Got unexpected extra argument ({args})"),
        N_("Got unexpected extra arguments ({args})"),
        N_("Option {name!r} requires an argument."),
        N_("Option {name!r} does not take a value."),
        N_("Invalid value: {message}"),
        N_("Invalid value for {param_hint}: {message}"),
        N_("{value!r} is not one of {choices}."),
        N_("{value!r} is not a valid {number_type}."),
        N_("{value} is not in the range {range}."),
        N_("file"),
        N_("directory"),
        N_("{name} {filename!r} is a file."),
        N_("{name} {filename!r} is a directory."),
        N_("{name} '{filename}' is a directory."),
        N_("{name} {filename!r} is not readable."),
        N_("Error: invalid input"),
    )
)


def _clicks(message: str) -> str:
    """Other libraries keep their words: what they mean by one of ours is not known."""
    return _(message) if message in _CLICKS_WORDS else message


def _clicks_plural(msgid1: str, msgid2: str, n: int) -> str:
    """No text of these has its number in it, so that one and many are forms enough for every language."""
    return _clicks(msgid1 if n == 1 else msgid2)
