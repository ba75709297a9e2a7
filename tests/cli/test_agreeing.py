"""The question before a change, asked of a real person's terminal in both languages."""

from __future__ import annotations

import pytest

from console.container import Container

from ..terminal import Terminal, console

NOTHING = {"en": "Nothing was changed", "cs": "Nic se nezměnilo"}


def _asking(place: Container, language: str) -> Terminal:
    return Terminal(console(place.root, "logs", "app", "--clear"), environment={"CONSOLE_LANG": language})


@pytest.mark.parametrize(
    ("language", "shown", "answer"),
    [("en", r"\[y/N\]", ""), ("en", r"\[y/N\]", "No"), ("cs", r"\[a/N\]", ""), ("cs", r"\[a/N\]", "ne")],
)
def test_enter_alone_and_a_no_change_nothing(
    shared_container: Container, language: str, shown: str, answer: str
) -> None:
    log = shared_container.log_dir / "python.log"
    before = log.read_bytes()
    with _asking(shared_container, language) as terminal:
        terminal.wait_for(shown)
        terminal.press(f"{answer}\r")
        assert terminal.wait_for_end() == 1
        assert NOTHING[language] in terminal.text
    assert before
    assert log.read_bytes().startswith(before)


@pytest.mark.parametrize(("language", "answer"), [("en", "YES"), ("cs", "a"), ("cs", "Ano"), ("cs", "y")])
def test_a_yes_of_the_language_and_an_english_one_count(
    shared_container: Container, language: str, answer: str
) -> None:
    log = shared_container.log_dir / "python.log"
    with log.open("ab") as file:
        file.write(b"to be removed\n")
    with _asking(shared_container, language) as terminal:
        terminal.wait_for(r"/N\]")
        terminal.press(f"{answer}\r")
        assert terminal.wait_for_end() == 0
    assert b"to be removed" not in log.read_bytes()


def test_what_is_neither_is_asked_again(shared_container: Container) -> None:
    with _asking(shared_container, "cs") as terminal:
        terminal.wait_for(r"\[a/N\]")
        terminal.press("jo\r")
        terminal.wait_for("Odpovězte prosím ano nebo ne")
        terminal.press("n\r")
        assert terminal.wait_for_end() == 1
        assert NOTHING["cs"] in terminal.text
