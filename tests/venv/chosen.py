"""Containers of the runtime generation: programs of the chosen interpreter, and virtualenvs made by its symlink."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from console.container import Container
from console.events import ignore
from console.playground.interpreters import ask_interpreter
from console.playground.sample_venv import install_requirements
from console.programs.control import restart
from console.programs.table import read_programs


def link(container: Container) -> str | None:
    """The text of the symlink that chooses."""
    return str(container.primary_tech.readlink()) if container.primary_tech.is_symlink() else None


def text_for(container: Container, version: str) -> str:
    """The text that the playground gives the symlink for ``version``."""
    return f"../../opt/techs/python-{version}/bin"


def add_worker(container: Container, name: str = "worker") -> None:
    """A program that runs by the symlink, not from the virtualenv."""
    script = container.app / f"{name}.py"
    script.write_text("import time\ntime.sleep(1000)\n")
    (container.srv / "conf" / "supervisor.d" / f"{name}.conf").write_text(
        f"[program:{name}]\ncommand={container.primary_tech}/python3 {script}\nstartsecs=0\nautorestart=true\n"
    )
    subprocess.run([container.srv / "bin" / "supervisorctl", "update"], check=True, capture_output=True)


def make_venv_by_the_link(container: Container) -> None:
    """The virtualenv as the hosting's own menu makes it: its interpreter is whichever the symlink leads to."""
    shutil.rmtree(container.venv)
    python = container.primary_tech / "python3"
    subprocess.run([python, "-m", "venv", container.venv], check=True)
    interpreter = ask_interpreter(python)
    assert interpreter is not None
    install_requirements(container.venv, container.requirements, interpreter, ignore)
    first = Path(os.path.normpath(container.venv / "bin" / os.readlink(container.venv / "bin" / "python3")))  # noqa: PTH115
    assert first == python
    assert restart(container, "app").ok


def program_python(container: Container, name: str) -> str:
    """The real interpreter that the program runs in."""
    pid = next(program.pid for program in read_programs(container)[1] if program.full_name == name)
    return os.path.realpath(f"/proc/{pid}/exe")
