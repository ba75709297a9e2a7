"""Whether an app's code loads, tried with real gunicorns without starting them."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uv

from console.container import Container
from console.programs.entry_point import EntryPoint, check_entry_point
from console.programs.processes import tree

from .. import containers, needs
from .sandbox import Sandbox
from .waiting import wait_for

# What each is told, to serve ``app`` of main.py.
SERVERS = {
    "uvicorn": "--port {port} main:app",
    "hypercorn": "--bind 127.0.0.1:{port} main:app",
    "daphne": "-p {port} main:app",
    "waitress": "--listen=127.0.0.1:{port} main:app",
    "granian": "--interface wsgi --port {port} main:app",
}


@pytest.fixture(scope="module")
def place() -> Iterator[Container]:
    needs.program("nginx")
    made = containers.make(running=False)
    yield made
    containers.remove(made.root)


@pytest.fixture
def app(place: Container) -> Iterator[Path]:
    """The app's file, as it was again afterwards."""
    file = place.app / "app.py"
    text = file.read_text()
    yield file
    file.write_text(text)


def files(folder: Path) -> set[tuple[Path, int]]:
    return {(path, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_sound_code_loads_and_nothing_is_left_behind(place: Container) -> None:
    before = files(place.app)
    found = check_entry_point(place)
    assert (found.ok, found.verdict, found.note) == (True, None, "")
    assert files(place.app) == before


def test_broken_code_gives_the_verdict_and_the_output(place: Container, app: Path) -> None:
    app.write_text("import nosuchmodule\n")
    found = check_entry_point(place)
    assert not found.ok
    assert found.verdict is not None
    assert found.verdict.cause == "import-error"
    assert found.verdict.title.startswith("The code of app does not load: ")
    assert any("nosuchmodule" in line for line in found.output)


def test_a_module_that_the_command_names_and_nobody_wrote_is_not_a_package_to_install(
    place: Container, app: Path
) -> None:
    app.rename(app.with_name("elsewhere.py"))
    found = check_entry_point(place)
    app.with_name("elsewhere.py").rename(app)
    assert found.verdict is not None
    assert (found.verdict.cause, found.verdict.action) == ("import-error", "logs")
    assert "in the command" in found.verdict.remedy


def test_an_app_that_is_named_wrongly_is_an_import_error(place: Container, app: Path) -> None:
    app.write_text("app = None\n")
    found = check_entry_point(place)
    assert not found.ok
    assert found.verdict is not None
    assert found.verdict.cause == "import-error"


def test_code_that_hangs_is_given_up_with_all_its_processes(place: Container, app: Path) -> None:
    app.write_text("import subprocess\nsubprocess.run(['/bin/sleep', '98765'])\n")
    began = time.monotonic()
    found = check_entry_point(place, timeout=0.7)
    assert time.monotonic() - began < 10
    assert not found.ok
    assert found.verdict is not None
    assert found.verdict.cause == "no-answer"
    assert subprocess.run(["pgrep", "-f", "sleep 98765"], check=False, stdout=subprocess.DEVNULL).returncode == 1


def test_an_attempt_that_somebody_kills_has_shown_nothing(place: Container, app: Path) -> None:
    app.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    found = check_entry_point(place)
    assert (found.ok, found.killed) == (False, True)
    app.write_text("raise SystemExit(9)\n")
    assert not check_entry_point(place).killed


def test_another_virtualenv_can_be_tried_before_it_is_in_place(place: Container, tmp_path: Path) -> None:
    good = check_entry_point(place, interpreter=place.venv / "bin" / "python")
    assert good.ok
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "empty"], check=True)
    bad = check_entry_point(place, interpreter=tmp_path / "empty" / "bin" / "python")
    assert not bad.ok
    assert bad.verdict is not None
    assert bad.verdict.cause == "import-error"
    assert "gunicorn" in bad.verdict.title


def test_a_program_that_cannot_be_tried_says_so(place: Container) -> None:
    nginx = check_entry_point(place, "nginx")
    assert nginx.ok
    assert "cannot be tried" in nginx.note
    assert "no program nobody" in check_entry_point(place, "nobody").note


def test_a_dead_command_is_told_without_trying(sandbox: Sandbox) -> None:
    sandbox.add("app", f"{sandbox.container.venv}/bin/gunicorn app:app")
    found = check_entry_point(sandbox.container)
    assert not found.ok
    assert found.verdict is not None
    assert found.verdict.cause == "dead-virtualenv"
    assert tree(2**22 + 1) == ()


def test_a_script_is_compiled_by_its_own_python(sandbox: Sandbox) -> None:
    script = sandbox.container.app / "run.py"
    sandbox.add("app", f"{sys.executable} run.py")
    script.write_text("raise SystemExit('it was run')\n")
    good = check_entry_point(sandbox.container)
    assert (good.ok, good.output) == (True, ())
    assert "syntax" in good.note
    script.write_text("def (:\n")
    bad = check_entry_point(sandbox.container)
    assert not bad.ok
    assert bad.verdict is not None
    assert (bad.verdict.cause, bad.verdict.detail) == ("syntax-error", "run.py:1")
    script.unlink()
    missing = check_entry_point(sandbox.container)
    assert not missing.ok
    assert missing.verdict is not None
    assert "FileNotFoundError" in missing.verdict.title


def test_old_python_has_its_own_syntax(sandbox: Sandbox) -> None:
    python = needs.interpreter("2.7")
    (sandbox.container.app / "run.py").write_text('print "hello"\n')
    sandbox.add("app", f"{python.path} run.py")
    assert check_entry_point(sandbox.container).ok


def test_what_a_line_of_shell_has_started_is_tried_as_it_was_started(sandbox: Sandbox, place: Container) -> None:
    """The command names no server: the process that runs does, with its folder and environment."""
    inner = sandbox.container.app / "inner"
    inner.mkdir()
    code = inner / "mysite.py"
    code.write_text("import os\nassert os.environ['MODE'] == 'live'\napplication = print\n")
    gunicorn = f"{place.venv}/bin/gunicorn --bind 127.0.0.1:{sandbox.container.app_port} mysite:application"
    line = f"cd {inner} && MODE=live exec {gunicorn} --chdir {inner}"
    sandbox.add("app", f"/bin/sh -c {shlex.quote(line)}", stopasgroup="true")
    unknown = check_entry_point(sandbox.container)
    assert unknown.ok
    assert "cannot be tried" in unknown.note
    sandbox.up()
    wait_for(lambda: not check_entry_point(sandbox.container).note)
    assert check_entry_point(sandbox.container).ok
    code.write_text("import nosuchmodule\n")
    for interpreter in (None, place.venv / "bin" / "python"):
        broken = check_entry_point(sandbox.container, interpreter=interpreter)
        assert not broken.ok
        assert broken.verdict is not None
        assert broken.verdict.cause == "import-error"
        assert "nosuchmodule" in broken.verdict.title


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtualenv with the other servers."""
    folder = tmp_path_factory.mktemp("servers") / "venv"
    subprocess.run([uv.find_uv_bin(), "venv", "-q", "--python", sys.executable, folder], check=True)
    install = [uv.find_uv_bin(), "pip", "install", "-q", "--python", str(folder)]
    subprocess.run([*install, *SERVERS], check=True)
    return folder


@pytest.mark.parametrize("by", ["its script", "python -m"])
@pytest.mark.parametrize(("package", "options"), list(SERVERS.items()))
def test_other_servers_load_what_they_serve(
    sandbox: Sandbox, servers: Path, tmp_path: Path, package: str, options: str, by: str
) -> None:
    script = servers / "bin" / ("waitress-serve" if package == "waitress" else package)
    front = str(script) if by == "its script" else f"{servers}/bin/python -m {package}"
    sandbox.add("app", f"{front} {options}".format(port=sandbox.container.app_port))
    code = sandbox.container.app / "main.py"
    code.write_text("def app(*_): pass\n")
    assert check_entry_point(sandbox.container) == EntryPoint(True, (), None)
    code.write_text("def application(*_): pass\n")
    misnamed = check_entry_point(sandbox.container)
    assert not misnamed.ok
    assert misnamed.verdict is not None
    assert (misnamed.verdict.cause, "'app'" in misnamed.verdict.title) == ("import-error", True)
    code.write_text("import nosuchmodule\n")
    broken = check_entry_point(sandbox.container, interpreter=servers / "bin" / "python")
    assert not broken.ok
    assert broken.verdict is not None
    assert "nosuchmodule" in broken.verdict.title
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "empty"], check=True)
    lacking = check_entry_point(sandbox.container, interpreter=tmp_path / "empty" / "bin" / "python")
    assert not lacking.ok
    assert lacking.verdict is not None
    assert package in lacking.verdict.title


def test_a_server_that_names_no_module_cannot_be_tried(sandbox: Sandbox, servers: Path) -> None:
    sandbox.add("app", f"{servers}/bin/uvicorn --help")
    found = check_entry_point(sandbox.container)
    assert found.ok
    assert "cannot be tried" in found.note
