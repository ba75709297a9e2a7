"""The server in a program's command, and in what runs from it."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.programs.config import program_config
from console.programs.server import Server, find_server, take_apart

from .sandbox import Sandbox
from .waiting import wait_for


@pytest.mark.parametrize(
    ("command", "name", "arguments"),
    [
        ("/srv/venv/bin/gunicorn -b :8080 app:app", "gunicorn", ("-b", ":8080", "app:app")),
        ("gunicorn app", "gunicorn", ("app",)),
        ("/srv/venv/bin/python /srv/venv/bin/gunicorn app", "gunicorn", ("app",)),
        ("/srv/venv/bin/python3.11 -m gunicorn -w 2 app", "gunicorn", ("-w", "2", "app")),
        ("python3 -u -W ignore -m gunicorn.app.wsgiapp app", "gunicorn", ("app",)),
        ("/srv/venv/bin/uvicorn app:app", "uvicorn", ("app:app",)),
        ("python -m waitress app:app", "waitress-serve", ("app:app",)),
        ("/srv/venv/bin/waitress-serve --port 8080 app:app", "waitress-serve", ("--port", "8080", "app:app")),
    ],
)
def test_a_command_is_taken_apart(command: str, name: str, arguments: tuple[str, ...]) -> None:
    words = command.split()
    found = take_apart(words)
    assert found is not None
    assert (found[0], found[2]) == (name, arguments)
    assert [*found[1], *found[2]] == words


@pytest.mark.parametrize(
    "command",
    ["/srv/venv/bin/python run.py", "python", "python -m", "python gunicorn.py", "/srv/app/start.sh gunicorn app", ""],
)
def test_what_starts_no_known_server_is_none(command: str) -> None:
    assert take_apart(command.split()) is None


@given(st.lists(st.sampled_from(["python", "-m", "gunicorn", "/x/uvicorn", "env", "A=1", ""]) | st.text(), max_size=6))
def test_any_command_is_taken_apart_without_a_loss(words: list[str]) -> None:
    found = take_apart(words)
    assert found is None or [*found[1], *found[2]] == words


@pytest.mark.parametrize(
    ("arguments", "target", "folder"),
    [
        ("--port 80 main:app", ("main", "app"), "."),
        ("--bind unix:run.sock site.asgi:application", ("site.asgi", "application"), "."),
        ("--app-dir src main:app.inner", ("main", "app.inner"), "src"),
        ("--app-dir=src main:make()", ("main", "make"), "src"),
        ("--host localhost:8000", None, "."),
        ("", None, "."),
    ],
)
def test_what_it_serves_is_in_its_arguments(arguments: str, target: tuple[str, str] | None, folder: str) -> None:
    server = Server("uvicorn", ("/srv/venv/bin/uvicorn",), tuple(arguments.split()), None, {})
    assert (server.target, server.module_folder) == (target, folder)


def test_its_interpreter_is_the_one_in_front_or_in_its_shebang(tmp_path: Path) -> None:
    script = tmp_path / "uvicorn"
    script.write_text("#!/opt/python/bin/python3\n")
    assert Server("uvicorn", (str(script),), (), None, {}).python == "/opt/python/bin/python3"
    assert Server("uvicorn", ("/x/python3.11", "-m", "uvicorn"), (), None, {}).python == "/x/python3.11"
    assert Server("uvicorn", ("uvicorn",), (), None, {}).python is None


def _found(sandbox: Sandbox) -> Server | None:
    config = program_config(sandbox.container, "app")
    assert config is not None
    return find_server(sandbox.container, config)


def test_env_in_front_is_looked_behind(sandbox: Sandbox) -> None:
    sandbox.add("app", "env MODE=live X= /x/bin/gunicorn app:app", environment='MODE="test",OTHER="1"')
    found = _found(sandbox)
    assert found is not None
    assert (found.name, found.front, found.arguments) == ("gunicorn", ("/x/bin/gunicorn",), ("app:app",))
    assert {name: found.environment[name] for name in ("MODE", "X", "OTHER")} == {"MODE": "live", "X": "", "OTHER": "1"}
    assert found.directory == sandbox.container.app


def test_behind_a_shell_the_process_that_runs_tells_it(sandbox: Sandbox) -> None:
    """Its folder and its environment too, as the shell has left them."""
    inner = sandbox.container.app / "inner"
    inner.mkdir()
    script = inner / "gunicorn"
    script.write_text("import time\ntime.sleep(1000)\n")
    line = f"cd inner; MODE=live {sys.executable} -I -S {script} --bind :1 app:app; true"
    sandbox.add("app", f"/bin/sh -c {shlex.quote(line)}", stopasgroup="true")
    assert _found(sandbox) is None
    sandbox.up()
    wait_for(lambda: _found(sandbox) is not None)
    found = _found(sandbox)
    assert found is not None
    assert found.front == (sys.executable, "-I", "-S", str(script))
    assert found.arguments == ("--bind", ":1", "app:app")
    assert found.directory == Path(os.path.realpath(inner))
    assert found.environment["MODE"] == "live"
    sandbox.client.stop("app", wait=True)
    assert _found(sandbox) is None


def test_what_is_no_server_is_none_also_while_it_runs(sandbox: Sandbox) -> None:
    sandbox.add("app", "/bin/sleep 1000")
    sandbox.up()
    assert _found(sandbox) is None
