"""uv, as this project runs it: one thing at a time, so that it fits into a small container."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from ..container import memory
from ..errors import ConsoleError
from ..own_python import own_tree
from ..text import _
from .child import clean_environment, run_child, silent_end
from .index_settings import IndexSettings, uv_arguments, uv_variables

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# At once to the index while versions are chosen: pages and metadata are small. Measured with a Django site: 0.22 s where
# four at once take 0.34 s, and 1 MB more.
_QUESTIONS = "16"
OLDEST = (3, 6)  # the oldest Python that uv resolves for and installs into
# What uv writes of a line that it cannot read, at "file:line:column" or "in `file` at position"; a folder to look in
# that is missing, which pip passes over, is such a line for it ("Invalid URL").
_UNREADABLE = re.compile(
    r"error: (?:(?:Expected|Unexpected|Unsupported|Unrecognized)\b.*:\d+:\d+$|(?:Couldn't parse requirement|Invalid URL) in )"
)
_UNSOLVED = re.compile(r"No solution found")
_EXPLAINS = re.compile(r"^(?:error:|\s*(?:cause:|Caused by:|[×╰├─▶│?]+))\s*")


@dataclass(frozen=True)
class Resolved:
    """A package that a resolution chose. ``wheel``: it comes as one, else it is built here. ``bytes`` is the size
    of what is fetched, None where the index does not tell it. ``version`` is None where only a build knows it.
    ``file`` is what is fetched where that lies on this disk.
    """

    name: str
    version: str | None
    wheel: bool
    bytes: int | None
    file: Path | None = None


@dataclass(frozen=True)
class Resolution:
    """What requirements come to for one interpreter; when they come to nothing, ``problem`` is the explanation of the
    program that was asked. ``unsolved``: there are no versions that fit; else it could not find out (the network, a
    file that it does not read, a build that failed). ``unreadable``: a line is not written as that program reads it.
    """

    packages: tuple[Resolved, ...]
    problem: str = ""
    unsolved: bool = False
    unreadable: bool = False


def uv_program() -> str:
    """The path of uv's binary. Raises ConsoleError when it is not there."""
    tree = own_tree()
    if tree is not None and os.access(own := f"{tree}/bin/uv", os.X_OK):
        return own  # uv itself would look at the interpreter's own folder first
    import uv

    try:
        return uv.find_uv_bin()
    except FileNotFoundError as error:
        raise ConsoleError(
            _("uv is missing, which installs packages."), str(error), _("Install the console again.")
        ) from error


def uv_environment(**more: str) -> dict[str, str]:
    """For uv: no second build or install beside the first, few downloads, and no Python of its own; and ``more``.

    With this an install takes about 43 MB at its peak; without, as many installs and builds as the machine that the
    container is on has cores. uv's allocator (jemalloc) gives memory back at once here, which saves 12 MB and costs no
    time that could be measured. Asking the index for what is cached already is quicker with four questions at once, and
    takes no more memory; fresh downloads take more with each that runs beside another, so that there are fewer where
    memory has a limit.
    """
    ours = {
        "UV_CONCURRENT_BUILDS": "1",
        "UV_CONCURRENT_DOWNLOADS": "4" if memory().limit_bytes is None else "2",
        "UV_CONCURRENT_INSTALLS": "1",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "_RJEM_MALLOC_CONF": "narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0",
    }
    return clean_environment(**{**ours, **more})


def resolve(
    interpreter: Path,
    version: str,
    requirements: Path,
    *,
    on_line: Callable[[str], None],
    check: Callable[[], None],
    settings: IndexSettings | None = None,
    folder: Path | None = None,
    options: Sequence[str] = (),
) -> Resolution:
    """Choose a version of everything that ``requirements`` need with ``interpreter``, a Python ``version``.

    Installs nothing. Relative paths in the file are taken from ``folder`` (default: the file's own). ``settings`` are
    the customer's, ``options`` more of ``uv pip compile``'s. ``on_line`` and ``check`` are those of ``run_child``.
    """
    said: list[str] = []

    def heard(line: str) -> None:
        said.append(line)
        on_line(line)

    with tempfile.TemporaryDirectory(prefix="console-") as temporary:
        lock = Path(temporary, "pylock.toml")
        command = [uv_program(), "pip", "compile", "--format", "pylock.toml", "--output-file", str(lock)]
        command += ["--quiet", "--no-header", "--python", str(interpreter), *options]
        command += uv_arguments(settings) if settings is not None else []
        more = uv_variables(settings, os.environ) if settings is not None else {}
        environment = uv_environment(**{"UV_CONCURRENT_DOWNLOADS": _QUESTIONS, **more})
        cwd = folder or requirements.parent
        code = run_child([*command, str(requirements)], on_line=heard, check=check, cwd=cwd, environment=environment)
        if code != 0 or not lock.is_file():
            why = explanation(said) or silent_end("uv", code)
            return Resolution((), why, unsolved=_UNSOLVED.search(why) is not None, unreadable=_is_unreadable(said))
        told = tomllib.loads(lock.read_text("utf-8"))
        where = Path(os.path.realpath(temporary))
    fitting = tags(version)
    return Resolution(tuple(_resolved(package, fitting, where) for package in told.get("packages", [])))


def reads(interpreter: Path, requirements: Path, *, check: Callable[[], None], cache: Path | None = None) -> bool:
    """Whether uv understands every line of ``requirements``; it knows fewer options and ways of writing than pip.

    Asked of uv itself, without the network: takes a few hundredths of a second. ``cache`` stands in for uv's own.
    """
    said: list[str] = []
    command = [uv_program(), "pip", "compile", "--quiet", "--offline", "--no-index", "--no-deps", "--no-build"]
    command += ["--python", str(interpreter), str(requirements)]
    environment = uv_environment(**({} if cache is None else {"UV_CACHE_DIR": str(cache)}))
    run_child(command, on_line=said.append, check=check, cwd=requirements.parent, environment=environment)
    return not _is_unreadable(said)


def _is_unreadable(said: Sequence[str]) -> bool:
    return any(_UNREADABLE.match(line) for line in said)


def explanation(said: list[str]) -> str:
    """uv's own words on why it failed, without its signs, from the lines that it wrote."""
    start = next((index for index, line in enumerate(said) if line.startswith(("error:", "  ×", "× "))), None)
    if start is None:
        return "\n".join(said[-15:])
    lines = [_EXPLAINS.sub("", line).strip() for line in said[start:]]
    return "\n".join(line for line in lines if line)


def _resolved(package: dict[str, Any], fitting: frozenset[Tag], where: Path) -> Resolved:
    """One ``[[packages]]`` of a pylock.toml in the folder ``where`` (packaging.python.org, "pylock.toml
    Specification").
    """
    wheels = [wheel for wheel in package.get("wheels") or [] if _fits(wheel, fitting)]
    archive = package.get("archive") or {}
    files = wheels or [archive or package.get("sdist") or {}]
    on_disk = next((path for file in files if (path := _on_disk(file, where))), None)
    sizes = [file["size"] for file in files if "size" in file]
    return Resolved(
        name=canonicalize_name(package["name"]),
        version=package.get("version"),
        wheel=bool(wheels) or _file_name(archive).endswith(".whl"),
        bytes=max(sizes) if sizes else None,
        file=on_disk,
    )


def _on_disk(file: dict[str, Any], where: Path) -> Path | None:
    """Paths in a pylock.toml are taken from its own folder."""
    parts = urlsplit(str(file.get("url") or ""))
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(os.path.normpath(where / str(file["path"]))) if file.get("path") else None


def _fits(wheel: dict[str, Any], fitting: frozenset[Tag]) -> bool:
    try:
        return not parse_wheel_filename(_file_name(wheel))[3].isdisjoint(fitting)
    except InvalidWheelFilename:
        return False


def _file_name(file: dict[str, Any]) -> str:
    where = str(file.get("name") or file.get("path") or urlsplit(str(file.get("url") or "")).path)
    return unquote(where).rsplit("/", 1)[-1]


def tags(version: str) -> frozenset[Tag]:
    """The wheels that Python ``version`` on this machine takes; an older uv lists all that a package has."""
    number = tuple(int(part) for part in version.split(".")[:2])
    abi = "cp{}{}".format(*number) + ("m" if number < (3, 8) else "")
    interpreter = "cp{}{}".format(*number)
    return frozenset([*cpython_tags(number, [abi]), *compatible_tags(number, interpreter)])
