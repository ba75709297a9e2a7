"""Texts come in the user's language, chosen from the environment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.text import N_, _, language_from, ngettext, use_language


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "cs_CZ.UTF-8"}, "cs"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "cs_CZ", "LC_MESSAGES": "en_US"}, "en"),
        ({"LC_MESSAGES": "en_US", "LC_ALL": "cs_CZ"}, "cs"),
        ({"LC_ALL": "en_US", "CONSOLE_LANG": "cs"}, "cs"),
        ({"LC_ALL": "", "LANG": "cs_CZ"}, "cs"),
        ({"CONSOLE_LANG": "CS"}, "cs"),
    ],
)
def test_the_language_comes_from_the_environment(environment: dict[str, str], language: str) -> None:
    assert language_from(environment) == language


@pytest.mark.parametrize("language", ["en", "xx", ""])
def test_without_a_catalogue_texts_are_english(language: str) -> None:
    use_language(language)
    assert _("no such text {name}") == "no such text {name}"
    assert [ngettext("{n} file", "{n} files", n) for n in (0, 1, 2)] == ["{n} files", "{n} file", "{n} files"]


def test_a_marked_text_stays_as_it_is() -> None:
    use_language("cs")
    assert N_("The disk is full.") == "The disk is full."
