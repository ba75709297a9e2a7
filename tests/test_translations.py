"""The catalogues hold what the code says, the compiled ones what the catalogues say, and people get their language."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Message

from console import text
from console.cli.root import cli
from console.container import Container
from console.events import Progress
from console.lock import job_words
from console.results import PackageChange
from console.tui.screens.base import ConsoleScreen, key_name
from console.tui.screens.logs import LogsScreen
from console.tui.screens.programs import ProgramsScreen
from console.tui.screens.static import StaticScreen
from console.tui.screens.venv import VenvScreen
from console.units import duration, percent, seconds, size
from console.wording import count_words, package_words, strategy_words
from tests import catalogues

PO_FILES = catalogues.po_files()
EACH_CATALOGUE = pytest.mark.parametrize("po", PO_FILES, ids=[catalogues.language_of(po) for po in PO_FILES])
EACH_LANGUAGE = pytest.mark.parametrize("language", text.LANGUAGES)
FORGOTTEN = "run `make texts`, translate what is new, and run it again"
# What a text may not have: "%s" and "{}" cannot be put in another order by a translator.
BY_POSITION = re.compile(r"%[-+#0]*[\d.]*[sdirfgx]\b|%\(|\{\}|\{\d|\{!|\{:")


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    text.use_language("en")


def messages(po: Path) -> list[Message]:
    return [message for message in catalogues.read(po) if message.id]


def pairs(po: Path) -> list[tuple[str, str]]:
    """Each text with each of its translations; a plural's forms are those of its plural."""
    found = []
    for message in messages(po):
        original = message.id if isinstance(message.id, str) else message.id[-1]
        forms = [message.string] if isinstance(message.string, str) else message.string or ()
        found += [(original, form) for form in forms]
    return found


def fields(pattern: str) -> set[str]:
    """The fields of a text with their formats, as "seconds:.0f". A brace alone is one: not every text has fields."""
    return set(re.findall(r"\{([^{}]*)\}", pattern))


# -- the catalogues --------------------------------------------------------------------------------


def test_every_language_but_english_has_a_catalogue() -> None:
    assert [catalogues.language_of(po) for po in PO_FILES] == [code for code in text.LANGUAGES if code != "en"]


@EACH_CATALOGUE
def test_every_text_of_the_code_is_translated_and_nothing_else(po: Path) -> None:
    catalogue, code = catalogues.read(po), catalogues.template()
    assert not catalogues.untranslated(catalogues.updated(po)), FORGOTTEN
    assert {str(message.id) for message in catalogue} == {str(message.id) for message in code}, FORGOTTEN
    assert not catalogue.obsolete
    assert [message.id for message in catalogue if message.fuzzy and message.id] == []


@EACH_CATALOGUE
def test_make_texts_has_nothing_left_to_do(po: Path) -> None:
    catalogue = catalogues.updated(po)
    assert catalogues.as_po(catalogue).decode() == po.read_text("utf-8"), FORGOTTEN
    assert catalogues.as_mo(catalogue) == po.with_suffix(".mo").read_bytes(), FORGOTTEN


@EACH_CATALOGUE
def test_compiled_catalogue_says_what_the_catalogue_says(po: Path) -> None:
    text.use_language(catalogues.language_of(po))
    for message in messages(po):
        if isinstance(message.id, str):
            assert text._(message.id) == message.string
        else:
            one, many = message.id
            said = [text.ngettext(one, many, n) for n in (1, 2, 5)]
            assert said == list(message.string or ())


@EACH_CATALOGUE
def test_header_has_charset_and_plurals_and_neither_dates_nor_tools(po: Path) -> None:
    header = po.read_text("utf-8").split("\n\n", 1)[0]
    assert '"Content-Type: text/plain; charset=utf-8\\n"' in header
    assert '"Plural-Forms: nplurals=' in header
    assert "Date" not in header
    assert "Babel" not in header


def test_czech_plurals_have_three_forms() -> None:
    text.use_language("cs")
    counts = (0, 1, 2, 4, 5, 11, 22, 100)
    said = [text.ngettext("{n} package", "{n} packages", n).format(n=n) for n in counts]
    assert " ".join(said) == ("0 balíčků 1 balíček 2 balíčky 4 balíčky 5 balíčků 11 balíčků 22 balíčků 100 balíčků")


@EACH_CATALOGUE
def test_translations_have_the_fields_of_their_text(po: Path) -> None:
    for message in messages(po):
        if isinstance(message.id, str):
            assert fields(str(message.string)) == fields(message.id), message.id
        else:
            forms = list(message.string or ())
            assert len(forms) == catalogues.read(po).num_plurals
            # The form for one thing may leave the number out where the text for one does.
            assert fields(forms[0]) in [fields(each) for each in message.id], message.id
            assert all(fields(form) == fields(message.id[1]) for form in forms[1:]), message.id


@EACH_CATALOGUE
def test_translations_begin_and_end_like_their_text(po: Path) -> None:
    for original, translated in pairs(po):
        if original == ".":  # the decimal sign
            continue
        ends = r"(?s)(\s*).*?([.:?…]?\s*)"
        begin, end = re.fullmatch(ends, original).groups()  # type: ignore[union-attr]
        assert re.fullmatch(ends, translated).groups() == (begin, end), original  # type: ignore[union-attr]


@EACH_CATALOGUE
def test_commands_options_and_files_are_never_translated(po: Path) -> None:
    commands = "|".join(cli.list_commands(click.Context(cli)))
    verbatim = re.compile(
        rf"console (?:{commands})(?: (?:up|down|on|rebuild|rollback|freeze))?|supervisorctl \w+"
        r"|--[a-z-]+|/(?:srv|tmp)[/\w.]*\w|\w+\.(?:txt|log)|[A-Z]{3,}|Ctrl\+\w"
    )
    for original, translated in pairs(po):
        for word in verbatim.findall(original.replace("FILE", "")):
            assert word in translated, original


# -- the texts in the code -------------------------------------------------------------------------


def test_texts_are_written_out_where_they_are_translated() -> None:
    """``_(f"...")`` and ``_("..." + x)`` look up what no catalogue has."""
    for file in sorted(catalogues.PACKAGE.rglob("*.py")):
        for call in catalogues.text_calls(file.read_bytes()):
            for argument in call.args:
                built = isinstance(argument, (ast.JoinedStr, ast.BinOp, ast.Call))
                assert not built, f"{file.relative_to(catalogues.PACKAGE)}:{call.lineno}"


def test_texts_have_fields_by_name_only() -> None:
    for message in catalogues.template():
        for original in [message.id] if isinstance(message.id, str) else message.id:
            assert not BY_POSITION.search(original), original
            assert all(re.fullmatch(r"[a-z_]+(!r)?(:\S+)?", field) for field in fields(original)), original


def test_texts_inside_f_strings_are_found(tmp_path: Path) -> None:
    file = tmp_path / "sample.py"
    file.write_text(
        "# Translators: a word\nx = f\"{_('inside')!r:<8}\" + ngettext('{n} one', '{n} many', n)\n_(name)\n"
    )
    with file.open("rb") as source:
        found = list(catalogues.extract(source, catalogues.KEYWORDS, [], {}))
    assert found == [
        (2, "_", ["inside"], ["Translators: a word"]),
        (2, "ngettext", ["{n} one", "{n} many", None], ["Translators: a word"]),
    ]


# -- which language --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "cs_CZ.UTF-8"}, "cs"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "cs_CZ.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "cs_CZ.UTF-8"}, "cs"),
        ({"LANG": "cs_CZ.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_ALL": "en_US.UTF-8", "CONSOLE_LANG": "cs"}, "cs"),
        ({"LANG": "cs_CZ.UTF-8", "LC_ALL": ""}, "cs"),
    ],
)
def test_environment_chooses_the_language(environment: dict[str, str], language: str) -> None:
    assert text.language_from(environment) == language


def run(root: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The console in a process of its own that knows no language but that of ``environment``."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "CONSOLE_"))}
    return subprocess.run(
        [sys.executable, "-m", "console", "--root", str(root), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={**clean, "PYTHONUTF8": "1", **environment},
    )


@pytest.mark.parametrize(
    ("words", "environment", "czech"),
    [
        (["status"], {}, False),
        (["status"], {"LANG": "cs_CZ.UTF-8"}, True),
        (["status"], {"LANG": "cs_CZ.UTF-8", "LC_ALL": "C.UTF-8"}, False),
        (["status"], {"LC_ALL": "C.UTF-8", "CONSOLE_LANG": "cs"}, True),
        (["--lang", "en", "status"], {"CONSOLE_LANG": "cs"}, False),
        (["status", "--lang", "cs"], {"CONSOLE_LANG": "en"}, True),
    ],
)
def test_console_speaks_the_language_that_was_asked_for(
    tmp_path: Path, words: list[str], environment: dict[str, str], czech: bool
) -> None:
    done = run(tmp_path, *words, **environment)
    expected = f"V {tmp_path} není žádný kontejner." if czech else f"There is no container under {tmp_path}."
    assert expected in done.stderr
    assert done.returncode == 3


def test_status_in_czech(shared_container: Container) -> None:
    done = run(shared_container.root, "--lang", "cs", "status")
    assert done.returncode == 0
    first, *rest = done.stdout.splitlines()
    assert first.startswith("✓ Web běží: nginx :")
    assert re.search(r"HTTP 200 za (\d+ ms|\d+(,\d+)? s)$", first)
    assert any(re.match(r"  ✓ app +RUNNING", line) for line in rest)
    assert "  static   /static/ → " in done.stdout
    assert "  vypnuto\n" in done.stdout
    assert re.search(r"\n  venv     [\d.]+, \d+ balíčk[yů]\n", done.stdout)
    assert re.search(r"\n  disk     .*, volno .*B\n", done.stdout)


def test_words_of_results_and_events_are_translated_too() -> None:
    text.use_language("cs")
    assert count_words(Progress("install", 4, 12, "packages", 0.5)) == "4/12 balíčků"
    assert count_words(Progress("install", 3_000_000, 8_000_000, "bytes", 0.5)) == "3/8 MB"
    assert package_words(PackageChange("six", "1.16.0", None, "removed")) == "odebere se"
    assert strategy_words("beside") == "vedle"
    assert job_words("rebuild") == "přestavba virtualenvu"


# -- room on the screen ----------------------------------------------------------------------------


@EACH_LANGUAGE
@pytest.mark.parametrize("screen", [ProgramsScreen, StaticScreen, VenvScreen, LogsScreen])
def test_key_bar_fits_into_80_columns(language: str, screen: type[ConsoleScreen]) -> None:
    text.use_language(language)
    made = LogsScreen(None) if screen is LogsScreen else screen()
    shown = [binding for binding in made.own_bindings() if binding.show]
    # While a rebuild runs the virtualenv's bar has "cancel", else the keys that begin something; the guide's key is
    # there after a switched image only, and the bar leaves out others for it.
    sometimes = ("cancel", "migrate")
    bar = "".join(f" {key_name(key)} {text._(key.description)} " for key in shown if key.id not in sometimes)
    assert len(bar) <= 80, bar


@EACH_LANGUAGE
def test_headings_and_labels_fit_their_columns(language: str) -> None:
    text.use_language(language)
    for heading, cells in (("program", 16), ("state", 9), ("since", 11), ("cpu", 7), ("memory", 8), ("pid", 8)):
        assert len(text._(heading)) <= cells, heading
    for label in ("path", "static", "venv"):
        assert len(text._(label)) < 8, label


@EACH_LANGUAGE
@pytest.mark.parametrize(
    "span", [59, 3599, 3600 * 23 + 60 * 59, 86_400 * 99 + 3600 * 23, 86_400 * 999 + 3600 * 23, 86_400 * 9999]
)
def test_durations_fit_their_column(language: str, span: int) -> None:
    text.use_language(language)
    assert len(duration(span)) <= 11


@EACH_LANGUAGE
def test_sizes_fit_their_column(language: str) -> None:
    text.use_language(language)
    assert max(len(size(10**power)) for power in range(15)) < 9


def test_decimals_have_a_comma_in_czech() -> None:
    text.use_language("cs")
    assert (seconds(1.25), seconds(0.37), size(1_200_000_000), percent(0.4)) == ("1,2 s", "0,37 s", "1,2 GB", "0,4 %")
