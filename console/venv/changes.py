"""What a rebuild would change in the packages, found out for the new Python without touching anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..container import Container
from ..events import OnEvent, Output, ignore
from ..results import PackageChange, RequirementsChange
from ..text import _, ngettext
from .anatomy import read_anatomy
from .build_tools import read_build_tools
from .index_settings import read_index_settings
from .installed import SEEDS, Installed, read_installed
from .installer import UV, choose_and_resolve
from .line_versions import pinned_version
from .offers import make_offers
from .requirements import Requirements
from .uv import Resolution, Resolved

if TYPE_CHECKING:
    from .impossible import Findings, Search, Trouble

@dataclass(frozen=True)
class Changes:
    """``packages``: each that is installed or will be, by name; where the requirements cannot be installed, those that
    are to blame. ``problems``, ``warnings`` and ``offers`` are as in a RebuildPlan. ``sizes`` are the bytes that are
    fetched of each package, None where the index does not tell. ``installer``: "uv" or "pip".
    """

    packages: tuple[PackageChange, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    offers: tuple[RequirementsChange, ...] = ()
    sizes: tuple[int | None, ...] = ()
    installer: str = UV


def resolve_changes(
    container: Container,
    interpreter: Path,
    version: str,
    asked: Requirements,
    *,
    on_event: OnEvent = ignore,
    check: Callable[[], None],
) -> Changes:
    """Resolve ``asked``, a file that is there, for ``interpreter``, a Python ``version``, over the network.

    The resolver's lines come as Output. ``check`` raises to take it back. Nothing is changed.
    """
    settings = read_index_settings(os.environ, container.venv, asked.options)
    installer, resolution = choose_and_resolve(
        interpreter,
        version,
        asked,
        settings=settings,
        on_line=lambda line: on_event(Output(line)),
        check=check,
    )
    anatomy = read_anatomy(container.venv)
    installed = {one.key: one for one in read_installed(anatomy.site_packages if anatomy else None)}
    warnings = list(settings.warnings if installer == UV else ())
    if resolution is None:
        warnings.append(
            _("No pip can be had for Python {version}: what it can install is found out by installing only.").format(
                version=version
            )
        )
        return Changes(_compare(installed, _as_asked(asked)), (), tuple(warnings), installer=installer)
    doubtful = _doubtful(resolution, version)
    if not resolution.problem and not doubtful:
        packages = _compare(installed, resolution.packages)
        return Changes(packages, (), tuple(warnings), sizes=_sizes(resolution), installer=installer)
    # Loaded where it is needed, which is seldom: what reads pages of an index is a tenth of a plan's time.
    from .impossible import Search

    tools = read_build_tools(interpreter, version)
    search = Search(installer, interpreter, version, asked, settings, tools, check)
    if resolution.problem:
        return _impossible(search, resolution, installed, warnings)
    return _possible(search, resolution, doubtful, installed, warnings)


def _impossible(
    search: Search, resolution: Resolution, installed: Mapping[str, Installed], warnings: list[str]
) -> Changes:
    from .impossible import Findings

    findings = search.what_is_impossible(resolution.problem) if resolution.unsolved else Findings()
    problem = f"{_title(search)}\n{resolution.problem}"
    if findings.left and findings.left != resolution.problem:
        problem += "\n" + _("With the nearest versions instead, this still stands in the way:") + f"\n{findings.left}"
    packages = tuple(_troubled(trouble, installed) for trouble in sorted(findings.troubles, key=lambda one: one.name))
    offers = _offers(search, findings, warnings)  # which may add a warning
    return Changes(packages, (problem,), tuple(warnings), offers, (), search.installer)


def _possible(
    search: Search,
    resolution: Resolution,
    doubtful: Mapping[str, str],
    installed: Mapping[str, Installed],
    warnings: list[str],
) -> Changes:
    from .impossible import Findings

    packages = {change.name: change for change in _compare(installed, resolution.packages)}
    findings = search.doubtful(doubtful) if search.installer == UV else Findings()
    problems = []
    for trouble in findings.troubles:
        if trouble.certain and trouble.name in search.lines:
            packages[trouble.name] = _troubled(trouble, installed)
            problems.append(trouble.why)
        else:
            change = packages[trouble.name]
            packages[trouble.name] = replace(change, why=trouble.why, nearest=trouble.nearest)
            warnings.append(trouble.why)
    lacking = search.tools.lacking
    builds = [change.name for change in packages.values() if change.how == "build" and change.why is None]
    if builds and lacking:
        count = len(builds)
        said = ngettext(
            "{names} is built here; if it has C code, this fails: there is {lacking}.",
            "{names} are built here; what of them has C code fails: there is {lacking}.",
            count,
        )
        warnings.append(said.format(names=", ".join(builds), lacking=lacking))
    if findings.left:
        warnings.append(_("Newer versions of these do not go together with what else is required."))
    offers = _offers(search, findings, warnings)
    if problems:
        problems = ["\n".join([_title(search), *problems])]
    ordered = tuple(packages[name] for name in sorted(packages))
    return Changes(ordered, tuple(problems), tuple(warnings), offers, _sizes(resolution), search.installer)


def _sizes(resolution: Resolution) -> tuple[int | None, ...]:
    return tuple(package.bytes for package in resolution.packages)


def _title(search: Search) -> str:
    return _("The requirements cannot be installed with Python {version}.").format(version=search.version)


def _doubtful(resolution: Resolution, version: str) -> dict[str, str]:
    """What is built, and what says itself that it is for other Pythons: the names and versions to be looked at."""
    return {
        package.name: package.version
        for package in resolution.packages
        if package.version is not None and (not package.wheel or _excludes(package, version))
    }


def _excludes(package: Resolved, version: str) -> bool:
    if package.file is None or package.file.suffix != ".whl":
        return False
    from .index_pages import requires_python_of

    try:
        return not SpecifierSet(requires_python_of(package.file)).contains(version, prereleases=True)
    except InvalidSpecifier:
        return False


def _offers(search: Search, findings: Findings, warnings: list[str]) -> tuple[RequirementsChange, ...]:
    """The change that ``findings`` come to; why there is none is added to ``warnings``."""
    if not findings.versions:
        return ()
    reason = _("With these versions everything can be installed with Python {version}.").format(version=search.version)
    offers = make_offers(search.lines, findings.versions, reason)
    if offers.refused:
        warnings.append(offers.refused)
    return offers.changes


def _troubled(trouble: Trouble, installed: Mapping[str, Installed]) -> PackageChange:
    old = installed[trouble.name].version if trouble.name in installed else None
    return PackageChange(trouble.name, old, None, "impossible", trouble.why, trouble.nearest)


def _as_asked(asked: Requirements) -> list[Resolved]:
    """The names in the file, with a version where it pins one."""
    return [
        Resolved(
            entry.line.name,
            pinned_version(entry.line.requirement) if entry.line.requirement is not None else None,
            wheel=True,
            bytes=None,
        )
        for entry in asked.entries
        if entry.line.name and not entry.constraint
    ]


def _compare(installed: Mapping[str, Installed], wanted: Iterable[Resolved]) -> tuple[PackageChange, ...]:
    """Each package that is installed or will be, by name."""
    changes = []
    coming = {package.name: package for package in wanted}
    for name in sorted({*coming, *(installed.keys() - SEEDS)} if coming else ()):
        old = installed[name].version if name in installed else None
        new = coming.get(name)
        if new is None:
            changes.append(PackageChange(name, old, None, "removed"))
        else:
            how = "kept" if old is not None and old == new.version else "wheel" if new.wheel else "build"
            changes.append(PackageChange(name, old, new.version, how))
    return tuple(changes)
