"""What installed packages need of each other, with markers and extras."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from .installed import Installed


def holds(marker: Marker | None, environment: Mapping[str, str]) -> bool:
    """Whether ``marker`` holds in ``environment``; no marker always does, one that cannot be judged never."""
    try:
        return marker is None or marker.evaluate(dict(environment))
    except (UndefinedEnvironmentName, UndefinedComparison, InvalidVersion, KeyError, RecursionError):
        return False


def needed(one: Installed, extras: Iterable[str], environment: Mapping[str, str]) -> Iterator[Requirement]:
    """What ``one`` needs in ``environment``, that of its ``extras`` included."""
    for each in one.requires:
        if holds(each.marker, {**environment, "extra": ""}):
            yield each
    yield from extras_need(one, extras, environment)


def extras_need(one: Installed, extras: Iterable[str], environment: Mapping[str, str]) -> Iterator[Requirement]:
    """What ``one`` needs in ``environment`` because of ``extras``, and would not need without them."""
    extras = tuple(extras)
    for each in one.requires:
        if not holds(each.marker, {**environment, "extra": ""}) and any(
            holds(each.marker, {**environment, "extra": extra}) for extra in extras
        ):
            yield each


def reached(
    asked: Mapping[str, frozenset[str]], installed: Mapping[str, Installed], environment: Mapping[str, str]
) -> frozenset[str]:
    """The keys of what is ``installed`` and asked for, or needed by that in any number of steps.

    ``asked`` has the extras that are asked for of each key; an extra that only a need asks for counts as well.
    """
    extras = {key: set(asked[key]) for key in asked if key in installed}
    waiting = list(extras)
    while waiting:
        one = installed[waiting.pop()]
        for each in needed(one, extras[one.key], environment):
            key = str(canonicalize_name(each.name))
            if key in installed and (key not in extras or not each.extras <= extras[key]):
                extras.setdefault(key, set()).update(each.extras)
                waiting.append(key)
    return frozenset(extras)


def top_level(
    installed: Iterable[Installed],
    environment: Mapping[str, str],
    extras: Mapping[str, frozenset[str]] | None = None,
) -> frozenset[str]:
    """The keys of the packages that no other one needs in ``environment``; of those that need each other in a
    circle, the ones that were asked for by name, or else the first.

    ``extras`` are those asked for of each package; what only another extra would need counts as asked for.
    """
    found = {one.key: one for one in installed}
    needs: dict[str, set[str]] = {
        key: {str(canonicalize_name(each.name)) for each in needed(one, (extras or {}).get(key, ()), environment)}
        & found.keys() - {key}
        for key, one in found.items()
    }
    tops = set(found).difference(*needs.values())
    left = found.keys() - _reached(tops, needs)
    while left:
        first = min(left, key=lambda key: (not found[key].requested, key))
        tops.add(first)
        left = left - _reached({first}, needs)
    return frozenset(tops)


def _reached(start: Iterable[str], needs: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(start)
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting.extend(needs[key])
    return reached
