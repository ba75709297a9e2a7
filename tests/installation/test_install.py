"""Installing, upgrading and taking out: real trees in the folder of a container in which nothing runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from console import __version__
from console.container import Container
from console.errors import ConsoleError, Locked, NothingThere
from console.installation import contents, install
from console.installation.install import Installation, plan_install
from console.installation.places import Places, container_places, prefix_places
from console.installation.tree import present_tree, running_from
from console.installation.uninstall import uninstall
from console.lock import held
from console.playground import Interpreter
from tests import containers, disks, needs
from tests.venv.snapshots import tree as snapshot
from tests.venv.snapshots import without_byte_code

from .places import bare_container, console, image_python, need_the_machines_python, own_console, program


@pytest.fixture
def bare(tmp_path: Path) -> Container:
    return bare_container(tmp_path / "c")


@pytest.fixture
def places(bare: Container) -> Places:
    return container_places(bare)


@pytest.fixture
def python(bare: Container) -> Interpreter:
    """The image's Python."""
    chosen = needs.minors("3.10", "3.14")[0]
    image_python(bare.root, chosen)
    return chosen


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without byte code, which takes most of an installation's time."""
    monkeypatch.setattr(install, "compile_packages", lambda *_arguments, **_named: 0)


def put(places: Places) -> Installation:
    return install.install(plan_install(places))


def version(places: Places) -> str:
    done = console([places.launcher], "--version")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def running(places: Places, python: Interpreter) -> Iterator[int]:
    """A process of the tree that is there now, as a console or a worker is one; its pid."""
    started = present_tree(places)
    assert started is not None
    code = "import sys; print(); sys.stdout.flush(); sys.stdin.read(); import console.tui.app; print('loaded')"
    (started.path / "waiting.py").write_text(code)
    command = [str(python.path), "-I", "-S", str(started.path), "waiting"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.stdin.close()
        assert process.stdout.read() == "loaded\n"  # what it had not needed before is still there
    (started.path / "waiting.py").unlink(missing_ok=True)


# -- the first one -------------------------------------------------------------------------------


def test_it_runs_where_it_was_put(places: Places, python: Interpreter) -> None:
    done = put(places)
    assert (done.version, done.before, done.downgrade, done.oldest_python) == (__version__, None, False, "3.10")
    assert done.compiled == (python.version,)
    assert (done.launcher, done.tree) == (places.launcher, places.link.resolve())
    assert done.bytes > 10_000_000
    assert version(places) == f"console {__version__}"
    assert json.loads(console([places.launcher], "static", "--json", "--explain").stdout)["commands"]


def test_its_byte_code_is_there_beforehand(places: Places, python: Interpreter) -> None:
    done = put(places)
    tag = "cpython-{}{}".format(*python.release)
    sources = {path for path in done.tree.rglob("*.py") if "seed" not in path.parts}
    compiled = [path for path in sources if list((path.parent / "__pycache__").glob(f"{path.stem}.{tag}.pyc"))]
    assert len(compiled) > 0.98 * len(sources)
    before = snapshot(done.tree)
    version(places)
    assert snapshot(done.tree) == before


def test_for_another_python_byte_code_is_written_at_the_first_run(places: Places, python: Interpreter) -> None:
    done = put(places)
    others = needs.minors("3.10", "3.14")[1:]
    if not others:
        needs.missing("two Pythons from 3.10")
    image_python(places.root, others[0])
    (places.root / "opt/.pythons" / python.version / "bin" / python.name).unlink()
    assert version(places) == f"console {__version__}"
    assert list(done.tree.glob("console/__pycache__/*.cpython-{}{}.pyc".format(*others[0].release)))


def test_nothing_in_it_names_an_interpreter_or_where_it_came_from(places: Places) -> None:
    done = put(places)
    assert not list(done.tree.rglob("*.pth"))
    assert not list(done.tree.rglob("direct_url.json"))
    assert [path.name for path in (done.tree / "bin").iterdir()] == ["uv"]
    assert b"/root/.pyenv" not in places.launcher.read_bytes()
    assert os.fsencode(sys.prefix) not in places.launcher.read_bytes()
    subprocess.run([done.tree / "bin" / "uv", "--version"], check=True, capture_output=True)


def test_everybody_may_run_what_an_administrator_put_there(places: Places, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        done = put(prefix_places(tmp_path / "usr" / "local", Path("/")))
    finally:
        os.umask(before)
    for path in (done.tree, *done.tree.rglob("*"), done.launcher, done.launcher.parent, done.tree.parents[1]):
        mode = path.lstat().st_mode
        assert mode & 0o004, path
        assert mode & 0o001 or not path.is_dir(), path


def test_who_may_not_write_there_runs_it_all_the_same() -> None:
    if os.geteuid() != 0:
        needs.missing("the right to become another user")
    need_the_machines_python()
    folder = containers.new_folder()
    folder.chmod(0o755)
    try:
        places = prefix_places(folder / "local", Path("/"))
        put(places)
        before = snapshot(folder)
        nobody = [str(needs.program("setpriv")), "--reuid=65534", "--regid=65534", "--clear-groups"]
        done = console([*nobody, str(places.launcher)], "--version", HOME="/nonexistent")
        assert (done.stdout, done.stderr) == (f"console {__version__}\n", "")
        assert snapshot(folder) == before
    finally:
        containers.remove(folder)


def test_without_any_python_it_is_put_there_and_said(places: Places) -> None:
    done = put(places)
    assert done.compiled == ()
    assert "There is no Python" in " ".join(done.notes)
    assert console([places.launcher]).returncode == 3


# -- over another one ----------------------------------------------------------------------------


@pytest.mark.usefixtures("quick")
def test_what_runs_goes_on_with_its_own_tree(places: Places, python: Interpreter) -> None:
    first = put(places).tree
    with running(places, python) as pid:
        second = put(places)
        third = put(places)
        assert third.in_use == (first,)
        assert third.removed == ()
        assert running_from(first) == (pid,)
        assert first.is_dir()
        assert places.link.resolve() == third.tree
    fourth = put(places)
    assert fourth.removed == tuple(sorted((first, second.tree)))
    assert sorted(places.trees.iterdir()) == sorted((third.tree, fourth.tree))


def test_the_one_before_stays_for_whoever_is_just_starting_it(places: Places) -> None:
    first = put(places).tree
    second = put(places)
    assert (second.removed, first.is_dir()) == ((), True)


def test_what_did_not_change_takes_no_room_again(places: Places, python: Interpreter) -> None:
    first = put(places)
    plan = plan_install(places)
    assert plan.bytes_needed == 0
    second = put(places)
    for name in ("bin/uv", "textual/app.py", "console/__main__.py"):
        assert (first.tree / name).samefile(second.tree / name)
    cached = next((first.tree / "textual" / "__pycache__").glob("app.*.pyc"))
    assert cached.samefile(second.tree / "textual" / "__pycache__" / cached.name)


def test_an_older_one_is_put_there_and_said(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "__version__", "99.0")
    newer = put(places)
    assert newer.version == "99.0"
    monkeypatch.setattr(contents, "__version__", "98.0rc1")
    older = put(places)
    assert (older.version, older.before, older.downgrade) == ("98.0rc1", "99.0", True)
    again = put(places)
    assert (again.before, again.downgrade) == ("98.0rc1", False)


@pytest.mark.usefixtures("quick")
def test_an_installed_console_installs_itself_elsewhere(places: Places, python: Interpreter, tmp_path: Path) -> None:
    put(places)
    done = console([places.launcher], "install", "--to", tmp_path / "there", "--json")
    assert done.returncode == 0, done.stderr
    there = Path(json.loads(done.stdout)["tree"])
    here = places.link.resolve()
    copy, original = without_byte_code(snapshot(there)), without_byte_code(snapshot(here))
    assert copy.pop("tree.json") != original.pop("tree.json")  # each names the folders that were made for it
    assert copy == original
    away = here.rename(tmp_path / "away")
    assert console([tmp_path / "there" / "bin" / "console"], "--version").stdout == f"console {__version__}\n"
    assert away.is_dir()


# -- what stands in the way ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["script", "link", "dangling", "folder"])
def test_another_programs_command_is_not_replaced(places: Places, kind: str) -> None:
    places.launcher.parent.mkdir()
    if kind == "script":
        program(places.launcher, "echo mine")
    elif kind == "folder":
        places.launcher.mkdir()
    else:
        places.launcher.symlink_to("/bin/true" if kind == "link" else "/nonexistent")
    before = snapshot(places.root)
    for action in (plan_install, uninstall):
        with pytest.raises(ConsoleError, match="something else") as raised:
            action(places)
        assert raised.value.remedy
    assert snapshot(places.root) == before


def test_one_that_came_meanwhile_is_not_replaced(places: Places) -> None:
    plan = plan_install(places)
    program(places.launcher, "echo mine")
    with pytest.raises(ConsoleError, match="something else"):
        install.install(plan)
    assert console([places.launcher]).stdout == "mine\n"


def test_a_folder_in_the_links_place_is_not_replaced(places: Places) -> None:
    places.link.mkdir(parents=True)
    with pytest.raises(ConsoleError, match="something else"):
        plan_install(places)


def test_where_nothing_may_be_written_it_says_so() -> None:
    refused = prefix_places(Path("/sys/kernel/console"), Path("/"))
    with pytest.raises(ConsoleError, match=r"Could not write /sys/kernel"):
        put(refused)


def test_two_at_once_are_refused(places: Places) -> None:
    half_built = places.trees / ".new-99.0-1"
    half_built.mkdir(parents=True)
    with held(places.lock, "install"), pytest.raises(Locked, match="installation of the console"):
        put(places)
    assert half_built.is_dir()  # the other one's
    put(places)
    assert not half_built.exists()


# -- faults in its middle --------------------------------------------------------------------------

# An installation that is killed right before the n-th call of a function.
_DEADLY = """
import importlib, os, signal, sys
from console.container import find_container
from console.installation.install import install, plan_install
from console.installation.places import container_places
module, name, number, root = sys.argv[1:]
home = importlib.import_module(module)
real, calls = getattr(home, name), 0
def deadly(*arguments, **named):
    global calls
    calls += 1
    if calls == int(number):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **named)
plan = plan_install(container_places(find_container(root)))
importlib.import_module("console.installation.install").compile_packages = lambda *arguments, **named: 0
setattr(home, name, deadly)
install(plan)
"""
_KILLS = [
    ("console.installation.tree", "_copy", 1),
    ("console.installation.tree", "_copy", 400),
    ("console.installation.install", "compile_packages", 1),
    ("console.installation.install", "finish_tree", 1),
    ("console.installation.install", "write_file", 1),
    ("console.installation.install", "replace_link", 1),
    ("console.installation.install", "remove_old", 1),
]


def _killed(places: Places, module: str, name: str, number: int) -> None:
    words = [module, name, str(number), str(places.root)]
    done = subprocess.run([sys.executable, "-c", _DEADLY, *words], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("module", "name", "number"), _KILLS)
def test_killed_at_the_first_time_the_next_one_succeeds(
    places: Places, python: Interpreter, module: str, name: str, number: int
) -> None:
    _killed(places, module, name, number)
    done = put(places)
    assert version(places) == f"console {__version__}"
    assert not [path for path in places.trees.iterdir() if path.name.startswith(".")]
    uninstall(places)
    assert not places.home.exists() or list(places.home.iterdir()) == []
    assert not done.tree.exists()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("module", "name", "number"), _KILLS)
def test_killed_the_old_one_works(places: Places, python: Interpreter, module: str, name: str, number: int) -> None:
    old = put(places)
    # All of the old files are other files, so that everything is copied; and so is the launcher.
    for path in old.tree.rglob("*"):
        if path.is_file() and path.suffix in (".py", ".md", ".txt"):
            path.write_bytes(path.read_bytes() + b"\n")
    places.launcher.write_bytes(places.launcher.read_bytes() + b"# of an older version\n")
    _killed(places, module, name, number)
    assert version(places) == f"console {__version__}"
    assert old.tree.is_dir()
    put(places)
    assert version(places) == f"console {__version__}"
    assert not [path for path in places.trees.iterdir() if path.name.startswith(".")]


def test_an_interrupt_leaves_nothing(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshot(places.root)

    def interrupted(*_arguments: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(install, "_compile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        put(places)
    assert snapshot(places.root) == before


_ON_A_SMALL_DISK = """
import sys
from pathlib import Path
from console.container import find_container
from console.errors import ConsoleError
from console.installation.install import install, plan_install
from console.installation.places import container_places
places = container_places(find_container(sys.argv[1]))
try:
    install(plan_install(places))
    print("installed")
except ConsoleError as error:
    print(error)
print(sorted(str(path) for path in places.root.rglob("*") if "/srv/bin" in str(path) or "/.console" in str(path)))
"""


@pytest.mark.parametrize("kilobytes", [5_000, 59_000])
def test_a_disk_that_is_too_small_is_left_as_it_was(bare: Container, kilobytes: int) -> None:
    said, left = disks.run_on_a_small_disk(bare.root, kilobytes, _ON_A_SMALL_DISK, [str(bare.root)]).splitlines()
    assert "The disk is full" in said
    assert left == "[]"


def test_a_disk_that_has_no_room_for_byte_code_is_left_as_it_was(bare: Container, python: Interpreter) -> None:
    said, left = disks.run_on_a_small_disk(bare.root, 72_000, _ON_A_SMALL_DISK, [str(bare.root)]).splitlines()
    assert "disk is full" in said
    assert left == "[]"


_UPGRADE_ON_A_SMALL_DISK = """
import subprocess, sys
from pathlib import Path
from console.container import find_container
from console.errors import ConsoleError
from console.installation import install
from console.installation.places import container_places
from console.installation.tree import Tree
places = container_places(find_container(sys.argv[1]))
install.same_files = lambda contents, old: frozenset()  # a version in which every file is another one
old = install.install(install.plan_install(places)).tree
try:
    install.install(install.plan_install(places))
except ConsoleError as error:
    print(error)
print(subprocess.run([places.launcher, "--version"], capture_output=True, text=True).stdout.strip())
print(places.link.resolve() == old, [path.name for path in places.trees.iterdir()] == [old.name])
"""


def test_an_upgrade_on_a_full_disk_leaves_the_old_one(bare: Container, python: Interpreter) -> None:
    said = disks.run_on_a_small_disk(bare.root, 130_000, _UPGRADE_ON_A_SMALL_DISK, [str(bare.root)])
    error, shown, left = said.splitlines()
    assert "disk is full" in error
    assert shown == f"console {__version__}"
    assert left == "True True"


# -- taking it out ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("quick")
def test_taken_out_the_rest_is_left_byte_for_byte(bare: Container, python: Interpreter) -> None:
    places = container_places(bare)
    backup = bare.backups / "python.conf.2026-01-01"
    job = bare.jobs / "one" / "job.json"
    for path in (backup, job, bare.state_dir / "app.json"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    before = snapshot(bare.root)
    put(places)
    put(places)
    assert version(places)
    assert places.last_python.exists()
    done = uninstall(places)
    assert done.version == __version__
    assert done.bytes > 10_000_000
    assert bare.backups in done.kept
    assert snapshot(bare.root) == before


def test_what_was_put_into_its_folders_stays(places: Places) -> None:
    put(places)
    mine = places.launcher.with_name("mine")
    mine.write_text("mine")
    uninstall(places)
    assert mine.read_text() == "mine"
    assert not places.launcher.exists()


def test_a_prefix_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "usr" / "local" / "lib").mkdir(parents=True)
    before = snapshot(tmp_path)
    places = prefix_places(tmp_path / "usr" / "local", Path("/"))
    put(places)
    uninstall(places)
    assert snapshot(tmp_path) == before


def test_while_a_job_is_at_work_it_stays(places: Places) -> None:
    put(places)
    assert places.container is not None
    with held(places.container.lock, "rebuild"), pytest.raises(Locked, match="rebuild"):
        uninstall(places)
    assert places.launcher.exists()


@pytest.mark.usefixtures("quick")
def test_while_something_runs_from_it_it_stays(places: Places, python: Interpreter) -> None:
    put(places)
    with running(places, python) as pid:
        put(places)
        with pytest.raises(Locked, match=str(pid)):
            uninstall(places)
        assert version(places)
    uninstall(places)


def test_where_none_is_there_it_says_so(places: Places) -> None:
    with pytest.raises(NothingThere) as raised:
        uninstall(places)
    assert str(places.launcher) in raised.value.title


@pytest.mark.usefixtures("quick")
def test_it_takes_itself_out(places: Places, python: Interpreter) -> None:
    put(places)
    refused = console([places.launcher], "uninstall")
    assert refused.returncode == 2
    assert version(places)
    done = console([places.launcher], "uninstall", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["version"] == __version__
    assert not places.launcher.exists()
    assert not places.trees.exists()


# -- the command line ------------------------------------------------------------------------------


def test_it_says_what_it_did_and_how_to_start_it(bare: Container, python: Interpreter) -> None:
    done = own_console("--root", bare.root, "install", PATH=os.environ["PATH"])
    assert done.returncode == 0, done.stderr
    assert f"✓ Console {__version__}" in done.stdout
    assert f"export PATH={bare.srv}/bin:$PATH" in done.stdout
    again = own_console("--root", bare.root, "install", PATH=f"{bare.srv}/bin:{os.environ['PATH']}")
    assert "which was there before, anew" in again.stdout
    assert "Start it with: console" in again.stdout
    assert "export PATH" not in again.stdout


def test_json_has_its_names(bare: Container) -> None:
    told = json.loads(own_console("--root", bare.root, "install", "--json").stdout)
    assert told.keys() == {
        *("launcher", "tree", "version", "before", "downgrade", "oldest_python", "lacking", "compiled", "bytes"),
        *("removed", "in_use", "on_path", "path_line", "notes"),
    }
    assert (told["version"], told["before"], told["oldest_python"]) == (__version__, None, "3.10")


@pytest.mark.parametrize("words", [("--dry-run",), ("--explain",), ("--dry-run", "--json"), ("--explain", "--json")])
def test_looking_changes_nothing(bare: Container, words: tuple[str, ...]) -> None:
    before = snapshot(bare.root)
    done = own_console("--root", bare.root, "install", *words)
    assert done.returncode == 0, done.stderr
    assert str(bare.srv) in done.stdout
    assert snapshot(bare.root) == before


def test_without_a_container_there_has_to_be_a_place(tmp_path: Path) -> None:
    need_the_machines_python()
    assert own_console("--root", tmp_path, "install").returncode == 3
    assert own_console("install", "--to", tmp_path / "there").returncode == 0
    assert console([tmp_path / "there/bin/console"], "--root", tmp_path, "status").returncode == 3
    assert own_console("uninstall", "--to", tmp_path / "there", "--yes").returncode == 0
    assert own_console("uninstall", "--to", tmp_path / "there", "--yes").returncode == 3
