"""The distributions in a site-packages folder, from their metadata files: the interpreter need not run."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

# What a virtualenv is made with; pip freeze leaves these out as well.
SEEDS = frozenset({"pip", "setuptools", "wheel", "distribute", "pkg-resources"})


@dataclass(frozen=True)
class Installed:
    """One distribution. ``name`` as it writes itself, ``key`` normalized. ``requested``: asked for by name, by
    the person or the requirements. ``link`` is the requirement that gives it again where it came from a URL, a
    VCS or a folder ("git+https://...@commit", "file:///srv/app/lib"), empty where it came from an index.
    """

    name: str
    key: str
    version: str
    requires: tuple[Requirement, ...]
    requested: bool
    link: str = ""
    editable: bool = False


def read_installed(site_packages: Path | None) -> tuple[Installed, ...]:
    """What is installed there, by name, each once. Entries whose metadata cannot be read are left out."""
    if site_packages is None:
        return ()
    found: dict[str, Installed] = {}
    for entry in sorted(site_packages.iterdir()):
        one = None
        if entry.suffix in (".dist-info", ".egg-info"):
            one = _read(entry)
        elif entry.suffix == ".egg-link":
            one = _developed(entry)
        if one is not None:
            found.setdefault(one.key, one)
    return tuple(found[key] for key in sorted(found))


def _read(entry: Path) -> Installed | None:
    distribution = Distribution.at(entry)
    try:
        name, version = distribution.metadata["Name"], distribution.version
        requires = distribution.requires or []
    except UnicodeDecodeError:  # old packages have their author's name in Latin 1: the folder's name says enough
        name, _dash, rest = entry.stem.partition("-")
        version, requires = rest.partition("-py")[0], []
    except (KeyError, TypeError, AttributeError, OSError):  # no METADATA in it: differs by Python
        return None
    if not name or not version:
        return None
    link, editable = _link(distribution)
    return Installed(
        name=name,
        key=canonicalize_name(name),
        version=version,
        requires=tuple(one for text in requires if (one := _requirement(text)) is not None),
        requested=distribution.read_text("REQUESTED") is not None,
        link=link,
        editable=editable,
    )


def _developed(entry: Path) -> Installed | None:
    """What ``setup.py develop`` and old pips noted of an editable folder, in a file that holds its path."""
    lines = entry.read_text("utf-8", "surrogateescape").splitlines()
    folder = Path(lines[0].strip()) if lines else None
    if folder is None or not folder.is_absolute():
        return None
    found = (_read(metadata) for metadata in sorted(folder.glob("*.egg-info")))
    one = next((one for one in found if one is not None), None)
    return replace(one, link=folder.as_uri(), editable=True) if one is not None else None


def _requirement(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:  # old packages have such; pip leaves them out too
        return None


def _link(distribution: Distribution) -> tuple[str, bool]:
    """From ``direct_url.json`` (packaging.python.org, "Direct URL Data Structure"), as ``pip freeze`` does."""
    try:
        told: Any = json.loads(distribution.read_text("direct_url.json") or "null")
        url = told["url"]
    except (ValueError, TypeError, KeyError):
        return "", False
    if not isinstance(url, str):
        return "", False
    folder = told.get("dir_info")
    editable = isinstance(folder, dict) and folder.get("editable") is True
    vcs = told.get("vcs_info")
    if isinstance(vcs, dict) and vcs.get("vcs") and vcs.get("commit_id"):
        url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    if told.get("subdirectory"):
        url += f"#subdirectory={told['subdirectory']}"
    return url, editable


def folder_of(link: str) -> Path | None:
    """The folder that a ``file:`` link names."""
    parts = urlsplit(link)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None
