"""What is wanted of several logs is what would be left of all their lines, in the same order, however it is read."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.logs import merged_wanted
from console.logs.merged import Merged
from console.logs.merged_jumps import (
    count_merged,
    merged_error_after,
    merged_error_before,
    merged_hit_after,
    merged_hit_before,
    merged_place_of,
)
from console.logs.merged_lines import MergedLine, MergedPosition
from console.logs.pattern import make_pattern
from console.logs.search import Progress, Watcher
from console.logs.times import NoTimes
from console.logs.wanted import Errors, Matching, Wanted

from .logging_program import append, rotate
from .test_merged import stamped

TRACEBACK = [
    b"Traceback (most recent call last):",
    b'  File "/srv/app/app.py", line 3, in view',
    b"    return 1 / 0",
    b"ZeroDivisionError: division by zero",
]


class Wrote(NamedTuple):
    """At ``second`` (None: without a time) the log ``name`` got ``lines``, some of them wanted."""

    second: int | None
    name: str
    lines: list[bytes]
    wanted: list[bytes]


def wrote(second: int | None, name: str, kind: str, number: int) -> Wrote:
    first = stamped(second, f"{number} {kind}") if second is not None else b"%d %s" % (number, kind.encode())
    more = {"plain": [], "needle": [], "traceback": TRACEBACK, "after": [b"  of %d, a needle" % number]}[kind]
    chosen = {"plain": [], "needle": [first], "traceback": TRACEBACK, "after": more}[kind]
    return Wrote(second, name, [first, *more], chosen)


WRITTEN = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.integers(0, 3), st.sampled_from(["plain", "plain", "needle", "traceback", "after"])
    ),
    max_size=40,
)


def texts(lines: Iterable[MergedLine]) -> list[tuple[str, bytes]]:
    return [(line.source, line.line.data) for line in lines]


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda count: monkeypatch.setattr(merged_wanted, "SLICE", count)


@given(
    written=WRITTEN,
    n=st.integers(1, 9),
    rotations=st.lists(st.integers(0, 40), max_size=2),
    count=st.sampled_from([60, 300, 100_000]),
    untimed=st.sampled_from(["", "a", "b", "ac"]),
    errors=st.booleans(),
    share=st.floats(0, 1),
)
@settings(deadline=None, max_examples=300)
def test_what_is_wanted_is_a_part_of_all_in_its_order(
    tmp_path_factory: pytest.TempPathFactory,
    written: list[tuple[str, int, str]],
    n: int,
    rotations: list[int],
    count: int,
    untimed: str,
    errors: bool,
    share: float,
) -> None:
    folder = tmp_path_factory.mktemp("merged")
    paths = {name: folder / f"{name}.log" for name in "abc"}
    for path in paths.values():
        path.write_bytes(b"")
    whole: list[Wrote] = []
    second = 0
    for number, (name, step, kind) in enumerate(written):
        second += step
        whole.append(wrote(None if name in untimed else second, name, kind, number))
        append(paths[name], b"".join(line + b"\n" for line in whole[-1].lines))
        if number in rotations:
            rotate(paths[name], 9)
    # Within a second nobody knows; the logs' own order decides. What has no times stands before all.
    whole.sort(key=lambda one: (-1 if one.second is None else one.second, one.name))

    def is_wanted(line: bytes) -> bool:
        return line in TRACEBACK if errors else b"needle" in line

    expected = [(one.name, line) for one in whole for line in one.lines if is_wanted(line)]
    wanted: Wanted = Errors() if errors else Matching(make_pattern("needle"))
    was, merged_wanted.SLICE = merged_wanted.SLICE, count
    try:
        with Merged(paths) as merged:
            assert texts(merged.each(wanted)) == expected
            found: list[tuple[str, bytes]] = []
            places = merged.end
            while (page := merged.before(places, n, wanted)).lines:
                found[:0] = texts(page.lines)
                places = page.begin
            assert found == expected
            # From a place on, and up to there, it is everything once.
            lines = sum(len(one.lines) for one in whole)
            middle = merged.after(None, int(share * lines)).end
            front, rear = texts(merged.each(wanted, stop=middle)), texts(merged.each(wanted, start=middle))
            assert front + rear == expected
            assert texts(merged.before(None, 999, wanted, start=middle).lines) == rear
            assert texts(merged.before(middle, 999, wanted).lines) == front
            assert texts(merged.before(None, 999, start=middle).lines) == texts(merged.after(middle, 999).lines)
            assert texts(merged.after(None, 999, stop=middle).lines) == texts(merged.before(middle, 999).lines)
            steps = list(steps_forward(merged, wanted))
            assert [(one.source, text_of(merged, one)) for one in steps] == expected
            # A hit stands where its line does in the whole: those before it are before it, the others behind.
            for number, hit in enumerate(steps):
                assert hit.places is not None
                assert texts(merged.each(wanted, start=hit.places)) == expected[number:]
                assert merged.places_at(MergedPosition(hit.source, hit.position)) == hit.places
            steps = list(steps_back(merged, wanted))
            assert [(one.source, text_of(merged, one)) for one in reversed(steps)] == expected
    finally:
        merged_wanted.SLICE = was


def steps_forward(merged: Merged, wanted: Wanted) -> Iterable[MergedPosition]:
    places = merged.begin
    while (hit := merged_hit_after(merged, wanted, places, Watcher())) is not None:
        yield hit
        assert hit.places is not None
        end = merged.timelines[hit.source].after(hit.position, 1)[0].end
        places = merged.moved(hit.places, hit.source, end)


def steps_back(merged: Merged, wanted: Wanted) -> Iterable[MergedPosition]:
    places = merged.end
    while (hit := merged_hit_before(merged, wanted, places, Watcher())) is not None:
        yield hit
        assert hit.places is not None
        places = hit.places


def text_of(merged: Merged, line: MergedPosition) -> bytes:
    return merged.timelines[line.source].whole(line.position)


@given(seed=st.integers(0, 10_000), count=st.sampled_from([60, 300, 100_000]), n=st.integers(1, 9))
@settings(deadline=None, max_examples=100)
def test_with_times_that_do_not_rise_every_line_still_comes_once(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int, n: int
) -> None:
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("merged")
    paths = {name: folder / f"{name}.log" for name in "abc"}
    expected = []
    for name, path in paths.items():
        lines = [stamped(chance.randrange(60), f"{name}{number} needle") for number in range(chance.randrange(30))]
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        expected += [(name, line) for line in lines]
    wanted = Matching(make_pattern("needle"))
    was, merged_wanted.SLICE = merged_wanted.SLICE, count
    try:
        with Merged(paths) as merged:
            assert sorted(texts(merged.each(wanted))) == sorted(expected)
            found: list[tuple[str, bytes]] = []
            places = merged.end
            while (page := merged.before(places, n, wanted)).lines:
                found += texts(page.lines)
                places = page.begin
            assert sorted(found) == sorted(expected)
            assert len(list(steps_forward(merged, wanted))) == len(expected)
            assert len(list(steps_back(merged, wanted))) == len(expected)
    finally:
        merged_wanted.SLICE = was


def test_a_near_hit_is_found_without_looking_through_the_whole_of_the_others(
    tmp_path: Path, slices: Callable[[int], None]
) -> None:
    slices(10_000)
    paths = {"app": tmp_path / "app.log", "nginx": tmp_path / "nginx.log"}
    paths["app"].write_bytes(b"".join(stamped(number, "needle") + b"\n" for number in range(1000)))
    paths["nginx"].write_bytes(b"".join(stamped(number // 100, "hay") + b"\n" for number in range(100_000)))
    seen: list[Progress] = []
    with Merged(paths) as merged:
        hit = merged_hit_before(merged, Matching(make_pattern("needle")), merged.end, Watcher(seen.append))
        assert hit is not None
        assert text_of(merged, hit) == stamped(999, "needle")
        assert max((one.done for one in seen), default=0) < 100_000
        assert count_merged(merged, Matching(make_pattern("needle")), Watcher()) == 1000


def test_a_search_tells_how_far_it_is_in_all_and_ends_where_it_is_told_to(
    tmp_path: Path, slices: Callable[[int], None]
) -> None:
    slices(10_000)
    paths = {"app": tmp_path / "app.log", "nginx": tmp_path / "nginx.log"}
    for path in paths.values():
        path.write_bytes(b"".join(stamped(number, "hay") + b"\n" for number in range(3000)))
    wanted = Matching(make_pattern("needle"))
    seen: list[Progress] = []
    with Merged(paths) as merged:
        assert merged.after(None, 1, wanted, watcher=Watcher(seen.append)).lines == ()
        whole = sum(path.stat().st_size for path in paths.values())
        assert {one.all for one in seen} == {whole}
        assert [one.done for one in seen] == sorted({one.done for one in seen})
        assert seen[-1].done == whole
        watcher = Watcher(cancelled=lambda: True)
        page = merged.before(None, 1, wanted, watcher=watcher)
        assert watcher.stopped
        assert page.begin == page.end


def test_from_error_to_error_over_all_logs(tmp_path: Path) -> None:
    paths = {"app": tmp_path / "app.log", "nginx": tmp_path / "nginx.log"}
    lines = [stamped(1, "[ERROR] it"), *TRACEBACK, stamped(9, "[INFO] fine")]
    paths["app"].write_bytes(b"".join(line + b"\n" for line in lines))
    paths["nginx"].write_bytes(stamped(1, "[error] first") + b"\n" + stamped(5, "[error] second") + b"\n")
    with Merged(paths) as merged:
        found = []
        line = merged.first_of(merged.after(None, 1))
        while line is not None:
            found.append(text_of(merged, line))
            line = merged_error_after(merged, line, Watcher())
        wanted = [lines[0], TRACEBACK[0], stamped(1, "[error] first"), stamped(5, "[error] second")]
        assert found == wanted
        back = []
        line = merged.last_of(merged.before(None, 1))
        while line is not None and (line := merged_error_before(merged, line, Watcher())) is not None:
            back.append(text_of(merged, line))
        assert back == wanted[::-1]


def test_a_time_or_a_part_of_the_longest_log_is_a_line(tmp_path: Path) -> None:
    paths = {"app": tmp_path / "app.log", "nginx": tmp_path / "nginx.log", "none": tmp_path / "none.log"}
    paths["app"].write_bytes(stamped(0, "a") + b"\n" + stamped(60, "b") + b"\n")
    paths["nginx"].write_bytes(b"".join(stamped(number, "n") + b"\n" for number in range(10, 20)))
    with Merged(paths) as merged:

        def at(text: str) -> bytes:
            found = merged_place_of(merged, text, Watcher())
            assert found is not None
            return text_of(merged, found)

        assert at("2026-11-25T03:00:05+00:00") == stamped(10, "n")
        assert at("2026-11-25T03:00:30+00:00") == stamped(60, "b")
        assert at("2026-11-25T04:00:30+00:00") == stamped(60, "b")
        assert at("50%") == stamped(15, "n")
    for path in paths.values():
        path.write_bytes(b"printed\n")
    with Merged(paths) as merged, pytest.raises(NoTimes):
        merged_place_of(merged, "14:05", Watcher())
