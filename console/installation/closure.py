"""What the console requires, for each Python that it is to run on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..text import _

OLDEST, NEWEST = 10, 14  # CPython 3.10 to 3.14: what one copy is to serve
_PATCHES = ("0", "99")  # a marker may tell the first releases of an X.Y from the later ones
Find = Callable[[str], Distribution]


@dataclass(frozen=True)
class Closure:
    """``distributions``: the console's own first, then all that it needs on any of its Pythons. ``lacking``: for each
    Python 3.Y that the console cannot run on, by Y, why not.
    """

    distributions: tuple[Distribution, ...]
    lacking: dict[int, str]


def read_closure(name: str, *, find: Find = distribution) -> Closure:
    """The distribution ``name`` with all that it requires, as they are installed where this runs.

    Raises PackageNotFoundError when ``name`` itself is not installed.
    """
    own = find(name)
    found: dict[str, Distribution] = {canonicalize_name(name): own}
    lacking: dict[int, str] = {}
    for minor in range(OLDEST, NEWEST + 1):
        seen: set[tuple[str, str]] = set()
        waiting = [(own, "")]
        while waiting:
            needing, extra = waiting.pop()
            if not _runs_on(needing, minor):
                lacking.setdefault(minor, _refusal(needing))
            for requirement in _requirements(needing, extra, minor):
                needed = canonicalize_name(requirement.name)
                if needed not in found:
                    try:
                        found[needed] = find(requirement.name)
                    except PackageNotFoundError:
                        lacking.setdefault(minor, _("{package} is not installed here").format(package=needed))
                        continue
                for wanted in ("", *sorted(requirement.extras)):
                    if (needed, wanted) not in seen:
                        seen.add((needed, wanted))
                        waiting.append((found[needed], wanted))
    return Closure(tuple(found.values()), lacking)


def _requirements(needing: Distribution, extra: str, minor: int) -> Iterator[Requirement]:
    """What ``needing`` (with ``extra``, where that is not empty) requires on CPython 3.``minor`` on this machine."""
    for line in needing.requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate(_environment(minor, patch, extra)) for patch in _PATCHES):
            yield requirement


def _environment(minor: int, patch: str, extra: str) -> dict[str, str]:
    version = f"3.{minor}"
    here = {name: str(value) for name, value in default_environment().items()}
    full = f"{version}.{patch}"
    return {
        **here,
        "python_version": version,
        "python_full_version": full,
        "implementation_version": full,
        "extra": extra,
    }


def _runs_on(needed: Distribution, minor: int) -> bool:
    asked = _asked_python(needed)
    return not asked or any(SpecifierSet(asked).contains(f"3.{minor}.{patch}") for patch in _PATCHES)


def _asked_python(needed: Distribution) -> str:
    return str(needed.metadata["Requires-Python"] or "")


def _refusal(needed: Distribution) -> str:
    return _("{package} {version} asks for Python {range}").format(
        package=needed.name, version=needed.version, range=_asked_python(needed)
    )
