"""Other versions in the customer's requirements: offered as a difference, written only when a person says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..atomic import change_file, diff
from ..container import Container
from ..errors import ConsoleError
from ..results import RequirementsChange
from ..text import _
from .child import masked
from .line_versions import with_version
from .requirement_lines import decode, encode, parse_lines
from .requirements import Entry, fits


@dataclass(frozen=True)
class Offers:
    """``changes``: one for each file. ``refused``: the sentence that says why none is offered, else empty."""

    changes: tuple[RequirementsChange, ...] = ()
    refused: str = ""


def make_offers(lines: Mapping[str, Iterable[Entry]], versions: Mapping[str, str], reason: str) -> Offers:
    """Changes that give ``versions``, by name, to those of their ``lines`` that do not allow them already.

    All else stays byte for byte. Nothing is offered where a line has hashes: those of another version are not known.
    """
    wanted: dict[Path, dict[int, str]] = {}
    for name, version in versions.items():
        for entry in lines.get(name, ()):
            requirement = entry.line.requirement
            if requirement is None or fits(requirement, version):
                continue
            if entry.line.hashed:
                said = _("{path} pins {name} with hashes: write it anew with the tool that made it, for {version}.")
                return Offers(refused=said.format(path=entry.file, name=name, version=f"{name}=={version}"))
            if "${" in entry.line.raw:
                said = _("{path}, line {number}, takes its version of {name} from the environment: change it yourself.")
                return Offers(refused=said.format(path=entry.file, number=entry.line.number, name=name))
            changed = with_version(entry.line, requirement, version)
            wanted.setdefault(entry.file, {})[entry.line.number] = changed
    return Offers(tuple(_change(path, changed, reason) for path, changed in wanted.items()))


def apply_offer(container: Container, change: RequirementsChange) -> Path | None:
    """Write ``change``; return the backup of the file as it was.

    Raises ConsoleError when the file is no longer what the offer was made from, or cannot be written.
    """
    return change_file(change.path, change.old, change.new, backups=container.backups, again=_("Look at the plan again."))


def _change(path: Path, changed: Mapping[int, str], reason: str) -> RequirementsChange:
    old = path.read_bytes()
    text = "".join(changed.get(line.number, line.raw) for line in parse_lines(decode(old)))
    new = encode(text, like=old)
    return RequirementsChange(path=path, old=old, new=new, diff=masked(diff(old, new, str(path))), reason=reason)
