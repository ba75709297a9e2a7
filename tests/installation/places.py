"""Installations for tests: the folder of a container with nothing in it, and Pythons put where an image has them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from console.container import Container, find_container
from console.installation.interpreters import interpreters_under
from console.installation.launcher import launcher_text
from console.installation.places import Places, container_places
from console.playground import Interpreter
from console.playground.image import choose_interpreter, place_interpreter
from tests import needs

# A tree that tells how it was started.
_TELLING = """
import json, sys
print(json.dumps({"python": list(sys.version_info[:2]), "words": sys.argv[1:], "path": sys.path[0],
                  "executable": sys.executable, "isolated": sys.flags.isolated, "no_site": sys.flags.no_site}))
"""


def bare_container(root: Path) -> Container:
    """A folder that the console takes for a container; nothing runs in it."""
    (root / "srv" / "conf" / "supervisor.d").mkdir(parents=True)
    return find_container(root)


def launcher_alone(container: Container, oldest: int = 10) -> Places:
    """A launcher with a tree that prints, as JSON, how it was started."""
    places = container_places(container)
    tree = places.trees / "one"
    tree.mkdir(parents=True)
    (tree / "__main__.py").write_text(_TELLING)
    places.link.symlink_to("apps/one")
    places.launcher.parent.mkdir(exist_ok=True)
    places.launcher.write_bytes(launcher_text(places, oldest))
    places.launcher.chmod(0o755)
    return places


def image_python(root: Path, interpreter: Interpreter) -> Path:
    """Make it the image's Python; returns its path there."""
    place_interpreter(root, "image", interpreter)
    choose_interpreter(root, "image", interpreter.version)
    return root / "opt" / "python" / "bin" / interpreter.name


def need_the_machines_python() -> None:
    """One that a launcher outside of a playground finds."""
    if not interpreters_under(Path("/"), 10):
        needs.missing("a Python from 3.10 in /usr", everywhere=False)


def program(path: Path, script: str) -> Path:
    """An executable shell script at ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def watched_python(path: Path, interpreter: Interpreter, log: Path) -> Path:
    """``interpreter`` under another name, each start of which is a line in ``log``; its library stands beside it."""
    library = path.parents[1] / "lib" / interpreter.name
    library.parent.mkdir(parents=True, exist_ok=True)
    if not library.exists():
        library.symlink_to(interpreter.path.parents[1] / "lib" / interpreter.name)
    said = f'echo "{path.name} $1" >>{shlex.quote(str(log))}'
    return program(path, f'{said}\nexec {shlex.quote(str(interpreter.path))} "$@"')


def console(
    command: Sequence[str | Path], *words: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a console with ``words``; its output as text."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CONSOLE_", "LC_"))}
    return subprocess.run(
        [*map(str, command), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env={**inherited, "LANG": "C.UTF-8", **environment},
    )


def own_console(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The console of the tests' own environment."""
    return console([sys.executable, "-m", "console"], *words, cwd=None, **environment)
