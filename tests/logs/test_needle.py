"""A text is found in every line that holds it, whichever way it is looked for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.logs import needle
from console.logs.needle import Lowered, Needle

TEXTS = st.text("abXY5 ", min_size=1, max_size=4).map(str.encode)
BLOCKS = st.lists(st.text("abxXYy5 \t", max_size=12), max_size=12).map(lambda lines: "\n".join(lines).encode())


def naive(text: bytes, data: bytes, begin: int, end: int, *, fold: bool) -> list[int]:
    """Where the lines begin that hold the text."""
    found, at = [], begin
    for line in data[begin:end].split(b"\n"):
        if (text.lower() in line.lower()) if fold else (text in line):
            found.append(at)
        at += len(line) + 1
    return found


def line_of(data: bytes, place: int, begin: int) -> int:
    return max(begin, data.rfind(b"\n", 0, place) + 1)


@given(
    text=TEXTS,
    blocks=st.lists(BLOCKS, min_size=1, max_size=4),
    cut=st.integers(0, 5),
    fold=st.booleans(),
    often=st.integers(0, 20),
    most_misses=st.integers(0, 3),
)
@settings(deadline=None, max_examples=400)
def test_every_line_with_the_text_is_hit_once_and_in_order(
    text: bytes, blocks: list[bytes], cut: int, fold: bool, often: int, most_misses: int
) -> None:
    looked_for = Needle(text, fold=fold)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(needle, "_OFTEN", often)
        patch.setattr(needle, "_MOST_MISSES", most_misses)
        patch.setattr(needle, "_FIRST_PAUSE", 1)
        for block in blocks:
            begin, end = min(cut, len(block)), max(min(cut, len(block)), len(block) - cut)
            for lowered in (None, Lowered(block, begin, end)):
                hits = list(looked_for.hits(bytearray(block), begin, end, lowered))
                assert [line_of(block, hit, begin) for hit in hits] == naive(text, block, begin, end, fold=fold)
                there = [block[hit : hit + len(text)] for hit in hits]
                assert all(found.lower() == text.lower() if fold else found == text for found in there)


def test_where_the_rare_byte_gets_frequent_the_text_itself_is_looked_for() -> None:
    looked_for = Needle(b"needle")
    first = b"all of these have none of it\n" * 200 + b"a needle\n"
    assert list(looked_for.hits(first, 0, len(first))) == [first.index(b"needle")]
    second = b"ddddddddd needl needled\n" * 300
    found = list(looked_for.hits(second, 0, len(second)))
    assert found == [24 * number + 16 for number in range(300)]
