"""requirements.txt from what is installed: the present file's order, comments and options, other versions only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.requirements import Requirement

from ..atomic import change_file, diff
from ..container import Container
from ..errors import ConsoleError
from ..pythons.interpreters import image_python
from ..results import Freeze
from ..text import _
from .anatomy import read_anatomy
from .installed import SEEDS, Installed, editable_line, pin_for, read_installed, requirement_for
from .needs import holds, top_level
from .line_versions import pins, rewritten, with_version
from .requirement_lines import Line, decode, encode, parse_lines
from .requirements import Entry, installed_from, marker_environment, read_requirements


def plan_freeze(container: Container, *, top_level_only: bool = True) -> Freeze:
    """requirements.txt as it would be; nothing is written.

    Each line that names an installed package gets its version (``name==1.2``); a line that says that already,
    comments, options, links and what is not installed stay as they are, byte for byte. Packages that no line
    names (in the file or those it includes) are added at the end: those that no other package needs, or with
    ``top_level_only`` False all. Works on a virtualenv whose interpreter is gone. Raises ConsoleError where there
    is no virtualenv, or where a line's hashes would no longer belong to its version.
    """
    anatomy = read_anatomy(container.venv)
    if anatomy is None:
        raise ConsoleError(_("There is nothing to freeze."), _("{path} is no virtualenv.").format(path=container.venv))
    path = container.requirements
    old = path.read_bytes() if path.exists() else b""
    installed = {one.key: one for one in read_installed(anatomy.site_packages)}
    image = image_python(container)
    environment = marker_environment(anatomy.python or (image[1] if image else None))
    text = decode(old)
    lines = parse_lines(text)
    written = [_frozen(line, installed, environment, path) for line in lines]
    entries = read_requirements(path).entries if old else ()
    added = [requirement_for(one) for one in _unnamed(installed, entries, environment, top_level_only)]
    if added and any(line.hashed for line in lines):
        raise _hashed(path, _("No hash is known for: {names}").format(names=", ".join(added)))
    new = "".join([*written, *_addition(written, added)])
    frozen = old if new == text else encode(new, like=old)
    pinned = sum(line.kind in ("requirement", "link") for line in parse_lines(new))
    return Freeze(path=path, old=old, new=frozen, diff=diff(old, frozen, str(path)), packages=pinned)


def apply_freeze(container: Container, freeze: Freeze) -> Path | None:
    """Write ``freeze``; return the backup of the file as it was, None where there was none.

    Raises ConsoleError when the file is no longer what the freeze was planned for, or cannot be written.
    """
    return change_file(freeze.path, freeze.old, freeze.new, backups=container.backups, again=_("Freeze again."))


def _unnamed(
    installed: Mapping[str, Installed],
    entries: Iterable[Entry],
    environment: Mapping[str, str],
    top_level_only: bool,
) -> list[Installed]:
    """What is installed and no entry asks for, by name."""
    named: set[str] = set()
    extras: dict[str, frozenset[str]] = {}
    for entry in entries:
        link = installed_from(entry, installed.values()) if entry.line.name is None else None
        key = entry.line.name or (link.key if link is not None else None)
        if key is not None and not entry.constraint:
            named.add(key)
            extras[key] = extras.get(key, frozenset()) | entry.line.extras
    candidates = [one for key, one in installed.items() if key not in SEEDS]
    wanted = top_level(candidates, environment, extras) if top_level_only else frozenset(installed)
    return sorted((one for one in candidates if one.key in wanted - named), key=lambda one: one.key)


def _frozen(line: Line, installed: Mapping[str, Installed], environment: Mapping[str, str], path: Path) -> str:
    """The line's text with the installed version."""
    one = installed.get(line.name or "")
    requirement = line.requirement
    if one is None or requirement is None or requirement.url is not None or "${" in line.raw:
        return line.raw
    if not holds(line.marker, environment) or (not one.link and pins(requirement, one.version)):
        return line.raw
    if line.hashed:
        said = _("Line {number} pins {name} with hashes, and {version} is installed.")
        raise _hashed(path, said.format(number=line.number, name=requirement.name, version=one.version))
    if one.link:
        return _relinked(line, requirement, one)
    return with_version(line, requirement, one.version)


def _relinked(line: Line, requirement: Requirement, one: Installed) -> str:
    """It was installed from a link, which only the link gives again."""
    if one.editable:
        return rewritten(line, editable_line(one.link))
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker is not None else ""
    return rewritten(line, f"{requirement.name}{extras} @ {one.link}{marker}")


def _hashed(path: Path, cause: str) -> ConsoleError:
    return ConsoleError(
        _("{path} has hashes, which cannot be frozen here.").format(path=path),
        cause,
        _("Write the file anew with the tool that made it, such as pip-compile or uv pip compile."),
    )


def _addition(written: list[str], added: list[str]) -> list[str]:
    """The lines for ``added``, under a heading where something stands above them."""
    if not added:
        return []
    text = "".join(written)
    newline = "\r\n" if "\r\n" in text else "\n"
    begun = [newline] if text and not text.endswith(("\n", "\r")) else []
    heading = [f"# {_('installed, and not named above')}{newline}"] if text.strip() else []
    return [*begun, *heading, *(f"{line}{newline}" for line in added)]
