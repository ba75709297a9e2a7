"""The installer of one file, without a network: made of this environment as `make dist` makes it of a clean one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from console import __version__
from console.container import Container
from console.installation.places import container_places, prefix_places
from console.installation.single_file import make_installer
from tests import disks, needs

from .places import bare_container, console, image_python, need_the_machines_python

# pip and uv would come nowhere with these, and nothing else of the console asks a network.
_OFFLINE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"}


@pytest.fixture(scope="module")
def installer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_installer(tmp_path_factory.mktemp("dist"))


@pytest.fixture
def bare(tmp_path: Path) -> Container:
    made = bare_container(tmp_path / "c")
    image_python(made.root, needs.minors("3.10", "3.14")[0])
    return made


def _without_a_network() -> list[str]:
    """A network namespace without an interface, where the kernel allows it."""
    command = ["unshare", "--net", *(["--user", "--map-root-user"] if os.geteuid() != 0 else [])]
    return command if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0 else []


def temporary(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("shell", ["dash", "busybox sh"])
def test_it_installs_into_a_container(installer: Path, bare: Container, shell: str, tmp_path: Path) -> None:
    name, *words = shell.split()
    command = [*_without_a_network(), str(needs.program(name)), *words, str(installer)]
    used = temporary(tmp_path / "tmp")
    done = console(command, "--root", bare.root, cwd=tmp_path, TMPDIR=str(used), **_OFFLINE)
    assert done.returncode == 0, done.stderr
    places = container_places(bare)
    assert console([places.launcher], "--version").stdout == f"console {__version__}\n"
    assert str(installer.parent).encode() not in places.launcher.read_bytes()
    assert list(used.iterdir()) == []


def test_it_passes_its_arguments_on(installer: Path, tmp_path: Path) -> None:
    need_the_machines_python()
    done = console([installer], "--to", tmp_path / "a place", "--json", cwd=tmp_path, **_OFFLINE)
    assert done.returncode == 0, done.stderr
    places = prefix_places(tmp_path / "a place", Path("/"))
    assert console([places.launcher], "--version").stdout == f"console {__version__}\n"
    assert console([installer], "--nonsense", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("damage", ["cut", "changed", "longer"])
def test_a_damaged_one_does_nothing(installer: Path, bare: Container, tmp_path: Path, damage: str) -> None:
    data = installer.read_bytes()
    middle = len(data) // 2
    damaged = {
        "cut": data[:middle],
        "changed": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "longer": data + b"x",
    }[damage]
    path = tmp_path / "damaged.sh"
    path.write_bytes(damaged)
    used = temporary(tmp_path / "tmp")
    done = console(["sh", path], "--root", bare.root, cwd=tmp_path, TMPDIR=str(used))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The installer is damaged: its digest is wrong. Nothing was changed; fetch it again.\n"
    assert not bare.state_dir.exists()
    assert list(used.iterdir()) == []


def test_one_that_is_cut_in_its_script_does_nothing(installer: Path, bare: Container, tmp_path: Path) -> None:
    script = installer.read_bytes().partition(b"\n__ARCHIVE__\n")[0]
    used = temporary(tmp_path / "tmp")
    path = tmp_path / "cut.sh"
    for end in range(0, len(script) - 10, 350):
        path.write_bytes(script[:end])
        console(["sh", path], "--root", bare.root, TMPDIR=str(used))
    assert not bare.state_dir.exists()
    assert list(used.iterdir()) == []


@pytest.mark.parametrize("kilobytes", [10_000, 50_000])
def test_without_room_to_unpack_it_says_where_it_needs_some(
    installer: Path, bare: Container, tmp_path: Path, kilobytes: int
) -> None:
    with disks.mounted(temporary(tmp_path / "tmp"), kilobytes) as small:
        done = console(["sh", installer], "--root", bare.root, TMPDIR=str(small))
        assert list(small.iterdir()) == []
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "TMPDIR" in line
    assert not bare.state_dir.exists()


def test_on_another_machine_it_says_so(installer: Path, bare: Container, tmp_path: Path) -> None:
    uname = tmp_path / "bin" / "uname"
    uname.parent.mkdir()
    uname.write_text("#!/bin/sh\necho riscv64\n")
    uname.chmod(0o755)
    done = console(["sh", installer], "--root", bare.root, PATH=f"{uname.parent}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert "This installer is for" in done.stderr
    assert not bare.state_dir.exists()


def test_the_same_console_makes_the_same_installer(installer: Path, tmp_path: Path) -> None:
    assert make_installer(tmp_path).read_bytes() == installer.read_bytes()


def test_shellcheck_finds_nothing(installer: Path, tmp_path: Path) -> None:
    header = tmp_path / "header.sh"
    header.write_bytes(installer.read_bytes().partition(b"\n__ARCHIVE__\n")[0] + b"\n")
    done = console([needs.program("shellcheck"), header])
    assert done.returncode == 0, done.stdout
