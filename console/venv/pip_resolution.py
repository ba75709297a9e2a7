"""Resolution by pip, for what uv does not do: Pythons older than it serves, and files that it cannot read.

Nothing is installed: pip from 22.2 on tells what it would do (``--dry-run --report``), an older one downloads into a
folder that is thrown away, and the names of the files tell the rest.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from ..errors import ConsoleError
from .child import clean_environment, run_child, silent_end
from .create import OLDEST_FOR_VIRTUALENV, create_command, numbers
from .index_settings import IndexSettings, pip_variables
from .uv import Resolution, Resolved

BUILD_LINES = 15  # of a failed build's output that are shown
FIRST_WITH_REPORT = (22, 2)
_VERSION = re.compile(r"^pip (\d+)\.(\d+)")
_ARCHIVE = re.compile(r"(.+)-(\d[^-]*?)\.(?:zip|tar\.bz2|tar\.gz|tgz|tar\.xz)$")
_BOX = re.compile(r"^[\s×│╰─>]*")
_ERROR = re.compile(r"^(?:ERROR|error|pip: error): ?|^(?=Could not find|No matching distribution|\S+ requires Python)")


@dataclass(frozen=True)
class Pip:
    """A pip that runs with the target Python: ``command`` starts it, ``version`` is its own."""

    command: tuple[str, ...]
    version: tuple[int, int]


def resolve_with_pip(
    interpreter: Path,
    version: str,
    requirements: Path,
    *,
    on_line: Callable[[str], None],
    check: Callable[[], None],
    settings: IndexSettings,
    folder: Path | None = None,
) -> Resolution | None:
    """What pip would install from ``requirements`` with ``interpreter``, a Python ``version``.

    Relative paths are taken from ``folder`` (default: that of ``requirements``). None where no pip can be had for it,
    so that this cannot be known before.
    """
    environment = clean_environment(**pip_variables(settings))
    said: list[str] = []

    def heard(line: str) -> None:
        said.append(line)
        on_line(line)

    with tempfile.TemporaryDirectory(prefix="console-") as temporary:
        pip = find_pip(interpreter, version, Path(temporary, "venv"), check=check)
        if pip is None:
            return None
        result = Path(temporary, "result")
        command = [*pip.command, *_options(pip, result), "-r", str(requirements)]
        code = run_child(command, on_line=heard, check=check, cwd=folder or requirements.parent, environment=environment)
        if code != 0:
            why = pip_explanation(said) or silent_end("pip", code)
            return Resolution((), why, unsolved="No matching distribution" in why or "conflict" in why)
        if result.is_file():
            return Resolution(tuple(_reported(json.loads(result.read_text("utf-8")))))
        return Resolution(tuple(_downloaded(result.iterdir() if result.is_dir() else ())))


def find_pip(interpreter: Path, version: str, folder: Path, *, check: Callable[[], None]) -> Pip | None:
    """A pip for ``interpreter``: the one that virtualenv brings along, which runs out of its wheel; else the
    interpreter's own; else that of a virtualenv made for this in ``folder``, by the image's tools.
    """
    ways = [[str(interpreter), "-m", "pip"]]
    embedded = _embedded(version)
    if embedded is not None:
        ways.insert(0, [str(interpreter), str(embedded / "pip")])
    for way in ways:
        pip = _ask(way, check)
        if pip is not None:
            return pip
    try:
        command = create_command(interpreter, version, folder)
    except ConsoleError:
        return None
    run_child(command, on_line=_nothing, check=check, cwd=folder.parent)
    return _ask([str(folder / "bin" / "python"), "-m", "pip"], check)


def pip_explanation(said: list[str]) -> str:
    """pip's own words on why it failed, from the lines that it wrote."""
    build = next((number for number, line in enumerate(said) if "subprocess-exited-with-error" in line), None)
    if build is not None:  # a package's own program failed: what it wrote is the reason
        lines = [_BOX.sub("", line).rstrip() for line in said[build + 1 :]]
        end = lines.index("[end of output]") if "[end of output]" in lines else len(lines)
        return "\n".join([line for line in lines[:end] if line][-BUILD_LINES:])
    found = [_ERROR.sub("", line).strip() for line in said if _ERROR.match(line)]
    return "\n".join(dict.fromkeys(line for line in found if line)) or "\n".join(said[-5:])


def _options(pip: Pip, result: Path) -> list[str]:
    if pip.version >= FIRST_WITH_REPORT:
        return ["install", "--dry-run", "--ignore-installed", "--report", str(result)]
    return ["download", "--dest", str(result)]


def _ask(way: list[str], check: Callable[[], None]) -> Pip | None:
    said: list[str] = []
    if not Path(way[0]).exists() or run_child([*way, "--version"], on_line=said.append, check=check) != 0:
        return None
    found = next((found for line in said if (found := _VERSION.match(line))), None)
    return Pip(tuple(way), (int(found.group(1)), int(found.group(2)))) if found else None


def _embedded(version: str) -> Path | None:
    """The wheel of pip in the console's own virtualenv, where it serves this Python."""
    if numbers(version) < OLDEST_FOR_VIRTUALENV:
        return None
    from virtualenv.seed.wheels.embed import get_embed_wheel

    wheel = get_embed_wheel("pip", ".".join(version.split(".")[:2]))
    return Path(wheel.path) if wheel is not None else None


def _reported(report: dict[str, Any]) -> Iterable[Resolved]:
    """pip's installation report (pip.pypa.io, "Installation Report")."""
    for each in report.get("install", []):
        url = str(each.get("download_info", {}).get("url", ""))
        name, version = each["metadata"]["name"], each["metadata"]["version"]
        yield Resolved(canonicalize_name(name), version, url.partition("#")[0].endswith(".whl"), None)


def _downloaded(files: Iterable[Path]) -> Iterable[Resolved]:
    for file in sorted(files):
        found = _from_name(file.name)
        if found is not None:
            name, version = found
            yield Resolved(canonicalize_name(name), version, file.suffix == ".whl", file.stat().st_size)


def _from_name(file: str) -> tuple[str, str] | None:
    try:
        if file.endswith(".whl"):
            name, version, _build, _tags = parse_wheel_filename(file)
        else:
            name, version = parse_sdist_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename):  # old archives count in their own ways ("pytz-2004d.tar.gz")
        found = _ARCHIVE.match(file)
        return (found.group(1), found.group(2)) if found else None
    return name, str(version)


def _nothing(line: str) -> None:
    """What makes a virtualenv says nothing of the resolution."""
