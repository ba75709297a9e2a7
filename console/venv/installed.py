"""The distributions in a site-packages folder, from their metadata files: the interpreter need not run."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from .metadata_files import MetadataFiles

# What a virtualenv is made with; pip freeze leaves these out as well.
SEEDS = frozenset({"pip", "setuptools", "wheel", "distribute", "pkg-resources"})
METADATA_ENDINGS = (".dist-info", ".egg-info", ".egg-link")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_WORD = re.compile(r"[\w./+@%=,:~-]+")
_VERSION = re.compile(r"[A-Za-z0-9._+!-]+", re.ASCII)


@dataclass(frozen=True)
class Installed:
    """One distribution. ``name`` as it writes itself, ``key`` normalized. ``requested``: asked for by name, by
    the person or the requirements, as far as its ``installer`` ("pip", "uv"; empty where it left no name) tells. ``link`` is the requirement that gives it again where it came from a URL, a
    VCS or a folder ("git+https://...@commit", "file:///srv/app/lib"), empty where it came from an index.
    ``entry`` is the name of its metadata's file or folder in site-packages.
    """

    name: str
    key: str
    version: str
    requires: tuple[Requirement, ...]
    requested: bool
    link: str = ""
    editable: bool = False
    entry: str = ""
    installer: str = ""


def read_installed(site_packages: Path | None) -> tuple[Installed, ...]:
    """What is installed there, by name, each once. Never raises: entries whose metadata cannot be read, or whose
    name or version could stand in no requirement, are left out.
    """
    found: dict[str, Installed] = {}
    for name in metadata_entries(site_packages):
        one = read_entry(Path(site_packages or "", name))
        if one is not None:
            found.setdefault(one.key, one)
    return tuple(found[key] for key in sorted(found))


def read_entry(entry: Path) -> Installed | None:
    """The distribution whose metadata are at ``entry``, a ``.dist-info``, ``.egg-info`` or ``.egg-link``; None where
    they cannot be read. Never raises.
    """
    try:
        one = _developed(entry) if entry.suffix == ".egg-link" else _read(entry)
    except (OSError, ValueError, RecursionError):
        return None
    return replace(one, entry=entry.name) if one is not None else None


def metadata_entries(site_packages: Path | None) -> list[str]:
    """The names in ``site_packages`` that are a distribution's metadata, sorted. Never raises."""
    try:
        names = os.listdir(site_packages) if site_packages is not None else []  # noqa: PTH208 - names are wanted
    except OSError:
        return []
    # pip renames what it is about to remove to names that begin so, and may leave them behind.
    return sorted(name for name in names if name.endswith(METADATA_ENDINGS) and not name.startswith("~"))


def requirement_for(one: Installed) -> str:
    """The line of a requirements file that gives ``one`` again."""
    if one.editable:
        return editable_line(one.link)
    return f"{one.name} @ {one.link}" if one.link else f"{one.name}{pin_for(one.version)}"


def editable_line(link: str) -> str:
    """``-e`` and the folder that ``link`` names; the link itself where pip would not take the path as one word."""
    folder = str(folder_of(link) or "")
    return f"-e {folder if _WORD.fullmatch(folder) else link}"


def pin_for(version: str) -> str:
    """``==1.2``; ``===`` for a version of an old package's own way of counting, which ``==`` does not take."""
    try:
        Requirement(f"x=={version}")
    except InvalidRequirement:
        return f"==={version}"
    return f"=={version}"


def folder_of(link: str) -> Path | None:
    """The folder or file that a ``file:`` link names."""
    try:
        parts = urlsplit(link)
    except ValueError:  # a bracket that is no IPv6 address
        return None
    path = unquote(parts.path)
    return Path(path) if parts.scheme == "file" and "\0" not in path else None


def _read(entry: Path) -> Installed | None:
    # importlib.metadata brings a parser of e-mails: it is loaded while a resolver works, not before that begins.
    from .metadata_files import MetadataFiles

    distribution = MetadataFiles(entry)
    try:
        name, version = distribution.metadata["Name"], distribution.version
    except (KeyError, TypeError, AttributeError, ImportError):  # no METADATA in it: differs by Python
        return None
    name, version = str(name or "").strip(), str(version or "").strip()
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        return None
    link, editable = _link(distribution)
    installer = (distribution.read_text("INSTALLER") or "").strip()
    return Installed(
        name=name,
        key=canonicalize_name(name),
        version=version,
        requires=tuple(one for text in distribution.requires or [] if (one := _requirement(text)) is not None),
        # uv marks all that it installs
        requested=installer != "uv" and distribution.read_text("REQUESTED") is not None,
        link=link,
        editable=editable,
        installer=installer,
    )


def _developed(entry: Path) -> Installed | None:
    """What ``setup.py develop`` and old pips noted of an editable folder, in a file that holds its path."""
    folder = developed_folder(entry)
    if folder is None:
        return None
    found = (_read(metadata) for metadata in sorted(folder.glob("*.egg-info")))
    one = next((one for one in found if one is not None), None)
    return replace(one, link=folder.as_uri(), editable=True) if one is not None else None


def developed_folder(entry: Path) -> Path | None:
    """The folder that the ``.egg-link`` file ``entry`` names; None where it names none. Never raises."""
    try:
        lines = entry.read_text("utf-8", "surrogateescape").splitlines() if entry.is_file() else []
    except (OSError, ValueError):
        return None
    folder = Path(lines[0].strip()) if lines else None
    return folder if folder is not None and folder.is_absolute() else None


def _requirement(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except (InvalidRequirement, RecursionError):  # old packages have such; pip leaves them out too
        return None


def _link(distribution: MetadataFiles) -> tuple[str, bool]:
    """From ``direct_url.json`` (packaging.python.org, "Direct URL Data Structure"), as ``pip freeze`` does."""
    try:
        told: Any = json.loads(distribution.read_text("direct_url.json") or "null")
        url = told["url"]
    except (ValueError, TypeError, KeyError, RecursionError):
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
    return _on_one_line(url), editable


def _on_one_line(url: str) -> str:
    """No space or line end in it can make another requirement of what follows."""
    return "".join(char if char.isprintable() and char != " " else quote(char, errors="replace") for char in url)
