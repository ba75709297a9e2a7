"""Whether a command can be run, with real virtualenvs."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from console.container import Container
from console.programs.executable import command_problem, interpreter_problem, shebang


@pytest.fixture
def place(tmp_path: Path) -> Container:
    srv = tmp_path / "srv"
    (srv / "app").mkdir(parents=True)
    conf = tmp_path / "supervisord.conf"
    return Container(
        tmp_path, "image", srv, srv / "app", srv / "venv", srv, conf, conf, conf, srv / "sock", srv / "log", ()
    )


def make_venv(path: Path) -> None:
    venv.EnvBuilder(symlinks=True).create(path)


def script(path: Path, first_line: str, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(first_line + "\n")
    path.chmod(mode)
    return path


def cause(container: Container, command: Path | str) -> str | None:
    problem = command_problem(container, [str(command)])
    if problem is None:
        return None
    assert problem.reason
    assert problem.path
    return problem.cause


def test_a_command_in_a_living_virtualenv_is_fine(place: Container) -> None:
    make_venv(place.venv)
    command = script(place.venv / "bin" / "gunicorn", f"#!{place.venv}/bin/python")
    assert cause(place, command) is None
    subprocess.run([place.venv / "bin" / "python", "-c", ""], check=True)


def test_a_virtualenv_without_its_interpreter_is_dead(place: Container) -> None:
    make_venv(place.venv)
    command = script(place.venv / "bin" / "gunicorn", f"#!{place.venv}/bin/python")
    for python in place.venv.glob("bin/python*"):
        python.unlink()
    (place.venv / "bin" / "python").symlink_to("/opt/python-gone/bin/python")
    assert cause(place, command) == "dead-virtualenv"
    assert "/opt/python-gone/bin/python" in (interpreter_problem(place.venv) or "")


def test_a_virtualenv_whose_interpreter_does_not_run_is_dead(place: Container) -> None:
    make_venv(place.venv)
    python = place.venv / "bin" / "python"
    python.unlink()
    script(python, "#!/bin/sh\necho 'libpython3.8.so: cannot open shared object file' >&2\nexit 127")
    assert cause(place, place.venv / "bin" / "pip") == "dead-virtualenv"
    assert "libpython3.8.so" in (interpreter_problem(place.venv) or "")


def test_a_virtualenv_for_another_python_is_dead(place: Container) -> None:
    make_venv(place.venv)
    (library,) = place.venv.glob("lib/python3*")
    library.rename(library.with_name("python3.1"))
    reason = interpreter_problem(place.venv) or ""
    assert "3.1," in reason
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in reason


def test_a_missing_virtualenv_is_dead(place: Container) -> None:
    assert cause(place, place.venv / "bin" / "gunicorn") == "dead-virtualenv"


def test_a_command_missing_from_a_living_virtualenv_is_not_found(place: Container) -> None:
    make_venv(place.venv)
    assert cause(place, place.venv / "bin" / "gunicorn") == "command-not-found"


def test_commands_elsewhere(place: Container) -> None:
    assert cause(place, "/bin/sh") is None
    assert cause(place, "gunicorn") is None
    assert cause(place, place.app / "run") == "command-not-found"
    assert cause(place, script(place.app / "closed", "#!/bin/sh", 0o644)) == "permission"
    assert cause(place, place.app) == "permission"
    assert cause(place, script(place.app / "dead", "#!/srv/python-gone/bin/python -u")) == "command-not-found"
    assert command_problem(place, []) is None


def test_the_shebang_is_the_interpreters_path(tmp_path: Path) -> None:
    assert shebang(script(tmp_path / "a", "#! /usr/bin/env python3")) == "/usr/bin/env"
    assert shebang(script(tmp_path / "b", "#!")) is None
    assert shebang(Path("/bin/sh")) is None
    assert shebang(tmp_path / "none") is None
