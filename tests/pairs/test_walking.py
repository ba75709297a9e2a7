"""The walk through all pairs."""

from __future__ import annotations

import itertools

import pytest

from .walking import walk


@pytest.mark.parametrize("count", range(9))
def test_it_steps_once_over_every_pair_each_from_where_it_stands(count: int) -> None:
    steps = walk(range(count))
    assert sorted(steps) == list(itertools.permutations(range(count), 2))
    assert all(before[1] == after[0] for before, after in itertools.pairwise(steps))
