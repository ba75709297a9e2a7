"""Every ordered pair of some things, as the steps of one walk: each step begins where the one before ended."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def walk(things: Sequence[Thing]) -> list[tuple[Thing, Thing]]:
    """All (a, b) with a != b, once each, from the first thing back to it: Hierholzer's circuit."""
    left = {place: [other for other in things if other != place] for place in things}
    under_way, places = list(things[:1]), []
    while under_way:
        if left[under_way[-1]]:
            under_way.append(left[under_way[-1]].pop())
        else:
            places.append(under_way.pop())
    places.reverse()
    return list(itertools.pairwise(places))
