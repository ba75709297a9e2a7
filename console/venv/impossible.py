"""What the new Python cannot have, why, and with which other versions all of the requirements could be installed.

Found by asking the resolver again with changed copies of the requirements, and by what the index has; the resolver's
prose is read only where there is nothing better. The customer's own file is not touched.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..text import _
from .build_tools import BuildTools
from .index_pages import Release, read_releases
from .index_settings import IndexSettings, places
from .installer import UV, resolve_with
from .line_versions import pinned_version
from .nearest import has_c_code, has_wheel, nearest, why_not
from .requirement_copies import Edit, alone, with_versions, write_copy
from .needs import holds
from .requirements import Entry, Requirements, marker_environment
from .uv import Resolution, tags

TRIALS = 12  # of versions, nearest first, where the index does not tell which Pythons they are for
ROUNDS = 8  # pip names one culprit at a time, so a file with many takes as many rounds
_BLAMED = re.compile(
    r"\byou\s+require\s+([A-Za-z0-9._-]*[A-Za-z0-9])|requirement ([A-Za-z0-9._-]*[A-Za-z0-9])|found for ([A-Za-z0-9._-]+)"
)


@dataclass(frozen=True)
class Trouble:
    """A package that the new Python cannot have as it is asked for, or where not ``certain`` may have by a build that
    does without what is missing here. ``nearest`` is the version that it can have.
    """

    name: str
    why: str
    nearest: str | None
    certain: bool = True


@dataclass(frozen=True)
class Findings:
    """``troubles`` by name; ``versions`` are those with which the whole can be installed, empty where none are known;
    ``left`` is what still stands in the way with the nearest versions, in the resolver's words.
    """

    troubles: tuple[Trouble, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    left: str = ""


@dataclass
class Search:
    """The means of looking: which resolver, for which Python, with what settings."""

    installer: str
    interpreter: Path
    version: str
    asked: Requirements
    settings: IndexSettings
    tools: BuildTools
    check: Callable[[], None]

    def what_is_impossible(self, problem: str) -> Findings:
        """Of requirements that cannot be resolved, for which the resolver said ``problem``."""
        troubles: dict[str, Trouble] = {}
        left = problem
        for _round in range(ROUNDS):
            suspects = [name for name in self._suspects(left, troubles) if name not in troubles]
            found = [trouble for name in suspects if (trouble := self._judge(name, left)) is not None]
            if not found:
                break
            troubles.update({trouble.name: trouble for trouble in found})
            if any(trouble.nearest is None for trouble in found):
                return Findings(tuple(troubles.values()), {}, "")
            versions = {name: trouble.nearest for name, trouble in troubles.items() if trouble.nearest is not None}
            resolution = self.attempt(with_versions(self._named, versions))
            if not resolution.problem:
                return Findings(tuple(troubles.values()), versions)
            left = resolution.problem
        return self._together(troubles, left)

    def doubtful(self, versions: Mapping[str, str]) -> Findings:
        """What speaks against these ``versions``, by name, that uv chose: it passes over the upper bounds of
        Requires-Python, and knows nothing of compilers.
        """
        judged = (self._judge_choice(name, version) for name, version in versions.items())
        troubles = tuple(trouble for trouble in judged if trouble is not None)
        better = {each.name: each.nearest for each in troubles if each.nearest is not None and each.name in self._named}
        if not better:
            return Findings(troubles)
        resolution = self.attempt(with_versions(self._named, better))
        return Findings(troubles, {} if resolution.problem else better, resolution.problem)

    def attempt(self, edit: Edit, *options: str) -> Resolution:
        """What the requirements would come to with the lines that ``edit`` gives."""
        with tempfile.TemporaryDirectory(prefix="console-") as folder:
            copy = write_copy(self.asked.path, Path(folder), edit)
            resolution = resolve_with(
                self.installer, self.interpreter, self.version, copy,
                settings=self.settings, on_line=_unheard, check=self.check,
                folder=self.asked.path.parent, options=options,
            )  # fmt: skip
        return resolution if resolution is not None else Resolution((), _("It could not be tried."))

    @property
    def lines(self) -> Mapping[str, Sequence[Entry]]:
        """The lines that can be given another version, by the name that they are for."""
        return self._named

    @cached_property
    def _named(self) -> dict[str, list[Entry]]:
        environment = marker_environment(self.version)
        named: dict[str, list[Entry]] = {}
        for entry in self.asked.entries:
            requirement = entry.line.requirement
            if requirement is not None and requirement.url is None and holds(entry.line.marker, environment):
                named.setdefault(entry.line.name or "", []).append(entry)
        return {name: lines for name, lines in named.items() if not all(line.constraint for line in lines)}

    @cached_property
    def _pins(self) -> dict[str, str]:
        """The names that have one version only, and that."""
        pins: dict[str, str] = {}
        for name, lines in self._named.items():
            told = {pinned_version(line.line.requirement) for line in lines if line.line.requirement is not None}
            exact = [pin for pin in told if pin is not None and _is_version(pin)]
            if len(exact) == 1:
                pins[name] = exact[0]
        return pins

    def _suspects(self, problem: str, known: Collection[str]) -> Sequence[str]:
        """The names that may be at fault by themselves."""
        blamed = self._blamed(problem)
        if self.installer != UV or known:
            return blamed
        return list(dict.fromkeys([*self._unhad(), *blamed]))

    def _blamed(self, problem: str) -> list[str]:
        found = (canonicalize_name(next(filter(None, groups))) for groups in _BLAMED.findall(problem))
        return [name for name in dict.fromkeys(found) if name in self._named]

    def _unhad(self) -> list[str]:
        """What cannot be had alone, without what it needs itself. Three questions to uv, where most answers are good.

        With "at least" instead of "exactly", the lowest version that fits is the pinned one for all that can stay.
        """
        pins, others = self._pins, [name for name in self._named if name not in self._pins]
        at_least = self.attempt(alone(self._named, pins, at_least=pins), "--no-deps", "--resolution", "lowest-direct")
        came = {one.name: one.version for one in at_least.packages}
        doubtful = [name for name in pins if at_least.problem or not _same(came.get(name), pins[name])]
        if others and self.attempt(alone(self._named, others), "--no-deps").problem:
            doubtful += others
        return [name for name in doubtful if self.attempt(alone(self._named, [name]), "--no-deps").unsolved]

    def _judge(self, name: str, problem: str) -> Trouble | None:
        """Why ``name`` cannot be had as it is asked for; None where it is not its own fault."""
        wanted, releases = self._wanted(name), self._releases(name)
        if wanted is None:
            return None
        if releases is None:  # the index tells nothing: then only the resolver's words do
            alone = self.attempt(alone(self._named, [name]), "--no-deps") if self.installer == UV else Resolution((), problem)
            words = alone.problem.partition("\n")[2] or alone.problem
            return Trouble(name, words, None) if words else None
        fitting = tags(self.version)
        why = why_not(wanted, releases, self.version, fitting)
        if why is None:
            return None
        return Trouble(name, f"{name}{wanted}: {why}", self._nearest(name, wanted, releases))

    def _judge_choice(self, name: str, version: str) -> Trouble | None:
        wanted, releases = self._wanted(name), self._releases(name)
        if wanted is None or releases is None or not _is_version(version):
            return None
        wanted = wanted if str(wanted) else SpecifierSet(f"=={version}")
        fitting = tags(self.version)
        why = why_not(wanted, releases, self.version, fitting)
        if why is not None:
            return Trouble(name, f"{name}{wanted}: {why}", self._nearest(name, wanted, releases))
        chosen = [one for one in releases if _same(str(one.version), version)]
        if has_wheel(SpecifierSet(f"=={version}"), releases, self.version, fitting):
            return None
        if self.tools.complete and not has_c_code(chosen):
            return None
        other = self._nearest(name, wanted, releases)
        if other is None or not has_wheel(SpecifierSet(f"=={other}"), releases, self.version, fitting):
            return None
        if self.tools.complete:
            # It was released before this Python: what its makers built for others, nobody has built for this one.
            said = _(
                "{name}=={wanted} has wheels for other Pythons than {version} only; it is built here from its source,"
                " which may fail."
            )
            return Trouble(name, said.format(name=name, wanted=version, version=self.version), other, certain=False)
        said = _("{name}=={wanted} has no wheel for Python {version} and is built here, where there is {lacking}.")
        why = said.format(name=name, wanted=version, version=self.version, lacking=self.tools.lacking)
        return Trouble(name, why, other, certain=False)

    def _nearest(self, name: str, wanted: SpecifierSet, releases: Sequence[Release]) -> str | None:
        """The nearest version that can be had: the resolver knows of each file what an index may leave out."""
        found = nearest(wanted, releases, self.version, tags(self.version), can_build=self.tools.complete)
        if self.installer != UV or name not in self._named:
            return next(found, None)
        trials = (
            version
            for version in islice(found, TRIALS)
            if not self.attempt(alone(self._named, [name], exactly=version)).unsolved
        )
        return next(trials, None)

    def _together(self, troubles: dict[str, Trouble], left: str) -> Findings:
        """Versions that go together, where the trouble is not one package's own: the lowest from the pinned ones on.

        The names without a pin stay out of the first question, as it would take the lowest of theirs too.
        """
        if self.installer != UV or not self._pins:
            return self._given_up(troubles, left)
        bounds = {name: trouble.nearest for name, trouble in troubles.items() if trouble.nearest is not None}
        starts = {**self._pins, **bounds}
        loose = self.attempt(alone(self._named, starts, at_least=starts), "--resolution", "lowest-direct")
        came = {one.name: one.version for one in loose.packages}
        versions = {
            name: version
            for name, start in self._pins.items()
            if (version := came.get(name)) is not None and not _same(version, start)
        }
        if not versions or self.attempt(with_versions(self._named, versions)).problem:
            return self._given_up(troubles, left)
        for name, version in versions.items():
            why = _("{name}=={pin} does not go together with what else is required.")
            other = Trouble(name, why.format(name=name, pin=self._pins[name]), version)
            troubles[name] = Trouble(name, troubles[name].why, version) if name in troubles else other
        return Findings(tuple(troubles.values()), versions)

    def _given_up(self, troubles: dict[str, Trouble], left: str) -> Findings:
        """No versions are known that help; those that the resolver blames are told with its own words."""
        words = left.partition("\n")[2] or left
        blamed = [Trouble(name, words, None) for name in self._blamed(left)] if not troubles else []
        return Findings((*troubles.values(), *blamed), {}, left)

    def _wanted(self, name: str) -> SpecifierSet | None:
        """All that its lines want of its version; None where that is no version as the standard has them."""
        wanted = SpecifierSet()
        for entry in self._named.get(name, ()):
            if entry.line.requirement is not None:
                wanted &= entry.line.requirement.specifier
        return wanted if all(_is_version(each.version.removesuffix(".*")) for each in wanted) else None

    def _releases(self, name: str) -> tuple[Release, ...] | None:
        self.check()
        if name not in self._read:
            indexes, links = places(self.settings, os.environ, self.asked.options)
            self._read[name] = read_releases(name, indexes, links, self.settings, self.asked.path.parent)
        return self._read[name]

    @cached_property
    def _read(self) -> dict[str, tuple[Release, ...] | None]:
        return {}


def _same(one: str | None, other: str) -> bool:
    return one is not None and _is_version(one) and Version(one) == Version(other)


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _unheard(line: str) -> None:
    """What a trial says is not the plan's output."""
