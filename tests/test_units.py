"""Numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import units


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86400, "1 d"),
        (183_600, "2 d 3 h"),
        (-5, "0 s"),
    ],
)
def test_duration(value: float | None, said: str) -> None:
    assert units.duration(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, ""), (0.0001, "1 ms"), (0.004, "4 ms"), (0.37, "0.37 s"), (1.28, "1.3 s"), (12.4, "12 s")],
)
def test_seconds(value: float | None, said: str) -> None:
    assert units.seconds(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (84_000_000, "84 MB"),
        (999_600_000, "1.0 GB"),
        (1_240_000_000, "1.2 GB"),
        (10_000_000_000, "10 GB"),
        (5_000_000_000_000_000, "5000 TB"),
    ],
)
def test_size(value: int | None, said: str) -> None:
    assert units.size(value) == said


def test_size_of_says_a_shared_unit_once() -> None:
    assert units.size_of(212_000_000, 512_000_000) == "212/512 MB"
    assert units.size_of(800_000_000, 1_000_000_000) == "800 MB/1.0 GB"
    assert units.size_of(84_000_000, None) == "84 MB"


@given(st.integers(min_value=0, max_value=10**15))
def test_a_size_is_never_wider_than_a_table_cell(count: int) -> None:
    assert len(units.size(count)) <= 8


@given(st.floats(min_value=0, max_value=86400 * 3650))
def test_a_duration_is_never_wider_than_a_table_cell(seconds: float) -> None:
    assert len(units.duration(seconds)) <= 11
