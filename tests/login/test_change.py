"""Turning the login on and off: what is written, what is refused, and what stands after a fault."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.container import Container
from console.errors import ConsoleError, Locked, WrongUsage
from console.lock import held
from console.login.change import apply_login, plan_login, refresh_login
from console.login.look import read_login
from console.login.places import places_of
from tests.disks import run_on_a_small_disk

from .conftest import install


def turn(container: Container, wanted: str, *, notice: bool = False, discard_edits: bool = False) -> None:
    apply_login(container, plan_login(container, wanted, notice=notice, discard_edits=discard_edits))


def tree(folder: Path) -> dict[str, bytes | str]:
    """All files below ``folder`` but the console's own folder."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if (path.is_file() or path.is_symlink()) and ".console" not in path.parts
    }


def test_on_adds_the_block_keeps_the_file_and_says_so(container: Container) -> None:
    places = places_of(container)
    before = places.bashrc.read_bytes()
    plan = plan_login(container, "on")
    assert places.bashrc.read_bytes() == before
    assert plan.changes
    assert "+# >>> console login >>>" in plan.diff
    change = apply_login(container, plan)
    assert change.backup is not None
    assert change.backup.read_bytes() == before
    assert places.bashrc.read_bytes().startswith(before)
    assert (change.login.state, change.login.shows, change.login.line) == ("on", "screens", 2)
    assert change.login.problems == ()
    assert change.login == read_login(container)


def test_on_twice_changes_nothing_more(container: Container) -> None:
    turn(container, "on")
    plan = plan_login(container, "on")
    assert not plan.changes
    assert plan.diff == ""
    assert plan.commands == ()


def test_on_then_off_leaves_nothing_behind_but_the_backups(container: Container) -> None:
    before = tree(container.srv)
    turn(container, "on", notice=True)
    turn(container, "off")
    assert tree(container.srv) == before
    assert {path.name for path in container.state_dir.iterdir()} == {"backups", "login.lock"}
    assert not plan_login(container, "off").changes
    assert read_login(container).state == "off"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(data=st.binary(max_size=40), mode=st.sampled_from([0o644, 0o600, 0o755]))
def test_on_then_off_gives_back_any_bytes_and_the_mode(container: Container, data: bytes, mode: int) -> None:
    bashrc = places_of(container).bashrc
    bashrc.write_bytes(data)
    bashrc.chmod(mode)
    turn(container, "on")
    assert bashrc.read_bytes() != data
    turn(container, "off")
    assert (bashrc.read_bytes(), bashrc.stat().st_mode & 0o777) == (data, mode)


def test_a_file_of_somebody_else_in_the_folder_of_the_login_stays(container: Container) -> None:
    turn(container, "on")
    mine = places_of(container).folder / "mine"
    mine.write_text("mine")
    turn(container, "off")
    assert mine.exists()
    assert not plan_login(container, "off").changes


def test_a_bashrc_that_was_made_goes_again(container: Container) -> None:
    bashrc = places_of(container).bashrc
    bashrc.unlink()
    turn(container, "on")
    assert read_login(container).state == "on"
    turn(container, "off")
    assert not bashrc.exists()


@pytest.mark.parametrize("there", [True, False])
def test_a_symlink_stays_one(container: Container, there: bool) -> None:
    bashrc, target = places_of(container).bashrc, container.srv / "dotfiles"
    target.write_bytes(b"a")
    bashrc.unlink()
    bashrc.symlink_to("dotfiles")
    if not there:
        target.unlink()
    turn(container, "on")
    assert bashrc.is_symlink()
    assert b"console login" in target.read_bytes()
    turn(container, "off")
    assert bashrc.readlink() == Path("dotfiles")
    assert target.read_bytes() == b"a" if there else not target.exists()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.mkdir(), "not a regular file"),
        (lambda path: os.mkfifo(path), "not a regular file"),
        (lambda path: path.symlink_to("/dev/null"), "not a regular file"),
        (lambda path: path.symlink_to(path.name), "Could not read"),
    ],
    ids=["folder", "pipe", "device", "loop"],
)
def test_what_is_no_file_is_left_alone(container: Container, make: Callable[[Path], None], says: str) -> None:
    bashrc = places_of(container).bashrc
    bashrc.unlink()
    make(bashrc)
    with pytest.raises(ConsoleError, match=says):
        plan_login(container, "on")
    assert not places_of(container).script.exists()


def test_a_read_only_file_is_left_so(container: Container) -> None:
    bashrc = places_of(container).bashrc
    bashrc.chmod(0o444)
    with pytest.raises(ConsoleError, match="is read-only") as raised:
        plan_login(container, "on")
    assert "chmod u+w" in raised.value.remedy


def test_without_an_installed_console_nothing_is_changed(container: Container) -> None:
    places_of(container).launcher.unlink()
    before = tree(container.root)
    with pytest.raises(ConsoleError, match="not installed") as raised:
        plan_login(container, "on")
    assert "console install" in raised.value.remedy
    assert tree(container.root) == before
    assert not container.state_dir.exists()


def test_off_needs_no_installed_console(container: Container) -> None:
    turn(container, "on")
    places_of(container).launcher.unlink()
    assert any("console install" in problem.remedy for problem in read_login(container).problems)
    turn(container, "off")
    assert read_login(container).state == "off"


def test_an_edited_block_is_shown_and_kept_until_it_is_said_what_to_do(container: Container) -> None:
    bashrc = places_of(container).bashrc
    before = bashrc.read_bytes()
    turn(container, "on")
    bashrc.write_bytes(bashrc.read_bytes().replace(b"case ", b"echo mine; case "))
    edited = bashrc.read_bytes()
    told = read_login(container)
    assert told.state == "edited"
    assert "echo mine" in (told.block or "")
    for wanted in ("on", "off"):
        with pytest.raises(ConsoleError, match="edited by hand") as raised:
            plan_login(container, wanted)
        assert "echo mine" in raised.value.cause
        assert bashrc.read_bytes() == edited
    turn(container, "on", discard_edits=True)
    assert read_login(container).state == "on"
    bashrc.write_bytes(edited)
    turn(container, "off", discard_edits=True)
    assert bashrc.read_bytes() == before


def test_marks_that_are_no_pair_are_never_guessed_at(container: Container) -> None:
    bashrc = places_of(container).bashrc
    turn(container, "on")
    bashrc.write_bytes(bashrc.read_bytes().split(b"# <<<")[0] + b"mine\n")
    for wanted in ("on", "off"):
        with pytest.raises(ConsoleError, match="edited by hand") as raised:
            plan_login(container, wanted, discard_edits=True)
        assert "editor" in raised.value.remedy


def test_screens_and_notice_take_turns_without_touching_bashrc(container: Container) -> None:
    bashrc = places_of(container).bashrc
    turn(container, "on")
    written = bashrc.stat().st_ino
    plan = plan_login(container, "on", notice=True)
    assert plan.changes
    assert plan.diff == ""
    assert apply_login(container, plan).login.shows == "notice"
    turn(container, "on")
    assert read_login(container).shows == "screens"
    assert bashrc.stat().st_ino == written


def test_on_brings_back_a_console_that_has_stepped_aside(container: Container) -> None:
    places = places_of(container)
    turn(container, "on")
    places.fine.write_text("1764040000 exit 1\n1764040100 exit 139\n")
    places.fine.rename(places.aside)
    told = read_login(container)
    assert told.state == "aside"
    assert told.since is not None
    assert "139" in (told.failure or "")
    turn(container, "on")
    assert read_login(container).state == "on"


@pytest.mark.parametrize("kept", [b"", b"\xff\x00", b"1764040000 exit\n", b"x exit 1 2\n"])
def test_what_was_kept_about_a_failure_may_be_anything(container: Container, kept: bytes) -> None:
    places = places_of(container)
    turn(container, "on")
    places.fine.unlink()
    places.aside.write_bytes(kept)
    told = read_login(container)
    assert (told.state, told.failure) == ("aside", None)
    assert told.since is not None


def test_a_file_changed_after_the_plan_is_not_overwritten(container: Container) -> None:
    bashrc = places_of(container).bashrc
    plan = plan_login(container, "on")
    bashrc.write_bytes(b"other\n")
    with pytest.raises(ConsoleError, match="changed meanwhile"):
        apply_login(container, plan)
    assert bashrc.read_bytes() == b"other\n"
    assert not places_of(container).script.exists()


def test_a_made_file_that_was_changed_after_the_plan_is_not_removed(container: Container) -> None:
    bashrc = places_of(container).bashrc
    bashrc.unlink()
    turn(container, "on")
    plan = plan_login(container, "off")
    bashrc.write_bytes(bashrc.read_bytes() + b"mine\n")
    with pytest.raises(ConsoleError, match="changed meanwhile"):
        apply_login(container, plan)
    assert b"mine" in bashrc.read_bytes()
    assert read_login(container).state == "on"


def test_two_at_once_are_one_after_the_other(container: Container) -> None:
    plan = plan_login(container, "on")
    with held(places_of(container).lock, "login"), pytest.raises(Locked):
        apply_login(container, plan)
    assert read_login(container).state == "off"


def test_a_rebuild_at_work_does_not_keep_the_login_from_being_turned_off(container: Container) -> None:
    turn(container, "on")
    with held(container.lock, "rebuild"):
        turn(container, "off")
    assert read_login(container).state == "off"


def test_another_word_is_wrong_usage(container: Container) -> None:
    with pytest.raises(WrongUsage):
        plan_login(container, "maybe")


def test_on_with_a_full_disk_changes_nothing(container: Container) -> None:
    before = tree(container.srv)
    script = """
import sys
from pathlib import Path
from console.container import find_container
from console.errors import ConsoleError
from console.login.change import apply_login, plan_login
from console.login.places import places_of
container = find_container(sys.argv[1])
places = places_of(container)
before = places.bashrc.read_bytes()
plan = plan_login(container, "on")
try:
    Path(container.srv / "filler").write_bytes(b"x" * 10_000_000)
except OSError:
    pass
try:
    apply_login(container, plan)
except ConsoleError as error:
    print(error)
print(places.bashrc.read_bytes() == before, places.script.exists())
"""
    said = run_on_a_small_disk(container.srv, 200, script, [str(container.root)])
    assert "The disk is full" in said
    assert said.endswith("True False\n")
    assert tree(container.srv) == before


def test_an_upgrade_writes_the_scripts_anew_only_where_the_login_is_on(container: Container) -> None:
    places = places_of(container)
    assert not refresh_login(container)
    assert not places.script.exists()
    turn(container, "on", notice=True)
    places.run.write_text("old\n")
    assert plan_login(container, "on", notice=True).changes
    assert refresh_login(container)
    assert not plan_login(container, "on", notice=True).changes
    assert read_login(container).shows == "notice"


def test_a_bashrc_that_bash_does_not_understand_is_told(container: Container) -> None:
    places_of(container).bashrc.write_text("if true; then\n")
    turn(container, "on")
    (problem,) = read_login(container).problems
    assert "bash does not understand .bashrc" in problem.title
    places_of(container).bashrc.write_text("cat <<END\n")
    turn(container, "on")
    (problem,) = read_login(container).problems
    assert "here-document" in problem.title


@pytest.mark.parametrize("line", ["return", "exit 0", "exec fish", "exec /bin/zsh -l", 'exec "$SHELL"'])
def test_a_line_that_ends_bashrc_before_the_block_is_told(container: Container, line: str) -> None:
    bashrc = places_of(container).bashrc
    bashrc.write_text(f"a=1\n{line}\n")
    turn(container, "on")
    (problem,) = read_login(container).problems
    assert line in problem.title
    assert "Line 2 " in problem.title


@pytest.mark.parametrize(
    "line",
    [
        "[ -z $PS1 ] && return",
        "case $- in\n *i*) ;;\n *) return;;\nesac",
        "exec 2>/dev/null",
        "exec {fd}>&1",
        "exits=1",
    ],
)
def test_a_line_that_does_not_always_end_it_is_nothing(container: Container, line: str) -> None:
    places_of(container).bashrc.write_text(f"{line}\n")
    turn(container, "on")
    assert read_login(container).problems == ()


def test_a_login_shell_that_does_not_read_bashrc_is_told_on_and_off(container: Container) -> None:
    (container.srv / ".bash_profile").write_text("export A=1\n")
    for wanted in ("off", "on"):
        turn(container, wanted)
        told = read_login(container)
        assert not told.read_by_login
        assert [problem.title for problem in told.problems] == [
            "A login shell does not read .bashrc: it reads .bash_profile, which does not."
        ]


def test_commands_do_what_on_and_off_do(container: Container) -> None:
    bashrc = places_of(container).bashrc
    container.backups.mkdir(parents=True)
    for content in (b"a\n", b"a", b"", None):
        bashrc.unlink(missing_ok=True)
        if content is not None:
            bashrc.write_bytes(content)
        plan = plan_login(container, "on")
        subprocess.run(["sh", "-ec", "\n".join(plan.commands)], check=True)
        assert bashrc.read_bytes() == plan.new
        plan = plan_login(container, "off")
        subprocess.run(["sh", "-ec", "\n".join(plan.commands)], check=True)
        assert bashrc.read_bytes().strip() == content.strip() if content is not None else not bashrc.exists()


def test_command_line_tells_it_all(container: Container) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "console", "--root", str(container.root), "login", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

    bashrc = places_of(container).bashrc
    before = bashrc.read_bytes()
    assert run().returncode == 0
    nobody_asked = run("on")
    assert nobody_asked.returncode == 2
    assert "+# >>> console login >>>" in nobody_asked.stdout
    assert bashrc.read_bytes() == before
    explained = run("on", "--explain")
    assert "cat >> " in explained.stdout
    assert bashrc.read_bytes() == before
    done = run("on", "--yes")
    assert done.returncode == 0
    assert "✓ A login opens the console." in done.stdout
    told = run("status", "--json")
    assert told.returncode == 0
    assert '"state": "on"' in told.stdout
    assert '"shows": "screens"' in told.stdout
    assert "Nothing to change." in run("on").stdout
    assert run("off", "--notice").returncode == 2
    places_of(container).fine.rename(places_of(container).aside)
    aside = run()
    assert aside.returncode == 1
    assert "stays away from the login since" in aside.stdout
    # The commands that `on` and `off` stand for do the same.
    for_off = run("off", "--explain").stdout
    subprocess.run(["sh", "-c", for_off], check=True)
    assert bashrc.read_bytes() == before
    subprocess.run(["sh", "-c", explained.stdout], check=True)
    assert read_login(container).state == "aside"
    assert run("off", "--yes").returncode == 0
    assert bashrc.read_bytes() == before


def test_install_again_is_what_a_missing_launcher_says(container: Container) -> None:
    turn(container, "on")
    places_of(container).launcher.unlink()
    install(container, "exit 0")
    assert read_login(container).problems == ()
