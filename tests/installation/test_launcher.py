"""The launcher, with trees that only tell how they were started: under the shells that images have."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.container import Container
from console.installation.interpreters import interpreters_under
from console.installation.launcher import is_launcher
from console.installation.places import Places, container_places, prefix_places
from console.playground import Interpreter
from tests import needs

from .places import bare_container, console, image_python, launcher_alone, program, watched_python


@pytest.fixture(params=["dash", "busybox sh"])
def shell(request: pytest.FixtureRequest) -> list[str]:
    name, *words = request.param.split()
    return [str(needs.program(name)), *words]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """With signs in it that mean something to a shell."""
    return tmp_path / "it's $HOME"


@pytest.fixture
def bare(root: Path) -> Container:
    return bare_container(root)


@pytest.fixture
def places(bare: Container) -> Places:
    return launcher_alone(bare)


def _served() -> tuple[Interpreter, ...]:
    return needs.minors("3.10", "3.14")


def told(command: list[str], *words: str, cwd: Path | None = None, **environment: str) -> Any:
    done = console(command, *words, cwd=cwd, **environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def _release(interpreter: Interpreter) -> list[int]:
    return list(interpreter.release[:2])


# -- which one ---------------------------------------------------------------------------------


def test_the_images_python_is_found(places: Places, shell: list[str]) -> None:
    for interpreter in _served():
        image_python(places.root, interpreter)
        places.last_python.unlink(missing_ok=True)
        said = told([*shell, str(places.launcher)])
        assert said["python"] == _release(interpreter)
        assert (said["isolated"], said["no_site"]) == (1, 1)


@pytest.mark.parametrize("where", ["usr/bin/{name}", "usr/local/bin/{name}", "opt/techs/python-{version}/bin/python3"])
def test_the_newest_is_taken_wherever_it_is(places: Places, shell: list[str], where: str, tmp_path: Path) -> None:
    newest, *others = _served()
    others = others or [newest]
    log = tmp_path / "starts"
    watched_python(places.root / where.format(name=newest.name, version=newest.version), newest, log)
    image_python(places.root, others[0])
    watched_python(places.root / "usr/local/bin" / others[-1].name, others[-1], log)
    assert told([*shell, str(places.launcher)])["python"] == _release(newest)


def test_no_other_python_is_started_to_find_it(places: Places, shell: list[str], tmp_path: Path) -> None:
    newest, *others = _served()
    log = tmp_path / "starts"
    for each in (newest, *others):
        watched_python(places.root / f"opt/techs/python-{each.version}/bin/python3", each, log)
        watched_python(places.root / "usr/bin" / each.name, each, log)
    told([*shell, str(places.launcher)])
    starts = log.read_text().splitlines()
    # Asked whether it runs, by -V, which does not begin to run Python; then started.
    assert [line.split()[1] for line in starts] == ["-V", "-I"]
    assert len({line.split()[0] for line in starts}) == 1


def test_a_python_without_a_number_is_known_by_its_neighbours(places: Places, shell: list[str], tmp_path: Path) -> None:
    newest, *others = _served()
    if not others:
        needs.missing("two Pythons from 3.10")
    log = tmp_path / "starts"
    watched_python(places.root / "usr/bin/python3", newest, log)  # its library stands in usr/lib/python3.X
    watched_python(places.root / "usr/local/bin" / others[0].name, others[0], log)
    assert told([*shell, str(places.launcher)])["python"] == _release(newest)
    assert len(log.read_text().splitlines()) == 2


def test_a_python_that_nothing_tells_of_is_asked(places: Places, shell: list[str]) -> None:
    newest = _served()[0]
    python = places.root / "usr/bin/python3"
    python.parent.mkdir(parents=True)
    python.symlink_to(newest.path)
    assert told([*shell, str(places.launcher)])["python"] == _release(newest)


def test_what_only_looks_like_a_python_is_not_started(places: Places, shell: list[str], tmp_path: Path) -> None:
    good = _served()[0]
    image_python(places.root, good)
    log = tmp_path / "starts"
    for name in ("python3.99-config", "python3-config", "python3.99t", "python39"):
        program(places.root / "usr/bin" / name, f"echo {name} >>{log}")
    (places.root / "usr/bin/python3.98").mkdir()
    (places.root / "usr/bin/python3.97").write_text("not executable")
    assert told([*shell, str(places.launcher)])["python"] == _release(good)
    assert not log.exists()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    releases=st.lists(st.tuples(st.integers(8, 30), st.integers(0, 40), st.booleans()), min_size=1, max_size=6),
    oldest=st.integers(10, 14),
)
def test_the_choice_is_the_newest_that_runs(
    tmp_path_factory: pytest.TempPathFactory, releases: list[tuple[int, int, bool]], oldest: int
) -> None:
    """Whatever is there: of those that run and are new enough, the highest version."""
    places = launcher_alone(bare_container(tmp_path_factory.mktemp("many")), oldest)
    running = {}
    for minor, patch, runs in releases:
        version = f"3.{minor}.{patch}"
        script = f'[ "$1" = -V ] && echo "Python {version}" || echo {version}' if runs else "exit 127"
        program(places.root / f"opt/techs/python-{version}/bin/python3", script)
        running[minor, patch] = runs
    good = [release for release, runs in running.items() if runs and release[0] >= oldest]
    done = console(["sh", places.launcher])
    if good:
        assert done.stdout.strip() == "3.{}.{}".format(*max(good))
    else:
        assert done.returncode == 3


def test_python_sees_the_same_pythons(places: Places, shell: list[str]) -> None:
    """What byte code is made for beforehand is what the launcher finds."""
    for number, interpreter in enumerate(_served()):
        place = ("usr/bin", "usr/local/bin", "opt/python/bin")[number % 3]
        path = places.root / place / interpreter.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(interpreter.path)
    found = interpreters_under(places.root, 10)
    assert [each.version for each in found] == [each.version for each in _served()]
    for each in found:
        assert told([*shell, str(places.launcher)])["executable"] == str(each.path)
        each.path.unlink()
    assert console([*shell, places.launcher]).returncode == 3


# -- the one that it last ran with -------------------------------------------------------------


def test_it_stays_with_the_one_it_last_ran_with(places: Places, shell: list[str]) -> None:
    newest, *others = _served()
    if not others:
        needs.missing("two Pythons from 3.10")
    old = image_python(places.root, others[0])
    assert told([*shell, str(places.launcher)])["python"] == _release(others[0])
    newer = places.root / "usr/bin" / newest.name
    newer.parent.mkdir(parents=True)
    newer.symlink_to(newest.path)
    assert told([*shell, str(places.launcher)])["python"] == _release(others[0])
    old.unlink()
    (old.parent / "python").unlink()
    (old.parent / "python3").unlink()
    assert told([*shell, str(places.launcher)])["python"] == _release(newest)


@pytest.mark.parametrize("last", ["", "/nonexistent", "no newline", "*\n", "$(touch pwned)\n", "/\n", "\0\n"])
def test_what_it_wrote_down_is_only_trusted_when_it_runs(
    places: Places, shell: list[str], last: str, tmp_path: Path
) -> None:
    image_python(places.root, _served()[0])
    places.last_python.write_text(last)
    assert told([*shell, str(places.launcher)], cwd=tmp_path)["python"] == _release(_served()[0])
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    "script", ["echo Python 3.9.1", "echo Python 2.7.18 >&2", "exit 127", "echo nonsense", "kill -9 $$"]
)
def test_one_that_is_too_old_or_broken_now_is_left(places: Places, shell: list[str], script: str) -> None:
    image_python(places.root, _served()[0])
    last = program(places.root / "other", script)
    places.last_python.write_text(f"{last}\n")
    assert told([*shell, str(places.launcher)])["python"] == _release(_served()[0])
    assert places.last_python.read_text() != f"{last}\n"


def test_it_runs_where_nothing_can_be_written_down(places: Places, shell: list[str]) -> None:
    image_python(places.root, _served()[0])
    places.last_python.mkdir()
    for _time in range(2):
        assert told([*shell, str(places.launcher)])["python"] == _release(_served()[0])


# -- interpreters that do not run ----------------------------------------------------------------


def test_one_whose_libc_is_missing_does_not_stop_the_search(places: Places, shell: list[str]) -> None:
    good = _served()[0]
    image_python(places.root, good)
    broken = places.root / "usr/bin/python3.99"
    broken.parent.mkdir(parents=True)
    binary = good.path.read_bytes()
    loader = re.search(rb"/lib\w*/ld-linux[\w.-]+\.so\.\d", binary)
    assert loader is not None
    broken.write_bytes(binary.replace(loader.group(), loader.group()[:-1] + b"9"))
    broken.chmod(0o755)
    with pytest.raises(FileNotFoundError):
        subprocess.run([broken, "-V"], check=False)
    assert told([*shell, str(places.launcher)])["python"] == _release(good)


def test_one_whose_library_is_missing_does_not_stop_the_search(places: Places, shell: list[str]) -> None:
    good = _served()[0]
    image_python(places.root, good)
    lonely = places.root / "usr/bin" / "python3.99"
    lonely.parent.mkdir(parents=True)
    prefix = os.fsencode(good.path.parents[1])
    lonely.write_bytes(good.path.read_bytes().replace(prefix, prefix[:-1] + b"#"))
    lonely.chmod(0o755)
    assert subprocess.run([lonely, "-I", "-S", "-c", ""], capture_output=True, check=False).returncode != 0
    assert told([*shell, str(places.launcher)])["python"] == _release(good)


def test_one_with_a_part_of_the_library_does_not_stop_the_search(places: Places, shell: list[str]) -> None:
    """Debian's python3-minimal has os.py, but no asyncio."""
    newest, *others = _served()
    if not others:
        needs.missing("two Pythons from 3.10")
    image_python(places.root, others[0])
    minimal = places.root / "usr"
    (minimal / "bin").mkdir(parents=True)
    shutil.copy2(newest.path, minimal / "bin" / newest.name)
    library = minimal / "lib" / newest.name
    library.mkdir(parents=True)
    for each in (newest.path.parents[1] / "lib" / newest.name).iterdir():
        if each.name not in ("asyncio", "site-packages"):
            (library / each.name).symlink_to(each)
    subprocess.run([minimal / "bin" / newest.name, "-I", "-S", "-c", "import os"], check=True)
    assert told([*shell, str(places.launcher)])["python"] == _release(others[0])


@pytest.mark.parametrize(("language", "words"), [("cs_CZ.UTF-8", "Python"), ("en_US.UTF-8", "found no Python")])
def test_without_a_python_one_sentence_says_what_was_looked_for(
    places: Places, shell: list[str], language: str, words: str
) -> None:
    program(places.root / "usr/bin/python3", "echo Python 3.9.18")
    done = console([*shell, places.launcher], "status", LANG=language)
    assert (done.returncode, done.stdout) == (3, "")
    (line,) = done.stderr.splitlines()
    assert words in line
    for looked_for in ("3.10", "usr/bin", "opt/techs/python-*", "opt/python", "usr/local/bin"):
        assert looked_for in line


def test_without_its_tree_it_says_so(places: Places, shell: list[str]) -> None:
    image_python(places.root, _served()[0])
    places.link.unlink()
    done = console([*shell, places.launcher], "status")
    assert (done.returncode, done.stdout) == (3, "")
    assert "install it again" in done.stderr


# -- how it is called ----------------------------------------------------------------------------


def test_arguments_come_through_as_they_are(places: Places, shell: list[str]) -> None:
    image_python(places.root, _served()[0])
    words = ["", "a b", "*", "$HOME", "'", '"', "\\", "-c", "--", "ěš", "line\nbreak", "-"]
    assert told([*shell, str(places.launcher)], *words)["words"] == ["console", *words]


def test_it_is_found_however_it_is_called(places: Places, tmp_path: Path) -> None:
    image_python(places.root, _served()[0])
    absolute, relative, second = tmp_path / "absolute", places.root / "relative", tmp_path / "second"
    absolute.symlink_to(places.launcher)
    relative.symlink_to("srv/bin/console")
    second.symlink_to("absolute")
    tree = str((places.trees / "one").resolve())
    ways: list[tuple[list[str], Path]] = [
        ([str(places.launcher)], Path("/")),
        (["./console"], places.launcher.parent),
        (["bin/console"], places.launcher.parents[1]),
        (["../bin/../bin/console"], places.launcher.parent),
        (["sh", "console"], places.launcher.parent),
        ([str(absolute)], Path("/")),
        ([str(relative)], Path("/")),
        ([str(second)], Path("/")),
        (["sh", "-c", 'PATH="$0:$PATH" && console', str(places.launcher.parent)], Path("/")),
    ]
    for command, cwd in ways:
        assert told(command, cwd=cwd)["path"] == tree, command


def test_the_path_of_its_tree_is_that_of_one_version(places: Places) -> None:
    """A console that runs has to go on with its own files when the link leads to others."""
    image_python(places.root, _served()[0])
    assert told([str(places.launcher)])["path"].endswith("/apps/one")


@pytest.mark.parametrize(
    "nonsense", [{"PYTHONPATH": "/nonexistent"}, {"PYTHONHOME": "/nonexistent"}, {"CDPATH": "/tmp"}, {"IFS": "/"}]
)
def test_the_environment_has_no_say(places: Places, shell: list[str], nonsense: dict[str, str]) -> None:
    image_python(places.root, _served()[0])
    said = told([*shell, "./console"], cwd=places.launcher.parent, **nonsense)
    assert said["python"] == _release(_served()[0])


# -- its text ------------------------------------------------------------------------------------


def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    places = launcher_alone(bare_container(tmp_path / "plain"))
    done = console([needs.program("shellcheck"), places.launcher])
    assert done.returncode == 0, done.stdout


def test_it_is_known_by_its_mark(places: Places, tmp_path: Path) -> None:
    assert is_launcher(places.launcher)
    other = program(tmp_path / "other", "echo mine")
    assert not is_launcher(other)
    assert not is_launcher(tmp_path / "missing")
    link = tmp_path / "link"
    link.symlink_to(places.launcher)
    assert not is_launcher(link)


def test_a_prefix_outside_of_the_container_looks_on_the_machine(bare: Container, tmp_path: Path) -> None:
    assert prefix_places(tmp_path / "elsewhere", bare.root).root == Path("/")
    assert prefix_places(bare.root / "usr/local", bare.root).root == bare.root
    inside = prefix_places(bare.root / "usr/local", bare.root)
    assert inside.launcher == bare.root / "usr/local/bin/console"
    assert inside.home == bare.root / "usr/local/lib/rosti-console"
    assert inside.home_from_prefix == "lib/rosti-console"
    assert container_places(bare).home_from_prefix == ".console"
