"""Which lines of a page hide when tracebacks are folded."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.logs.folding import HIDDEN, folds
from console.logs.timeline import Timeline
from tests.programs import log_samples as samples

BEFORE, AFTER = "[2026-11-25 10:00:00 +0000] [7] [INFO] before\n", "[2026-11-25 10:00:01 +0000] [7] [INFO] after\n"


def folded(path: Path, text: str, *, page: int = 1000) -> list[str]:
    """The lines that stay, pages of so many lines read one after the other."""
    path.write_text(text)
    kept = []
    with Timeline(path) as timeline:
        position = timeline.begin
        while lines := timeline.after(position, page):
            for line, fold in zip(lines, folds(timeline, lines), strict=True):
                if fold != HIDDEN:
                    kept.append(line.data.decode() + (f" +{fold}" if fold else ""))
            position = lines[-1].end
    return kept


@pytest.mark.parametrize("page", [1000, 7, 3, 1])
def test_the_first_line_and_what_was_raised_stay(tmp_path: Path, page: int) -> None:
    text = BEFORE + samples.SYNTAX_ERROR_IN_A_MODULE + AFTER
    kept = folded(tmp_path / "a.log", text, page=page)
    lines = text.splitlines()
    hidden = len(lines) - 4
    assert kept == [lines[0], f"{lines[1]} +{hidden}", lines[-2], lines[-1]]
    assert lines[-2].startswith("SyntaxError")


def test_chained_exceptions_fold_to_the_last_one(tmp_path: Path) -> None:
    kept = folded(tmp_path / "a.log", samples.CHAINED)
    lines = samples.CHAINED.splitlines()
    assert kept == [f"{lines[0]} +{len(lines) - 2}", "myapp.errors.StartError: the app cannot start"]


def test_a_message_of_several_lines_is_named_by_its_exception(tmp_path: Path) -> None:
    text = (
        'Traceback (most recent call last):\n  File "/srv/app/a.py", line 1, in f\n    x()\n'
        "ValueError: first\nsecond line\n" + AFTER
    )
    kept = folded(tmp_path / "a.log", text)
    assert kept[1].startswith("ValueError: first")
    assert kept[-1] == AFTER.rstrip()


def test_what_is_no_traceback_stays(tmp_path: Path) -> None:
    assert folded(tmp_path / "a.log", BEFORE + AFTER) == [BEFORE.rstrip(), AFTER.rstrip()]


PIECES = st.sampled_from(
    [BEFORE, AFTER, samples.CHAINED, samples.SYNTAX_ERROR_IN_A_MODULE, samples.EXCEPTION_GROUP, "  File x\n", "\n"]
)


@given(pieces=st.lists(PIECES, max_size=6), page=st.integers(1, 40))
@settings(deadline=None, max_examples=60)
def test_pages_of_any_length_hide_the_same(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], page: int
) -> None:
    folder = tmp_path_factory.mktemp("folding")
    text = "".join(pieces)
    assert folded(folder / "a.log", text, page=page) == folded(folder / "a.log", text)
