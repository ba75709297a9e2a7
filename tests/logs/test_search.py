"""A search finds what looking at every line finds, in both directions, wherever the blocks' borders fall."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import WrongUsage
from console.logs.pattern import make_pattern
from console.logs.search import Progress, Watcher, count_wanted, each_wanted, wanted_after, wanted_before
from console.logs.timeline import Timeline
from console.logs.wanted import Matching

from .logging_program import append, rotate

LINES = st.lists(st.text("abAB \t.č\x00[*\\_", max_size=30).map(str.encode) | st.binary(max_size=30), max_size=40)
PLAIN = st.text("abAB č.\x00[*\\_", max_size=4)
EXPRESSIONS = st.sampled_from(
    [
        "a",
        "^a",
        "b$",
        "a.*b",
        "^$",
        "a|b",
        "(a+)+$",
        "[^b]*ab",
        r"\s",
        r"a\sb",
        r"\ba",
        "a{2,3}",
        r"\Aa",
        r"b\z",
        "x*",
        "$",
        "^",
        r"a\nb",
        "(?i)AB",
        "A[^a]B",
    ]
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("search") / "a.log"


def written(path: Path, lines: list[bytes], rotations: list[int], ended: bool) -> list[bytes]:
    for old in path.parent.iterdir():
        old.unlink()
    path.write_bytes(b"")
    lines = [line.replace(b"\n", b"|") for line in lines]
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        append(path, line if last and not ended else line + b"\n")
        if number in rotations:
            rotate(path, 20)
    return lines if ended or not lines or lines[-1] else lines[:-1]


def naive(text: str, lines: list[bytes], *, regex: bool, ignore_case: bool) -> list[bytes]:
    if not regex:
        if ignore_case:
            return [line for line in lines if re.search(re.escape(text), line.decode("utf-8", "replace"), re.I)]
        return [line for line in lines if text.encode() in line]
    text = text.replace(r"\z", r"\Z")
    flags = re.IGNORECASE if ignore_case else 0
    # In Python "$" matches before a line end at the end too; lines have none here.
    return [line for line in lines if re.search(text.encode(), line, flags)]


@given(
    lines=LINES,
    rotations=st.lists(st.integers(0, 40), max_size=3),
    ended=st.booleans(),
    looked_for=st.tuples(st.just(False), PLAIN) | st.tuples(st.just(True), EXPRESSIONS),
    ignore_case=st.booleans(),
    block=st.integers(3, 60),
    n=st.integers(1, 5),
)
@settings(deadline=None, max_examples=400)
def test_search_agrees_with_a_look_at_every_line(
    path: Path,
    lines: list[bytes],
    rotations: list[int],
    ended: bool,
    looked_for: tuple[bool, str],
    ignore_case: bool,
    block: int,
    n: int,
) -> None:
    regex, text = looked_for
    lines = written(path, lines, rotations, ended)
    expected = naive(text, lines, regex=regex, ignore_case=ignore_case)
    wanted = Matching(make_pattern(text, regex=regex, ignore_case=ignore_case))
    with pytest.MonkeyPatch.context() as patch, Timeline(path) as timeline:
        patch.setattr("console.logs.scan.BLOCK", block)
        patch.setattr("console.logs.lines._BLOCK", block)
        found, position = [], None
        while True:
            page = wanted_after(timeline, wanted, position, n)
            found += [line.data for line in page.lines]
            if page.ended:
                break
            position = page.lines[-1].end
        assert found == expected
        found, position = [], None
        while True:
            page = wanted_before(timeline, wanted, position, n)
            found[:0] = [line.data for line in page.lines]
            if page.ended:
                break
            position = page.lines[0].position
        assert found == expected
        assert count_wanted(timeline, wanted) == len(expected)
        assert [line.data for line in each_wanted(timeline, wanted)] == expected
    _decided, chosen = wanted.decide(lines, quiet=False)
    assert [lines[number] for number in chosen] == expected


def test_the_borders_of_a_range_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"hit 1\nhit 2\nhit 3\nhit 4\n")
    wanted = Matching(make_pattern("hit"))
    with Timeline(path) as timeline:
        first, second, third, _fourth = timeline.after(None, 4)
        found = wanted_before(timeline, wanted, third.end, 9, start=second.position)
        assert [line.data for line in found.lines] == [b"hit 2", b"hit 3"]
        assert found.ended
        found = wanted_after(timeline, wanted, first.end, 9, stop=third.end)
        assert [line.data for line in found.lines] == [b"hit 2", b"hit 3"]
        between = each_wanted(timeline, wanted, start=second.position, stop=third.end)
        assert [line.data for line in between] == [b"hit 2", b"hit 3"]


@pytest.mark.parametrize(("text", "regex"), [("needle", False), ("nee+dle$", True), ("NEEDLE", False)])
def test_a_hit_in_a_line_longer_than_a_block_is_found(tmp_path: Path, text: str, regex: bool) -> None:
    path = tmp_path / "a.log"
    for gap in (5_000_000, 3_000_001):
        path.write_bytes(b"first\n" + b"x" * gap + b"needle\nlast\n")
        wanted = Matching(make_pattern(text, regex=regex, ignore_case=True))
        with Timeline(path) as timeline:
            for found in (wanted_after(timeline, wanted, None, 2), wanted_before(timeline, wanted, None, 2)):
                assert [line.position.offset for line in found.lines] == [6]
            assert count_wanted(timeline, wanted) == 1


def test_a_search_tells_how_far_it_is_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"a line to be looked at\n" * 200_000)
    told: list[Progress] = []
    wanted = Matching(make_pattern("nowhere"))
    with Timeline(path) as timeline:
        size = path.stat().st_size
        assert wanted_after(timeline, wanted, None, 1, watcher=Watcher(told.append)).ended
        assert [progress.done for progress in told] == sorted(progress.done for progress in told)
        assert told[-1] == Progress(size, size, 0)
        del told[:]
        watcher = Watcher(told.append, lambda: len(told) >= 2)
        found = wanted_before(timeline, wanted, None, 1, watcher=watcher)
        assert found.cancelled
        assert not found.ended
        assert len(told) == 2
        assert count_wanted(timeline, wanted, watcher=Watcher(cancelled=lambda: True)) is None


def test_an_expression_that_would_backtrack_for_ever_takes_no_longer_than_another(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes((b"a" * 5000 + b"b\n") * 50)
    with Timeline(path) as timeline:
        assert count_wanted(timeline, Matching(make_pattern("(a+)+$", regex=True))) == 0


@pytest.mark.parametrize("text", ["(", "(?=x)", r"(a)\1", "[z-a]"])
def test_what_is_no_expression_is_said(text: str) -> None:
    with pytest.raises(WrongUsage, match="no regular expression"):
        make_pattern(text, regex=True)


def test_letters_of_other_scripts_have_their_case_too() -> None:
    assert make_pattern("příliš", ignore_case=True).matches("PŘÍLIŠ žluťoučký".encode())
    assert make_pattern("č+[řž]$", regex=True).matches("xččř".encode())
    assert not make_pattern("č", ignore_case=False).matches("Č".encode())
    assert make_pattern("a.b [x]", ignore_case=True).matches(b"A.B [X]")
    assert not make_pattern("a.b", ignore_case=True).matches(b"axb")
