"""What of real virtualenvs is nobody's: of each maker, of old Pythons, and with what people put into them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from console.venv.own_files import own_files, own_modules
from tests import needs

from .conftest import make_venv
from .wheels import make_wheel, place_distribution


def _run(*command: str | Path, **environment: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr


def _virtualenv(python: Path, folder: Path, tools: Path) -> None:
    _run(sys.executable, "-m", "virtualenv", "--no-periodic-update", "-q", "-p", python, folder)


def _copies(python: Path, folder: Path, tools: Path) -> None:
    _run(sys.executable, "-m", "virtualenv", "--copies", "--no-periodic-update", "-q", "-p", python, folder)


def _venv(python: Path, folder: Path, tools: Path) -> None:
    _run(python, "-m", "venv", folder)


def _uv(python: Path, folder: Path, tools: Path) -> None:
    _run(sys.executable, "-m", "uv", "venv", "-q", "-p", python, folder)


def _old_virtualenv(release: str, *options: str) -> Callable[[Path, Path, Path], None]:
    def make(python: Path, folder: Path, tools: Path) -> None:
        target = ["--target", str(tools), f"virtualenv=={release}"]
        installed = subprocess.run([python, "-m", "pip", "install", "-q", *target], check=False, capture_output=True)
        if installed.returncode != 0:
            needs.missing(f"virtualenv {release}")
        _run(python, "-m", "virtualenv", "-q", *options, folder, PYTHONPATH=str(tools))

    return make


@pytest.mark.parametrize(
    ("version", "make", "packages"),
    [
        pytest.param("3.11", _virtualenv, ["gunicorn", "bottle"], id="virtualenv"),
        pytest.param("3.11", _copies, ["gunicorn"], id="virtualenv with copies"),
        pytest.param("3.13", _venv, ["gunicorn", "bottle"], id="venv"),
        pytest.param("3.11", _uv, ["gunicorn", "bottle"], id="uv"),
        pytest.param("3.6", _venv, ["gunicorn<21", "bottle<0.13"], id="venv of 3.6"),
        pytest.param("2.7", _old_virtualenv("16.7.12"), ["gunicorn<20", "bottle<0.13"], id="virtualenv 16 of 2.7"),
        pytest.param("2.7", _old_virtualenv("20.15.1"), ["gunicorn<20", "bottle<0.13"], id="virtualenv 20 of 2.7"),
        pytest.param("2.7", _old_virtualenv("16.7.12", "--always-copy"), ["bottle<0.13"], id="copies of 2.7"),
    ],
)
def test_only_what_a_person_put_there_is_told(
    tmp_path: Path, version: str, make: Callable[[Path, Path, Path], None], packages: Sequence[str]
) -> None:
    venv = tmp_path / "venv"
    make(needs.interpreter(version).path, venv, tmp_path / "tools")
    python = venv / "bin" / "python"
    if make is _uv:
        _run(sys.executable, "-m", "uv", "pip", "install", "-q", "-p", python, *packages)
    else:
        _run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages)
    _run(python, "-c", f"import {', '.join(name.partition('<')[0] for name in packages)}, logging, json")
    assert own_files(venv) == ()

    site = next(venv.glob("lib/python*/site-packages"))
    start = site.relative_to(venv).as_posix()
    put = ["bin/deploy.sh", "bin/pipeline", "secret.key", f"{start}/gunicorn/mine.py", f"{start}/mylib/__init__.py"]
    for name in [*put, f"{start}/mylib/__pycache__/x.pyc", f"{start}/mylib/__init__.pyc"]:
        (venv / name).parent.mkdir(parents=True, exist_ok=True)
        (venv / name).touch()
    assert own_files(venv) == tuple(sorted(put))
    assert own_files(venv, limit=2) == tuple(sorted(put))[:2]
    assert own_modules(venv, site) == (("mylib",) if "gunicorn" in " ".join(packages) else ("gunicorn", "mylib"))


def test_a_symlink_to_a_virtualenv_is_followed_and_links_in_it_are_not(tmp_path: Path) -> None:
    make_venv(Path(sys.executable).resolve(), tmp_path / "real")
    (tmp_path / "venv").symlink_to("real")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").touch()
    (tmp_path / "venv" / "site").symlink_to(tmp_path / "site")
    assert own_files(tmp_path / "venv") == ("site",)


def test_files_of_a_wheel_outside_site_packages_are_its_own(tmp_path: Path) -> None:
    site = make_venv(Path(sys.executable).resolve(), tmp_path / "venv")
    files = {"data-1.data/data/share/doc/read me.txt": "", "data-1.data/scripts/go": "#!python\n", "data.py": ""}
    wheel = make_wheel(tmp_path, "data", "1", files=files)
    _run(sys.executable, "-m", "uv", "pip", "install", "-q", "-p", tmp_path / "venv" / "bin" / "python", wheel)
    assert (tmp_path / "venv" / "share" / "doc" / "read me.txt").exists()
    assert own_files(tmp_path / "venv") == ()
    assert own_modules(tmp_path / "venv", site) == ()


def test_what_older_installers_left_is_a_packages_own(tmp_path: Path) -> None:
    site = make_venv(Path(sys.executable).resolve(), tmp_path / "venv")
    bin_folder = tmp_path / "venv" / "bin"

    def place(name: str, text: str = "") -> None:
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)

    # pip with setup.py; setup.py install; distutils; easy_install; pip stopped while it removed something
    place("one-1.egg-info/installed-files.txt", f"../one/a.py\n../../../../bin/one\n{bin_folder}/one-abs\n")
    place("one/a.py")
    place("two-1.egg-info/top_level.txt", "two\n..\n.\n/\n")
    place("two-1.egg-info/entry_points.txt", "[console_scripts]\ntwo = two:main\n../x = y\n[broken\n")
    place("two/deep/a.txt")
    place("two.so")
    place("two.cpython-311-x86_64-linux-gnu.so")
    place("Three-1.egg-info", "Name: Three\n")
    place("three.py")
    place("four-1-py3.8.egg/EGG-INFO/PKG-INFO", "Name: four\n")
    place("four-1-py3.8.egg/EGG-INFO/entry_points.txt", "[console_scripts]\nfour = four:main\n")
    place("five-1-py3.8.egg")
    place("easy-install.pth")
    place("six.egg-link")
    place("~umpy/core.py")
    for name in ("one", "one-abs", "four", "five", "mine"):
        text = "# EASY-INSTALL-ENTRY-SCRIPT: 'five'" if name == "five" else ""
        (bin_folder / name).write_text(text)
    os.mkfifo(bin_folder / "pipe")
    place("three/mine.txt")
    assert own_files(tmp_path / "venv") == ("bin/mine", "bin/pipe")
    place("twofold.py")
    assert own_modules(tmp_path / "venv", site) == ("twofold.py",)


def test_a_record_quotes_names_with_commas(tmp_path: Path) -> None:
    site = make_venv(Path(sys.executable).resolve(), tmp_path / "venv")
    place_distribution(site, "odd", "1")
    (site / "odd-1.dist-info" / "RECORD").write_text('"a,b.py",,\nc.py,,\n')
    for name in ("a,b.py", "c.py"):
        (site / name).touch()
    assert own_files(tmp_path / "venv") == ()


@pytest.mark.parametrize("record", [b"\0\n", b'"' + b"x" * 200_000, b"\xff\xfe,,\n", b"../../../../../etc,,\n,\n", b""])
def test_a_broken_record_stops_nothing(tmp_path: Path, record: bytes) -> None:
    site = make_venv(Path(sys.executable).resolve(), tmp_path / "venv")
    place_distribution(site, "odd", "1")
    (site / "odd-1.dist-info" / "RECORD").write_bytes(record)
    (site / "mine.py").touch()
    assert own_files(tmp_path / "venv") == (f"{site.relative_to(tmp_path / 'venv')}/mine.py",)


def test_what_is_no_virtualenv_has_files_or_none(tmp_path: Path) -> None:
    assert own_files(tmp_path / "gone") == ()
    (tmp_path / "a").touch()
    assert own_files(tmp_path / "a") == ()
    assert own_files(tmp_path) == ("a",)
    (tmp_path / "loop").symlink_to("loop")
    assert own_files(tmp_path / "loop") == ()
    assert own_modules(tmp_path, tmp_path / "elsewhere" / "site-packages") == ()


def test_ten_thousand_files_take_less_than_a_second(tmp_path: Path) -> None:
    site = make_venv(Path(sys.executable).resolve(), tmp_path / "venv")
    place_distribution(site, "big", "1")
    rows = []
    for folder in range(100):
        (site / "big" / str(folder)).mkdir(parents=True)
        for file in range(100):
            (site / "big" / str(folder) / f"{file}.py").touch()
            rows.append(f"big/{folder}/{file}.py,sha256=x,0\n")
    (site / "big-1.dist-info" / "RECORD").write_text("".join(rows))
    began = time.process_time()
    assert own_files(tmp_path / "venv") == ()
    assert time.process_time() - began < 1.0
