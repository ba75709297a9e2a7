"""The interpreters of the playground's image: folders of links to Pythons of this machine.

A Python finds its library from its real binary, so a link runs like the original; taking the link away kills a
virtualenv made from it, as a changed image does.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterable
from pathlib import Path

from ..atomic import replace_link, write_file
from ..own_python import own_command
from .interpreters import Interpreter
from .templates import filled

OLDEST_FOR_VIRTUALENV = (3, 9)  # what virtualenv 21 creates for


def place_interpreter(root: Path, generation: str, interpreter: Interpreter) -> None:
    """Make the image offer ``interpreter``, without choosing it."""
    folder = _folder(root, generation, interpreter.version)
    tools = folder / "bin"
    tools.mkdir(parents=True, exist_ok=True)
    replace_link(tools / interpreter.name, interpreter.path)
    for name in dict.fromkeys((f"python{interpreter.release[0]}", "python")):
        replace_link(tools / name, interpreter.name)
    prefix = interpreter.path.parents[1]
    for name in ("lib", "include"):
        if (prefix / name).is_dir():
            replace_link(folder / name, prefix / name)
    if generation == "runtime":
        return
    values = {"VIRTUALENV": _virtualenv_command(interpreter), "NAME": interpreter.name}
    write_file(tools / "virtualenv", filled("virtualenv", values), mode=0o755)
    if interpreter.release >= (3, 3):
        write_file(tools / "pyvenv", filled("pyvenv", values), mode=0o755)


def choose_interpreter(root: Path, generation: str, version: str) -> None:
    """Make the placed interpreter of ``version`` the image's Python."""
    if generation == "image":
        replace_link(root / "opt" / "python", Path(".pythons") / version)
    else:
        replace_link(root / "srv" / "bin" / "primary_tech", Path("../../opt/techs") / f"python-{version}" / "bin")


def chosen_version(root: Path, generation: str) -> str | None:
    """The version of the image's Python, from the link that chooses it."""
    link = root / "opt" / "python" if generation == "image" else root / "srv" / "bin" / "primary_tech"
    if not link.is_symlink():
        return None
    target = link.readlink()
    return target.name if generation == "image" else target.parent.name.removeprefix("python-")


def chosen_python(root: Path, generation: str, interpreter: Interpreter) -> Path:
    """The path of the image's Python as a virtualenv has to be made from it.

    By its full name: the plain ``python`` would point to the next Python after a switch, and the virtualenv
    would go on with the wrong one instead of dying.
    """
    if generation == "image":
        return root / "opt" / "python" / "bin" / interpreter.name
    return root / "opt" / "techs" / f"python-{interpreter.version}" / "bin" / interpreter.name


def keep_reachable(root: Path, old: Interpreter, new: Interpreter) -> None:
    """Let the old Python of the image generation be found beside the new one, under its full name."""
    if old.name != new.name:
        replace_link(root / "opt" / ".pythons" / new.version / "bin" / old.name, old.path)


def remove_interpreters(root: Path, generation: str, versions: Iterable[str]) -> None:
    """Take these interpreters out of the image."""
    for version in versions:
        shutil.rmtree(_folder(root, generation, version), ignore_errors=True)


def _folder(root: Path, generation: str, version: str) -> Path:
    if generation == "image":
        return root / "opt" / ".pythons" / version
    return root / "opt" / "techs" / f"python-{version}"


def _virtualenv_command(interpreter: Interpreter) -> str:
    own = f'"$(dirname "$0")/{interpreter.name}"'
    if interpreter.release >= OLDEST_FOR_VIRTUALENV:
        return f"{shlex.join(own_command('virtualenv'))} --python {own}"
    return f"{own} -m {'venv' if interpreter.release >= (3, 3) else 'virtualenv'}"
