"""The Pythons of this machine, each really run once, and choosing among them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConsoleError
from ..text import _

RUN_SECONDS = 10.0
SIDE_BY_SIDE = 3  # how many the runtime generation offers
# A virtualenv's own Python is not offered: what is asked is the interpreter that it was made from.
_ASK = (
    "import os, sys; "
    "sys.stdout.write(os.path.realpath(getattr(sys, '_base_executable', None) or sys.executable) + '\\n' + sys.version)"
)


@dataclass(frozen=True)
class Interpreter:
    """``path`` is the real binary, ``version`` what it said of itself: "3.11.7", "3.14.0rc2"."""

    path: Path
    version: str

    @property
    def release(self) -> tuple[int, ...]:
        """The version's numbers: (3, 11, 7)."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:3])

    @property
    def name(self) -> str:
        """The name of its binary in an image: ``python3.11``."""
        return "python{}.{}".format(*self.release)

    @property
    def finished(self) -> bool:
        """A release, no alpha, beta or candidate."""
        return re.fullmatch(r"[\d.]+", self.version) is not None


def interpreters_on_this_machine(environment: Mapping[str, str] = os.environ) -> tuple[Interpreter, ...]:
    """Every CPython found, the newest first, no binary twice.

    Looks at PATH, pyenv, /opt/techs, /usr/local/bin, uv's own and the Python that runs this. Each is run once;
    those that do not answer within RUN_SECONDS or fail (a pyenv shim without a version) are left out.
    """
    from concurrent.futures import ThreadPoolExecutor

    candidates = list(dict.fromkeys(_candidates(environment)))
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = {told.path: told for told in pool.map(ask_interpreter, candidates) if told is not None}
    return tuple(sorted(found.values(), key=_newest_first))


def ask_interpreter(path: Path) -> Interpreter | None:
    """What the interpreter at ``path`` says of itself; None when it does not run or is no CPython."""
    import subprocess

    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        run = subprocess.run(
            [path, "-c", _ASK],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=RUN_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    real, newline, said = run.stdout.decode("utf-8", "surrogateescape").partition("\n")
    version = re.match(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?", said)
    if run.returncode != 0 or not newline or version is None or "PyPy" in said:
        return None
    return Interpreter(Path(real), version.group())


def pick_interpreter(wanted: str | None, offered: Iterable[Interpreter]) -> Interpreter:
    """The newest of ``offered`` that ``wanted`` names: "3", "3.11", "3.11.7" or a path; None wants the newest
    release that virtualenv and uv serve. A finished release is taken before a newer candidate.

    Raises ConsoleError, with what there is, when none fits.
    """
    found = tuple(offered)
    if wanted is not None and "/" in wanted:
        told = ask_interpreter(Path(wanted))
        fitting = [told] if told is not None else []
    elif wanted is not None:
        parts = wanted.split(".")
        fitting = [each for each in found if each.version.split(".")[: len(parts)] == parts]
    else:
        fitting = [each for each in found if each.finished and each.release >= (3, 9)]
    if fitting:
        return next((each for each in fitting if each.finished), fitting[0])
    versions = ", ".join(dict.fromkeys(each.version for each in found))
    raise ConsoleError(
        _("There is no Python {version} on this machine.").format(version=wanted)
        if wanted
        else _("There is no Python 3.9 or later on this machine."),
        _("Found: {versions}.").format(versions=versions) if versions else "",
        _("Ask for one of these, or install it, for example with: uv python install {version}").format(
            version=wanted or "3"
        ),
    )


def side_by_side(chosen: Interpreter, offered: Iterable[Interpreter]) -> tuple[Interpreter, ...]:
    """What the runtime generation offers: the newest releases of distinct X.Y, ``chosen`` first."""
    by_name = {chosen.name: chosen}
    for each in offered:
        if each.finished and each.release >= (3, 9):
            by_name.setdefault(each.name, each)
    return tuple(by_name.values())[:SIDE_BY_SIDE]


def _newest_first(interpreter: Interpreter) -> tuple[list[int], bool, str]:
    return [-part for part in interpreter.release], not interpreter.finished, str(interpreter.path)


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environment.get("HOME") or Path.home())
    yield Path(sys.executable)
    folders = [Path(folder) for folder in environment.get("PATH", os.defpath).split(":") if folder.startswith("/")]
    pyenv = Path(environment.get("PYENV_ROOT") or home / ".pyenv")
    for folder in dict.fromkeys([*folders, Path("/usr/local/bin")]):
        if folder != pyenv / "shims":  # shell scripts that lead, slowly, to the versions below
            yield from _named_pythons(folder)
    yield from sorted((pyenv / "versions").glob("*/bin/python"))
    yield from sorted(Path("/opt/techs").glob("python-*/bin/python3"))
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")
    uv = Path(environment.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    for folder in sorted(uv.glob("cpython-*/bin")):
        yield from _named_pythons(folder)


def _named_pythons(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if re.fullmatch(r"python\d+\.\d+", path.name))
    except OSError:  # PATH may name folders that are not there
        return []
