"""Help and usage errors speak the user's language, click's own words included."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from console.cli.root import cli
from console.text import LANGUAGES

PLAYGROUND = ("up", "down", "status", "switch-python")
PAGES = [
    (),
    *((name,) for name in cli.list_commands(click.Context(cli))),
    *(("playground", name) for name in PLAYGROUND),
]
ENGLISH = re.compile(r"\b(?:Usage|Options|Commands|Show|default|the|is|are|and|what|where|how|only)\b")


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The console in a process that knows no language but that of ``words`` and ``environment``."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "CONSOLE_"))}
    return subprocess.run(
        [sys.executable, "-m", "console", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={**clean, "PYTHONUTF8": "1", **environment},
    )


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_help_is_czech_to_the_last_word(page: tuple[str, ...]) -> None:
    done = run(*page, "--help", CONSOLE_LANG="cs")
    assert done.returncode == 0
    assert done.stdout.startswith("Použití: python -m console")
    assert "\nVolby:\n" in done.stdout
    assert re.search(r"--help +Zobrazit tuto nápovědu a skončit\.", done.stdout)
    assert not ENGLISH.search(done.stdout), ENGLISH.findall(done.stdout)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("group", [(), ("playground",)], ids=["console", "playground"])
def test_no_command_is_cut_short_in_the_list_of_commands(group: tuple[str, ...], language: str) -> None:
    told = run(*group, "--help", CONSOLE_LANG=language, COLUMNS="80").stdout
    commands = re.split(r"\n(?:Commands|Příkazy):\n", told)[1]
    assert commands.count("\n") >= 4
    assert "..." not in commands


@pytest.mark.parametrize(
    ("words", "environment", "czech"),
    [
        ((), {}, False),
        ((), {"LANG": "cs_CZ.UTF-8"}, True),
        ((), {"CONSOLE_LANG": "cs", "LANG": "en_US.UTF-8"}, True),
        (("--lang", "cs"), {"LANG": "en_US.UTF-8"}, True),
        (("--lang=cs",), {}, True),
        (("--lang=en",), {"CONSOLE_LANG": "cs"}, False),
        (("--lang", "cs", "--lang", "en"), {}, False),
        (("status", "--lang=cs"), {}, True),
        (("--lang", "en", "status", "--lang", "cs"), {}, True),
    ],
)
def test_help_speaks_the_language_that_was_asked_for(
    words: tuple[str, ...], environment: dict[str, str], czech: bool
) -> None:
    told = run(*words, "--help", **environment).stdout
    assert told.startswith("Použití:" if czech else "Usage:")
    assert ("Bez barev." in told, "No colour." in told) == (czech, not czech)


def test_console_alone_speaks_the_language_of_the_environment(tmp_path: Path) -> None:
    assert "není žádný kontejner" in run(CONSOLE_ROOT=str(tmp_path), LANG="cs_CZ.UTF-8").stderr


def test_lang_without_a_language_is_wrong_usage() -> None:
    done = run("--lang")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_a_lang_behind_two_dashes_is_no_option() -> None:
    assert "unexpected extra argument" in run("logs", "--", "app", "--lang=cs").stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nosuch",), r"Chyba: Příkaz 'nosuch' neexistuje\."),
        (("playground", "--json"), r"Chyba: Chybí příkaz\."),
        (("--nosuch",), r"Chyba: .*olba:? '?--nosuch"),
        (("logs", "--grpe"), r"Nemysleli jste '?--grep'?\?"),
        (("static", "sideways"), r"Neplatná hodnota pro .*: 'sideways' není žádná z možností 'status', 'list', 'on'"),
        (("--lang", "xx"), r"'xx' není žádná z možností 'en', 'cs'\."),
        (("logs", "-n", "many"), r"Neplatná hodnota pro '-n': 'many' není platné číslo\."),
        (("restart", "--timeout", "long"), r"'long' není platné číslo\."),
        (("logs", "-n", "-1"), r"-1 není v rozsahu"),
        (("logs", "one", "two"), r"Nadbytečný argument \(two\)"),
        (("logs", "one", "two", "three"), r"Nadbytečné argumenty \(two three\)"),
        (("logs", "--grep"), r"Volba '--grep' potřebuje hodnotu\."),
        (("logs", "--follow=yes"), r"Volba '--follow' žádnou hodnotu nemá\."),
        (("playground", "up"), r"Chybí argument 'FOLDER'\."),
        (("static", "--file", "/tmp"), r"Soubor '/tmp' je adresář\."),
        (("--root", __file__, "status"), r"Adresář '.*' je soubor\."),
    ],
)
def test_wrong_usage_is_said_in_czech(words: tuple[str, ...], said: str) -> None:
    done = run(*words, LANG="cs_CZ.UTF-8")
    assert done.returncode == 2
    assert re.search(said, done.stderr), done.stderr
    assert not re.search(r"\b(?:Usage|Error|Try|Invalid|not|is)\b", done.stderr)


def test_version_has_no_words_to_translate() -> None:
    assert re.fullmatch(r"console [\w.+]+\n", run("--version", CONSOLE_LANG="cs").stdout)
