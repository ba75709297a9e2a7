"""The scripts of the login in a real terminal: every way a console can fail, and shells that make it hard for them."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import pytest

from console.container import Container
from console.login.change import apply_login, plan_login
from console.login.look import read_login
from console.login.places import places_of
from tests import needs
from tests.disks import mounted
from tests.terminal import Terminal

from .conftest import install

# The shell ends with it; nothing that was typed on the command line has it in one piece.
END = "echo THE' 'END $?; exit 0\n"
ENDED = r"THE END 0"
# What the script does with a console: a sign of life and the word that the screens stand, as console.login.signs does.
ALIVE, READY = "kill -USR1 $CONSOLE_LOGIN_PID", "kill -USR2 $CONSOLE_LOGIN_PID"
SHELLS = ("dash", "bash", "busybox sh")


def turn_on(container: Container, *, notice: bool = False) -> None:
    apply_login(container, plan_login(container, "on", notice=notice))


def login(container: Container, typed: str = "", *, before: str = "", **environment: str) -> Terminal:
    """A login shell as an SSH server starts one, which then types ``typed`` and ends."""
    home = container.srv
    (home / ".inputrc").write_text("set enable-bracketed-paste off\n")
    start = f"{before}\nexport SSH_TTY=$(tty) HOME={shlex.quote(str(home))}; cd; exec -a -bash bash"
    terminal = Terminal(["bash", "-c", start], columns=200, environment={"PS1": "$ ", "HISTFILE": "", **environment})
    terminal.press(typed + END)
    return terminal


def screen_after(container: Container, typed: str = "", *, before: str = "", **environment: str) -> str:
    """What is on the screen when the shell has ended."""
    with login(container, typed, before=before, **environment) as terminal:
        assert terminal.wait_for_end(20) == 0
        assert re.search(ENDED, terminal.text), terminal.text
        return terminal.text


def state(container: Container) -> set[str]:
    return {path.name for path in places_of(container).folder.iterdir()} & {"ok", "crashed", "aside"}


# -- when it starts, and when not ------------------------------------------------------------------


def test_a_login_starts_the_console_in_the_foreground_of_its_terminal(container: Container) -> None:
    turn_on(container)
    install(container, f"{READY}; [ -t 0 ] && read line; echo console got $line")
    with login(container, "hello\n") as terminal:
        assert terminal.wait_for_end() == 0
        assert re.search(r"(?s)console got hello.*" + ENDED, terminal.text)
    assert state(container) == {"ok"}


def test_the_console_knows_the_containers_root_and_the_shell_does_not(container: Container) -> None:
    turn_on(container)
    install(container, "echo root=$CONSOLE_ROOT=")
    text = screen_after(container, "echo shell=$CONSOLE_ROOT=\n")
    assert f"root={container.root}=" in text
    assert "shell==" in text


@pytest.mark.parametrize(
    ("before", "environment"),
    [
        ("", {"CONSOLE_SKIP": "1"}),
        ('exec() { unset SSH_TTY; builtin exec "$@"; }', {}),
        ('exec() { SSH_TTY=/dev/null; builtin exec "$@"; }', {}),
        ("exec() { builtin exec bash; }", {}),
        ("exec() { builtin exec bash -l; }", {}),
        ("exec() { builtin exec bash -c 'exec bash -l'; }", {}),
    ],
    ids=["CONSOLE_SKIP", "no SSH", "another terminal", "nested", "nested login", "a command"],
)
def test_it_does_not_start(container: Container, before: str, environment: dict[str, str]) -> None:
    turn_on(container)
    install(container, "echo the console ran")
    assert "the console ran" not in screen_after(container, before=before, **environment)


def test_a_shell_in_the_shell_does_not_start_it_again(container: Container) -> None:
    turn_on(container)
    install(container, "echo the console ran")
    for inside in ("bash", "bash -l", "bash -c 'bash -i'", "exec bash -l"):
        text = screen_after(container, f"{inside}\necho in' 'side\n{'' if 'exec' in inside else 'exit'}\n")
        assert "in side" in text
        assert text.count("the console ran") == 1, (inside, text)


def test_a_login_shell_put_in_the_place_of_an_old_one_is_no_login(container: Container) -> None:
    turn_on(container)
    install(container, "echo the console ran")
    # Half a minute need not be waited for, nor does a slow machine count: the script reads the time from a file.
    run, clock = places_of(container).run, container.root / "uptime"
    run.write_text(run.read_text().replace("</proc/uptime", f"<{shlex.quote(str(clock))}"))
    for passed, times in ((0, 2), (31, 1)):
        clock.write_text(Path("/proc/uptime").read_text())
        later = f"read now _ </proc/uptime; echo $((${{now%.*}} + {passed})).00 0 >{shlex.quote(str(clock))}"
        assert screen_after(container, f"{later}; exec -l bash\n").count("the console ran") == times, passed


def test_without_the_script_a_login_is_a_login(container: Container) -> None:
    turn_on(container)
    install(container, "echo the console ran")
    places_of(container).script.unlink()
    assert "the console ran" not in screen_after(container)
    turn_on(container)
    places_of(container).run.unlink()
    assert "the console ran" not in screen_after(container)


def test_where_output_goes_elsewhere_it_does_not_start(container: Container) -> None:
    turn_on(container)
    install(container, "echo the console ran")
    with login(container, before="exec > >(cat)") as terminal:
        assert terminal.wait_for_end() == 0
        assert "the console ran" not in terminal.text


# -- nobody is locked out --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("console", "says"),
    [
        ("exit 1", "The console ended with exit code 1. Start it with: console"),
        ("kill -SEGV $$", "The console ended with exit code 139. Start it with: console"),
        ("exec /no/such/python", "The console ended with exit code 127. Start it with: console"),
        ("sleep 60", "The console did not show itself in time and was ended. Start it with: console"),
        ("trap '' TERM; while :; do :; done", "The console did not show itself in time and was ended."),
        (f"{ALIVE}; kill -STOP $$", "The console did not show itself in time and was ended."),
        (f"{ALIVE}; sleep 1; {ALIVE}; sleep 1; {ALIVE}; sleep 60", "The console did not show itself in time"),
    ],
    ids=["crash", "fault", "no interpreter", "hangs", "hangs and will not end", "stopped", "hangs late"],
)
def test_two_failures_give_the_shell_and_the_second_sets_it_aside(
    container: Container, console: str, says: str
) -> None:
    turn_on(container)
    install(container, console)
    first = screen_after(container)
    assert says in first
    assert state(container) == {"crashed"}
    assert "twice in a row now, and stays away until: console login on" in screen_after(container)
    assert state(container) == {"aside"}
    install(container, "echo the console ran")
    third = screen_after(container)
    assert "failed twice in a row" in third
    assert "the console ran" not in third
    told = read_login(container)
    assert told.state == "aside"
    assert told.failure is not None
    assert told.since is not None
    turn_on(container)
    assert "the console ran" in screen_after(container)


@pytest.mark.parametrize(
    ("console", "says"),
    [
        ("exit 0", ""),
        ("exit 130", ""),
        ("kill -HUP $$", ""),
        ("echo No Python was found. >&2; exit 3", "No Python was found."),
    ],
    ids=["left", "Ctrl+C", "hung up", "no interpreter"],
)
def test_what_is_no_crash_is_not_counted(container: Container, console: str, says: str) -> None:
    turn_on(container)
    install(container, "exit 1")
    screen_after(container)
    assert state(container) == {"crashed"}
    install(container, console)
    for _login in range(3):
        text = screen_after(container)
        assert says in text
        assert "The console" not in text
    assert state(container) == ({"crashed"} if says else {"ok"})


def test_a_console_that_shows_itself_is_never_ended(container: Container) -> None:
    turn_on(container)
    install(container, f"sleep 1; {ALIVE}; sleep 1; {READY}; sleep 4; echo the console left")
    text = screen_after(container)
    assert "the console left" in text
    assert "in time" not in text


def test_ctrl_c_while_it_starts_gives_the_shell_at_once_and_is_no_crash(container: Container) -> None:
    turn_on(container)
    install(container, f"trap '' TERM INT; echo starting; {ALIVE}; sleep 1; {ALIVE}; sleep 60")
    with login(container) as terminal:
        terminal.wait_for("starting")
        os.write(terminal.fd, b"\x03")
        terminal.press(END)
        assert terminal.wait_for_end() == 0
        assert re.search(r"THE END \d", terminal.text)
        assert "in time" not in terminal.text
    assert state(container) == {"ok"}


def test_a_missing_launcher_is_told_in_one_line(container: Container) -> None:
    turn_on(container)
    launcher = places_of(container).launcher
    spoils: tuple[Callable[[], None], ...] = (lambda: launcher.chmod(0o644), launcher.unlink, launcher.mkdir)
    for spoil in spoils:
        spoil()
        assert "The console does not start: " in screen_after(container)
    assert state(container) == {"ok"}


def test_a_broken_terminal_is_mended(container: Container) -> None:
    turn_on(container)
    install(container, "stty raw -echo; printf '\\033[?1049h\\033[?25lgarbage'; exit 1")
    with login(container) as terminal:
        assert terminal.wait_for_end() == 0
        assert re.search(ENDED, terminal.text)
        assert terminal.screen is terminal._main
        assert not terminal.screen.cursor.hidden
        assert "garbage" not in terminal.text
        # With what was set before it, not what "sane" means.
    install(container, "stty sane; exit 1")
    turn_on(container)
    bashrc = places_of(container).bashrc
    bashrc.write_bytes(b"stty -ixon erase ^H\n" + bashrc.read_bytes())
    text = screen_after(container, "stty -a\n")
    assert "-ixon" in text
    assert "erase = ^H" in text


def test_a_full_disk_keeps_nobody_out_and_failures_are_still_counted(container: Container) -> None:
    folder = container.srv / ".console"
    folder.mkdir()
    with mounted(folder, 64):
        turn_on(container)
        install(container, "exit 1")
        with (folder / "filler").open("wb") as filler:
            try:
                while True:
                    os.write(filler.fileno(), b"x" * 4096)
            except OSError:
                pass
        assert "exit code 1. Start it with" in screen_after(container)
        assert "twice in a row now" in screen_after(container)
        told = read_login(container)
        assert told.state == "aside"
        assert told.since is not None
        assert abs(told.since.timestamp() - time.time()) < 60


def test_a_folder_that_cannot_be_written_keeps_nobody_out(container: Container) -> None:
    folder = container.srv / ".console"
    folder.mkdir()
    with mounted(folder, 64):
        turn_on(container)
        install(container, "exit 1")
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        for _login in range(3):
            text = screen_after(container)
            assert "exit code 1" in text
            assert "Read-only" not in text


def test_a_dumb_terminal_gets_the_notice(container: Container) -> None:
    turn_on(container)
    install(container, "echo asked for: $*")
    for term in ("dumb", ""):
        assert "asked for: login notice" in screen_after(container, TERM=term)
    assert re.search(r"asked for:\n", screen_after(container, TERM="no-such-terminal"))


def test_the_notice_has_the_same_limits(container: Container) -> None:
    turn_on(container, notice=True)
    install(container, "echo asked for: $*")
    assert "asked for: login notice" in screen_after(container)
    install(container, "sleep 60")
    assert "did not show itself in time" in screen_after(container)
    assert state(container) == {"crashed"}


def test_a_connection_that_is_cut_is_no_crash(container: Container) -> None:
    turn_on(container)
    mark = container.root / "ended"
    install(container, f"trap 'echo hup > {mark}; exit 0' HUP; {READY}; echo ready; while :; do sleep 0.1; done")
    with login(container) as terminal:
        terminal.wait_for("ready")
        terminal.hang_up()
    limit = time.monotonic() + 5
    while not mark.exists() and time.monotonic() < limit:
        time.sleep(0.02)
    assert mark.read_text() == "hup\n"
    assert state(container) == {"ok"}


# -- the shell afterwards --------------------------------------------------------------------------


def make_venv(folder: Path) -> None:
    """What a virtualenv's activate does, as virtualenv and venv write it."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "activate").write_text(
        f"VIRTUAL_ENV={folder}\nexport VIRTUAL_ENV\n_OLD_VIRTUAL_PATH=$PATH\nPATH=$VIRTUAL_ENV/bin:$PATH\nexport PATH\n"
        "[ -z $VIRTUAL_ENV_DISABLE_PROMPT ] && true\nfalse\n"
    )
    which = folder / "bin" / "which-venv"
    which.write_text(f"#!/bin/sh\necho venv={folder.name}=\n")
    which.chmod(0o755)


ACTIVATE = "[ -f ~/venv/bin/activate ] && . ~/venv/bin/activate\n"
ORDERS = {
    "activated": ACTIVATE,
    "activated and PATH changed": ACTIVATE + "PATH=~/mine:$PATH:~/mine-too\n",
    "not activated": "",
    "errexit and nounset": "set -eu\n",
    "asked for before": ACTIVATE + "which-venv >/dev/null 2>&1\nhash -p /no/such which-venv\n",
}


@pytest.mark.parametrize("bashrc", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("first", ["folder", "missing", "link"])
def test_the_shell_has_the_virtualenv_that_the_console_made(container: Container, bashrc: str, first: str) -> None:
    old, new = container.venvs / "old", container.venvs / "new"
    make_venv(new)
    if first == "folder":
        make_venv(container.venv)
    elif first == "link":
        make_venv(old)
        container.venv.symlink_to(".venvs/old")
    places_of(container).bashrc.write_text(bashrc)
    turn_on(container)
    venv = shlex.quote(str(container.venv))
    aside = f"[ -L {venv} ] || [ ! -e {venv} ] || mv {venv} {venv}.before"
    install(container, f"{aside}; ln -sfn .venvs/new {venv}")
    text = screen_after(container, "which-venv; case $PATH in *old*) echo an' 'old one;; esac; echo $PATH\n")
    assert "venv=new=" in text, text
    assert "an old one" not in text
    if "mine" in bashrc:
        assert f"{container.srv}/mine:" in text
        assert text.count("mine-too") == 1


def test_the_console_has_the_environment_of_the_shell(container: Container) -> None:
    names = ("launcher", "state", "ready", "alive", "late", "saved", "notice", "code", "console", "clock", "PATH")
    places_of(container).bashrc.write_text("".join(f"export {name}=my-{name}:/usr/bin:/bin\n" for name in names))
    turn_on(container)
    install(container, "env > $HOME/environment")
    screen_after(container)
    told = (container.srv / "environment").read_text().splitlines()
    assert {f"{name}=my-{name}:/usr/bin:/bin" for name in names} <= set(told)


def test_another_virtualenv_that_was_activated_stays(container: Container) -> None:
    make_venv(container.venv)
    make_venv(container.srv / "other")
    places_of(container).bashrc.write_text(". ~/other/bin/activate\n")
    turn_on(container)
    assert "venv=other=" in screen_after(container, "which-venv\n")


HOSTILE = {
    "options": "set -euf -o noclobber -o pipefail; IFS=/; shopt -s extglob nullglob failglob",
    "aliases": "; ".join(
        f"alias {name}='echo hostile; false'" for name in ("sh", "[", "test", ".", "source", "builtin", "kill", "stty")
    ),
    "functions": "; ".join(
        f"{name}() {{ echo hostile; }}; export -f {name}"
        for name in ("sh", "kill", "stty", "sleep", "wait", "printf", "hash", "mv", "date", "source", "say")
    ),
    "traps": "trap 'echo hostile >/dev/null' DEBUG ERR; trap 'true' INT TERM HUP USR1 USR2 ALRM",
    "variables": "; ".join(
        f"export {name}=hostile" for name in ("console", "ready", "late", "state", "launcher", "code", "reason", "ENV")
    ),
    "path": "PATH=/no/such/folder",
    "nothing in the environment": "unset PATH LANG TERM",
}


@pytest.mark.parametrize("bashrc", HOSTILE.values(), ids=HOSTILE)
def test_hostile_settings_do_not_break_it_and_are_as_they_were(container: Container, bashrc: str) -> None:
    """The shell's options, traps, variables and functions after a login with the console and without are the same."""
    places_of(container).bashrc.write_text(f"export PS1='$ '\n{bashrc}\n")
    turn_on(container)
    ran = container.root / "ran"
    typed = (
        r"{ \builtin set -o; \builtin shopt; \builtin trap -p; \builtin declare -p; \builtin declare -f; \builtin alias"
        "; } >|~/$WHERE 2>/dev/null\n"
        r"\builtin trap - DEBUG ERR; \builtin set +eu; \builtin unset -f printf; \builtin unalias -a"
        "\n"
    )
    for console in ("exit 0", "exit 1"):
        install(container, f"echo $* >> {ran}; {console}")
        for where, skip in (("without", {"CONSOLE_SKIP": "1"}), ("with", {})):
            with login(container, f"WHERE={where}\n{typed}", **skip) as terminal:
                assert terminal.wait_for_end(20) == 0, terminal.text
                assert "hostile" not in terminal.text
        assert described(container.srv / "with") == described(container.srv / "without")
    assert len(ran.read_text().splitlines()) == 2


# What no two shells have in common.
OWN = (
    *("BASHPID", "PPID", "SSH_TTY", "RANDOM", "SRANDOM", "EPOCH", "LINENO", "SECONDS", "BASH_ARGV", "BASH_ARGC"),
    *("BASH_LINENO", "BASH_COMMAND", "_", "WHERE", "HISTCMD", "CONSOLE_SKIP", "COLUMNS", "LINES", "PIPESTATUS"),
)


def described(file: Path) -> list[str]:
    ignored = re.compile(rf"declare -\S+ ({'|'.join(OWN)})\w*(=|$)")
    return [line for line in file.read_text("utf-8", "replace").splitlines() if not ignored.match(line)]


# -- the script under each sh ----------------------------------------------------------------------


@pytest.fixture(params=SHELLS)
def sh(request: pytest.FixtureRequest) -> Sequence[str]:
    words = str(request.param).split()
    return [str(needs.program(words[0])), *words[1:], *(["--posix"] if words[0] == "bash" else [])]


def run_script(container: Container, sh: Sequence[str]) -> str:
    """What is on the screen after the script was run alone, by a shell that is as young as at a login."""
    command = f"{shlex.join(sh)} {shlex.quote(str(places_of(container).run))}; echo CODE $?"
    hostile = {"SHELLOPTS": "errexit:nounset:noglob:noclobber:monitor"}  # bash heeds it as sh too
    with Terminal(["dash", "-c", command], columns=200, environment=hostile) as terminal:
        assert terminal.wait_for_end(20) == 0
        return terminal.text


def test_script_works_in_every_sh(container: Container, sh: Sequence[str]) -> None:
    turn_on(container)
    install(container, f"sleep 0.2; {ALIVE}; sleep 1.4; {ALIVE}; sleep 1; {READY}; sleep 2; echo left")
    assert "left\nCODE 0" in run_script(container, sh)
    install(container, "exit 100")
    assert "exit code 100. Start it with: console\nCODE 0" in run_script(container, sh)
    install(container, "trap '' TERM; while :; do :; done")
    assert "twice in a row now, and stays away" in run_script(container, sh)
    assert "failed twice in a row" in run_script(container, sh)


def test_script_lets_ctrl_c_through_in_every_sh(container: Container, sh: Sequence[str]) -> None:
    turn_on(container)
    install(container, "echo starting; sleep 1.2")
    command = f"trap : INT; {shlex.join(sh)} {shlex.quote(str(places_of(container).run))}; echo CODE $?"
    with Terminal(["sh", "-c", command], columns=200) as terminal:
        terminal.wait_for("starting")
        terminal.press("\x03")
        terminal.wait_for("CODE 0", 1.0)
    assert state(container) == {"ok"}


def test_scripts_are_in_the_language_of_who_turned_it_on(container: Container) -> None:
    turn_on(container)
    assert "The console ended with exit code %s. Start it with: console\\n" in places_of(container).run.read_text()


def test_nothing_of_it_is_left_running(container: Container) -> None:
    turn_on(container)
    install(container, READY)
    screen_after(container)
    time.sleep(2.0)  # the clock's own sleep
    root = str(container.root)
    assert [
        each.info for each in psutil.process_iter(["cmdline"]) if root in " ".join(each.info["cmdline"] or ())
    ] == []


def test_signals_that_the_console_was_started_with_are_the_usual_ones() -> None:
    """What sh ignores for a background process, all that is started from the console would ignore too."""
    code = (
        "import os, signal, sys; os.environ['CONSOLE_LOGIN_PID'] = str(os.getppid());"
        "signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGQUIT, signal.SIG_IGN);"
        "from console.login import signs; signs.begin();"
        "print(signal.getsignal(signal.SIGINT) is signal.default_int_handler,"
        " signal.getsignal(signal.SIGQUIT) is signal.SIG_DFL, os.environ.get('CONSOLE_LOGIN_PID'))"
    )
    old = signal.signal(signal.SIGUSR1, lambda *_args: None)
    try:
        done = subprocess.run([needs.program("python3"), "-c", code], capture_output=True, text=True, check=True)
    finally:
        signal.signal(signal.SIGUSR1, old)
    assert done.stdout == "True True None\n"
