"""The texts that a person reads, in their language.

Every such text is written as ``_("...")`` with ``str.format`` fields by name, and is translated when it is
made, not when it is imported. Catalogues lie in ``console/locale/<lang>/LC_MESSAGES/console.mo``.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from pathlib import Path

LANGUAGES = ("en", "cs")
_LOCALE = Path(__file__).parent / "locale"
_translation: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def use_language(language: str) -> None:
    """Translate from now on into ``language``, one of LANGUAGES; an unknown one means English."""
    global _translation, _language
    _language = language if language in LANGUAGES else "en"
    if language == "en":
        _translation = gettext.NullTranslations()
        return
    _translation = gettext.translation("console", _LOCALE, [language], fallback=True)


def current_language() -> str:
    """The language that ``use_language`` chose last."""
    return _language


def language_from(environment: Mapping[str, str] = os.environ) -> str:
    """The language that the environment asks for: CONSOLE_LANG, LC_ALL, LC_MESSAGES, LANG, else English."""
    for name in ("CONSOLE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            code = value[:2].lower()
            return code if code in LANGUAGES else "en"
    return "en"


def _(message: str) -> str:
    """``message`` in the user's language."""
    return _translation.gettext(message)


def translated(message: str, language: str) -> str:
    """``message`` in ``language``, one of LANGUAGES, whatever the user's is."""
    return gettext.translation("console", _LOCALE, [language], fallback=True).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """``one`` or ``many`` by the plural rules of the user's language (Czech has three forms)."""
    return _translation.ngettext(one, many, n)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark ``message`` for the catalogues; it is translated where it is shown, with ``_``."""
    return message
