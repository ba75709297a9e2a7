"""The console after its Python is gone: installed under one, it runs under each other one that the machine has."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.health.http import ask
from console.installation.places import Places, container_places
from console.lock import holder
from console.playground import Interpreter, switch_python
from console.venv.look import read_venv
from tests import containers, needs
from tests.faults.scene import wait
from tests.terminal import Terminal

from .places import console, own_console

PYTHONS = needs.minors("3.10", "3.14")
_BACKEND = """
import json, os, pathlib, sys
def _tell(name):
    pathlib.Path(os.environ["TOLD"], name).write_text(json.dumps([dict(os.environ), sys.path]))
def _metadata(folder):
    info = pathlib.Path(folder, "telling-1.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: telling\\nVersion: 1\\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    return info
def prepare_metadata_for_build_wheel(folder, settings=None):
    _tell("metadata")
    return _metadata(folder).name
def build_wheel(folder, settings=None, metadata=None):
    import zipfile
    _tell("build")
    info = _metadata(folder)
    with zipfile.ZipFile(pathlib.Path(folder, "telling-1-py3-none-any.whl"), "w") as wheel:
        for file in info.iterdir():
            wheel.write(file, f"{info.name}/{file.name}")
        wheel.writestr(f"{info.name}/RECORD", "")
    return "telling-1-py3-none-any.whl"
"""
_PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@pytest.fixture(scope="module")
def place() -> Iterator[Places]:
    """A container whose image has the first Python, with a console that was installed under it."""
    needs.program("nginx")
    made = containers.make(python=PYTHONS[0].version)
    done = own_console("--root", made.root, "install")
    assert done.returncode == 0, done.stderr
    places = container_places(find_container(made.root))
    assert console([places.launcher], "--version").returncode == 0
    yield places
    containers.remove(made.root)


def _stand_on(places: Places, python: Interpreter) -> Container:
    """The image has ``python``, and no other."""
    switch_python(places.root, python.version)
    return find_container(places.root)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a shell may have in its environment, each of which keeps a Python from starting, or misleads it."""
    folder = tmp_path_factory.mktemp("hostile")
    for name in ("sitecustomize", "usercustomize", "json", "click", "console", "runpy"):
        (folder / f"{name}.py").write_text("raise SystemExit('a module from PYTHONPATH')\n")
    return {
        "PYTHONPATH": str(folder),
        "PYTHONHOME": str(folder),
        "PYTHONSTARTUP": str(folder / "json.py"),
        "PYTHONPLATLIBDIR": "nonsense",
        "PYTHONINSPECT": "1",
        "PYTHONNODEBUGRANGES": "1",
        "VIRTUAL_ENV": str(folder / "venv"),
        "CONDA_PREFIX": str(folder),
        "UV_PYTHON": "/nonexistent",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "HOME": str(folder),
    }


def test_there_are_two_pythons() -> None:
    if len(PYTHONS) < 2:
        needs.missing("two Pythons from 3.10")


@pytest.mark.parametrize("python", PYTHONS[1:] + PYTHONS[:1], ids=lambda each: each.version)
def test_under_another_python_it_sees_mends_and_shows(
    place: Places, python: Interpreter, hostile: dict[str, str]
) -> None:
    container = _stand_on(place, python)
    # The virtualenv of the former Python is dead, and the console says so.
    told = json.loads(console([place.launcher], "status", "--json", cwd=None, **hostile).stdout)
    assert (told["container"]["python"], told["venv"]["state"]) == (python.version, "dead")
    assert Path(place.last_python.read_text().strip()).resolve() == python.path

    done = console([place.launcher], "venv", "rebuild", "--yes", cwd=None, **hostile)
    assert done.returncode == 0, done.stderr + done.stdout
    assert read_venv(container, probe=True).python == python.version
    answer = ask(container.app_port)
    assert answer is not None
    assert answer.status == 200

    with Terminal([str(place.launcher)], environment=hostile) as terminal:
        terminal.wait_for(r"app RUNNING")
        terminal.wait_for(r"The site is up")
        terminal.press("v")
        terminal.wait_for(rf"{python.version}")
        terminal.wait_for(r"b Rebuild")
        terminal.press("b")
        terminal.wait_for(r"Rebuild the virtualenv\?", 30)  # planned by a process of its own
        terminal.press("q")
        terminal.wait_for(lambda text: "Rebuild the virtualenv?" not in text)
        terminal.press("qq")
        assert terminal.wait_for_end() == 0


# -- nothing of it reaches the customer's own programs ---------------------------------------------


def test_neither_builds_nor_the_app_nor_the_virtualenv_get_the_tree(place: Places, tmp_path: Path) -> None:
    container = find_container(place.root)
    project = container.srv / "telling"
    project.mkdir()
    (project / "pyproject.toml").write_text(_PROJECT)
    (project / "backend.py").write_text(_BACKEND)
    before = container.requirements.read_text()
    app = (container.app / "app.py").read_text()
    record = f"open({str(tmp_path)!r} + '/app-%d' % os.getpid(), 'w').write(json.dumps([dict(os.environ), sys.path]))"
    recording = f"import json, os, sys\n{record}\n"
    try:
        container.requirements.write_text(f"{before}\n{project}\n")
        (container.app / "app.py").write_text(recording + app)
        done = console([place.launcher], "venv", "rebuild", "--yes", TOLD=str(tmp_path))
        assert done.returncode == 0, done.stderr + done.stdout
        told = sorted(path.name.partition("-")[0] for path in tmp_path.iterdir())
        assert {"app", "build"} <= set(told)
        assert told.count("app") >= 2  # the check before the switch, and the app itself
        for path in tmp_path.iterdir():
            environment, search = json.loads(path.read_text())
            assert not {"PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "PYTHONNOUSERSITE"} & environment.keys()
            environment.pop("UV", None)  # uv's own, which tells a build where its program is
            assert not [value for value in environment.values() if "/.console/" in value], path.name
            assert not [each for each in search if "/.console/" in each], path.name
        python = container.venv / "bin" / "python"
        code = "import sys; print(sys.path); import console"
        alone = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False, cwd="/")
        assert ".console" not in alone.stdout
        assert "No module named 'console'" in alone.stderr
        for script in container.venv.resolve().rglob("*"):
            if script.is_file() and script.suffix in (".pth", ".cfg", ".py", "") and "pip" not in script.parts:
                assert os.fsencode(place.trees) not in script.read_bytes(), script
    finally:
        container.requirements.write_text(before)
        (container.app / "app.py").write_text(app)
        shutil.rmtree(project)


def test_the_shell_is_the_customers_own(place: Places) -> None:
    container = find_container(place.root)
    with Terminal([str(place.launcher)], columns=160) as terminal:
        terminal.wait_for(r"The site is up")
        terminal.press("!")
        terminal.wait_for(r"Ctrl\+D goes back")
        terminal.press(
            "env | grep -c -e '^PYTHONPATH=' -e '^PYTHONHOME=' -e '/apps/'; python -c 'import console'; echo told=$?\n"
        )
        terminal.wait_for(r"told=1")
        assert "No module named 'console'" in terminal.text
        assert "\n0\n" in terminal.text
        terminal.press("command -v python\n")
        terminal.wait_for(str(container.venv.resolve()))
        terminal.press("exit\n")
        terminal.wait_for(r"The site is up")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


# -- a Python with a broken start of its own -------------------------------------------------------


def _python_with(root: Path, python: Interpreter, sitecustomize: str) -> Path:
    """``python`` as the image's, with a ``sitecustomize`` in its own site-packages and none else's packages."""
    prefix = root / "opt" / "python"
    if prefix.is_symlink():
        prefix.unlink()
    library = prefix / "lib" / python.name
    (prefix / "bin").mkdir(parents=True)
    packages = library / "site-packages"
    packages.mkdir(parents=True)
    shutil.copy2(python.path, prefix / "bin" / python.name)
    for each in (python.path.parents[1] / "lib" / python.name).iterdir():
        if each.name != "site-packages":
            (library / each.name).symlink_to(each)
    (packages / "sitecustomize.py").write_text(sitecustomize)
    (packages / "evil.pth").write_text("import sys; sys.stderr.write('a pth file ran\\n')\n")
    return prefix / "bin" / python.name


@pytest.mark.parametrize("sitecustomize", ["raise SystemExit(7)", "1/0", "import sys; sys.modules['click'] = None"])
def test_a_broken_sitecustomize_does_not_matter(tmp_path: Path, sitecustomize: str) -> None:
    from .places import bare_container

    container = bare_container(tmp_path / "c")
    done = own_console("--root", container.root, "install")
    assert done.returncode == 0, done.stderr
    places = container_places(container)
    python = _python_with(container.root, PYTHONS[0], sitecustomize)
    broken = subprocess.run([python, "-c", "import click"], capture_output=True, text=True, check=False)
    assert broken.returncode != 0 or "a pth file ran" in broken.stderr
    done = console([places.launcher], "--version")
    assert (done.returncode, done.stderr) == (0, "")
    for words in (("venv", "rebuild", "--yes"), ("venv", "recover")):  # planned here; and by a worker
        said = console([places.launcher], *words)
        assert "pth file" not in said.stderr
        assert "ZeroDivision" not in said.stderr
    # The worker began, which a Python with that sitecustomize does not.
    assert any((job / "journal.jsonl").exists() for job in container.jobs.iterdir())
    assert holder(container.lock) is None


def test_inside_an_active_virtualenv_it_is_itself(place: Places, tmp_path: Path) -> None:
    """One with another Textual, and with a package by the console's own name."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    packages = next(venv.glob("lib/python*/site-packages"))
    for name in ("textual", "console", "click"):
        (packages / f"{name}.py").write_text("raise SystemExit('another one')\n")
    path = f"{venv}/bin:{os.environ['PATH']}"
    done = console([place.launcher], "status", VIRTUAL_ENV=str(venv), PATH=path)
    assert done.returncode == 0, done.stderr
    assert "The site is up" in done.stdout
    wait(lambda: holder(find_container(place.root).lock) is None)
