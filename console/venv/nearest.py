"""Why a Python cannot have a version of a package, and the versions that it can have, from what the index has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag
from packaging.version import Version

from ..text import _
from .index_pages import Release


def why_not(
    wanted: SpecifierSet, releases: Sequence[Release], version: str, fitting: frozenset[Tag]
) -> str | None:
    """Why Python ``version``, which takes wheels of the tags ``fitting``, can have none of the ``wanted`` versions.

    One sentence; None where nothing stands in the way of at least one.
    """
    if not releases:
        return _("It is not in the index.")
    meant = [one for one in releases if wanted.contains(one.version, prereleases=True)]
    if not meant:
        return _("The index has no such version.")
    if any(_runs_with(one, version) and _installs(one, fitting) and one.yanked is None for one in meant):
        return None
    runs = [one for one in meant if _runs_with(one, version)]
    if not runs:
        bounds = max(meant, key=lambda one: one.version).requires_python
        return _("It is for Python {bounds} only, by its own word.").format(bounds=bounds)
    installs = [one for one in runs if _installs(one, fitting)]
    if not installs:
        said = _("It has wheels for other Pythons than {version} only, and no source to build it from.")
        return said.format(version=version)
    if _is_pin(wanted):  # a withdrawn version can still be had by its exact number, for pip as for uv
        return None
    withdrawn = max(installs, key=lambda one: one.version).yanked
    return _("It was withdrawn (yanked): {why}").format(why=withdrawn or _("no reason given"))


def nearest(
    wanted: SpecifierSet, releases: Sequence[Release], version: str, fitting: frozenset[Tag], *, can_build: bool
) -> Iterator[str]:
    """The versions outside ``wanted`` that Python ``version`` can have, the nearest first: upwards those with a wheel,
    then the others, then the same downwards. No withdrawn ones, and no prereleases unless one was wanted.

    Without ``can_build``, tools to build with, sources count only of projects whose wheels are free of C code.
    """
    usable = [
        one
        for one in releases
        if one.yanked is None
        and _runs_with(one, version)
        and _installs(one, fitting)
        and not wanted.contains(one.version, prereleases=True)
        and (not one.version.is_prerelease or wanted.prereleases)
        and (one.wheel or can_build or not has_c_code(releases))
    ]
    middle = _middle(wanted, releases)
    above = sorted({one.version for one in usable if middle is None or one.version > middle})
    below = sorted({one.version for one in usable if middle is not None and one.version < middle}, reverse=True)
    wheels = {one.version for one in usable if one.wheel}
    for direction in (above, below):
        yield from (str(each) for each in direction if each in wheels)
        yield from (str(each) for each in direction if each not in wheels)


def has_wheel(wanted: SpecifierSet, releases: Sequence[Release], version: str, fitting: frozenset[Tag]) -> bool:
    """Whether one of the ``wanted`` versions comes as a wheel for this Python."""
    return any(
        one.wheel and wanted.contains(one.version, prereleases=True) and _runs_with(one, version)
        and _installs(one, fitting)
        for one in releases
    )


def has_c_code(releases: Iterable[Release]) -> bool:
    """Some of its wheels are for one machine only: it is not all Python."""
    return any(tag.platform != "any" for one in releases for tag in one.tags)


def _middle(wanted: SpecifierSet, releases: Iterable[Release]) -> Version | None:
    """The version from which above and below count: the highest that is meant, else a bound of what is wanted."""
    meant = [one.version for one in releases if wanted.contains(one.version, prereleases=True)]
    if meant:
        return max(meant)
    bounds = [Version(one.version.removesuffix(".*")) for one in wanted if one.operator != "!="]
    return max(bounds) if bounds else None


def _runs_with(one: Release, version: str) -> bool:
    try:
        return SpecifierSet(one.requires_python).contains(version, prereleases=True)
    except InvalidSpecifier:  # pip counts it as none as well
        return True


def _installs(one: Release, fitting: frozenset[Tag]) -> bool:
    return not one.wheel or not one.tags.isdisjoint(fitting)


def _is_pin(wanted: SpecifierSet) -> bool:
    return any(one.operator in ("==", "===") and "*" not in one.version for one in wanted)
