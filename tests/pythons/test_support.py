"""How long CPython's branches are supported, on one day and another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.pythons.support import ENDED, SECURITY, SUPPORTED, UNKNOWN, support_of

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2040, 12, 31))
MINORS = st.integers(0, 20).map("3.{}".format)


@pytest.mark.parametrize(
    ("version", "day", "state"),
    [
        ("3.8.18", date(2024, 10, 7), SECURITY),  # the day itself is still one of them
        ("3.8.18", date(2024, 10, 8), ENDED),
        ("3.12.1", date(2025, 4, 8), SUPPORTED),
        ("3.12.1", date(2025, 4, 9), SECURITY),
        ("3.13.0", date(2026, 10, 31), SUPPORTED),  # a month means its last day
        ("3.13.0", date(2026, 11, 1), SECURITY),
        ("3.13.0", date(2029, 10, 31), SECURITY),
        ("3.13.0", date(2029, 11, 1), ENDED),
        ("2.7.18", date(2026, 1, 1), ENDED),
        ("3.99.0", date(2026, 1, 1), UNKNOWN),
        ("nonsense", date(2026, 1, 1), UNKNOWN),
    ],
)
def test_the_state_of_a_branch_on_a_day(version: str, day: date, state: str) -> None:
    assert support_of(version, day).state == state


def test_the_patch_release_is_none_of_its_business() -> None:
    assert support_of("3.1.5", date(2026, 1, 1)) == support_of("3.1.0", date(2026, 1, 1))
    assert support_of("3.11.7", date(2026, 1, 1)) != support_of("3.1.1", date(2026, 1, 1))


@given(MINORS, DAYS, st.integers(0, 4000))
def test_support_only_ever_goes_down(version: str, day: date, later: int) -> None:
    order = [SUPPORTED, SECURITY, ENDED]
    now, then = support_of(version, day).state, support_of(version, day + timedelta(days=later)).state
    assert (now == UNKNOWN) == (then == UNKNOWN)
    if now != UNKNOWN:
        assert order.index(now) <= order.index(then)


@given(MINORS)
def test_regular_fixes_end_before_the_branch_does(version: str) -> None:
    told = support_of(version, date(2026, 1, 1))
    assert told.fixes_until is None or (told.end_of_life is not None and told.fixes_until < told.end_of_life)
