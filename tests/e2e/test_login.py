"""The console at login as a person meets it: real SSH servers, a real ssh client, a real container."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from console.container import Container
from console.lock import holder
from console.login.change import apply_login, plan_login
from console.login.look import read_login
from console.login.places import places_of
from tests import needs, ssh
from tests.disks import mounted
from tests.terminal import Terminal

from .test_console import UP, begin_rebuild, fetch, pid_of
from .test_joining import DONE, halted, wait, worker

PROMPT = r"[$#]\s*\Z"
WITH_VENV = r"(?m)^\(venv\) .*[$#]\s*\Z"
EACH_SERVER = pytest.mark.parametrize("kind", ssh.SERVERS)


@pytest.fixture
def container(container: Container) -> Container:
    """With a console installed at the place where a login looks for it."""
    install(container, f'exec {shlex.quote(sys.executable)} -m console "$@"')
    return container


@pytest.fixture
def server(container: Container, tmp_path: Path) -> Iterator[ssh.Server]:
    """OpenSSH, for what has nothing to do with the kind of server."""
    with ssh.server("openssh", container, tmp_path / "ssh") as running:
        yield running


def install(container: Container, script: str) -> None:
    launcher = places_of(container).launcher
    launcher.write_text(f"#!/bin/sh\n{script}\n")
    launcher.chmod(0o755)


def turn(container: Container, wanted: str, *, notice: bool = False) -> None:
    apply_login(container, plan_login(container, wanted, notice=notice))


def type_line(terminal: Terminal, line: str) -> None:
    terminal.press(f"{line}\r")


@EACH_SERVER
def test_a_login_opens_the_console_r_restarts_and_q_gives_the_shell_with_the_virtualenv(
    container: Container, tmp_path: Path, kind: str
) -> None:
    turn(container, "on")
    before = pid_of(container, "app")
    with ssh.server(kind, container, tmp_path) as server, Terminal(server.ssh()) as terminal:
        terminal.wait_for(UP)
        terminal.press("r")
        terminal.wait_for(r"✓ app RUNNING in [\d.]+ s, HTTP 200 in [\d.]+ (s|ms)")
        terminal.press("q")
        terminal.wait_for(WITH_VENV)
        type_line(terminal, "echo venv=$VIRTUAL_ENV=; env | grep -c CONSOLE; type -t deactivate")
        terminal.wait_for(rf"(?m)^venv={re.escape(str(container.venv))}=\n0\nfunction$")
        type_line(terminal, "exit")
        assert terminal.wait_for_end() == 0
    assert pid_of(container, "app") not in (None, before)


@EACH_SERVER
def test_ctrl_c_works_in_the_shell_that_the_console_opens(container: Container, tmp_path: Path, kind: str) -> None:
    turn(container, "on")
    with ssh.server(kind, container, tmp_path) as server, Terminal(server.ssh()) as terminal:
        terminal.wait_for(UP)
        terminal.press("!")
        terminal.wait_for(WITH_VENV)
        type_line(terminal, "sleep 60; echo code=$?")
        wait(lambda: b"sleep 60" in terminal.output or terminal.read(0.05))
        terminal.read(0.3)
        terminal.press("\x03")
        type_line(terminal, "echo still' 'here")
        terminal.wait_for("still here", 5)
        type_line(terminal, "exit")
        terminal.wait_for(UP)
        terminal.press("q")
        terminal.wait_for(WITH_VENV)


# -- what is no login sees nothing of it -----------------------------------------------------------


def outputs(server: ssh.Server, folder: Path) -> dict[str, tuple[int, bytes, bytes]]:
    """What each program that uses SSH prints, and the files that it makes."""
    folder.mkdir()
    (folder / "up").write_bytes(bytes(range(256)) * 40)
    remote = shlex.join(["ssh", *server.options()])
    where = f"{server.host}:"
    git = ["git", "-c", f"core.sshCommand={remote}", "-c", "user.name=t", "-c", "user.email=t@localhost"]
    copy = server.options(port="-P")
    commands: dict[str, tuple[Sequence[str], bytes]] = {
        "true": (server.ssh("true"), b""),
        "echo": (server.ssh("echo $-; cat"), b"given\x00\xff"),
        "shell": (server.ssh("-T"), b"echo from stdin; shopt -q login_shell && echo login\n"),
        "interactive": (server.ssh("bash -ic 'echo $-'"), b""),
        "login": (server.ssh("bash -lc 'echo $0'"), b""),
        "scp up": (["scp", "-q", *copy, str(folder / "up"), f"{where}copied"], b""),
        "old scp": (["scp", "-O", "-q", *copy, f"{where}copied", str(folder / "down")], b""),
        "sftp": (
            ["sftp", "-q", "-b", "-", *copy, server.host],
            b"ls -l copied\nget copied " + os.fsencode(folder) + b"\n",
        ),
        "rsync": (["rsync", "-e", remote, "-rtv", f"{where}static/", f"{folder}/static/"], b""),
        "git init": (server.ssh("git init -q --bare site.git"), b""),
        "git clone": ([*git, "clone", "-q", f"{where}site.git", str(folder / "site")], b""),
        "git commit": ([*git, "-C", str(folder / "site"), "commit", "-q", "--allow-empty", "-m", "one"], b""),
        "git push": ([*git, "-C", str(folder / "site"), "push", "-q", "origin", "HEAD:main"], b""),
        "git fetch": ([*git, "-C", str(folder / "site"), "ls-remote", "origin", "main"], b""),
        "clean": (server.ssh("rm -rf site.git copied"), b""),
    }
    found = {}
    for name, (command, given) in commands.items():
        done = ssh.run(command, given=given)
        found[name] = (done.returncode, done.stdout, done.stderr)
    for name in ("down", "copied"):
        found[name] = (0, (folder / name).read_bytes(), b"")
    return found


@EACH_SERVER
def test_programs_that_use_ssh_see_nothing_of_it(container: Container, tmp_path: Path, kind: str) -> None:
    for program in ("scp", "sftp", "rsync", "git"):
        needs.program(program)
    # What no two runs have in common: commits, processes, speeds, times, and the folders of this test.
    same = re.compile(
        rb"[0-9a-f]{40}|process group \(\d+\)|\d[\d,.]* bytes/sec|\w{3} +\d+ \d\d:\d\d|"
        + os.fsencode(tmp_path / "\\w+")
    )
    found = []
    with ssh.server(kind, container, tmp_path / "ssh") as server:
        for wanted in ("off", "on"):
            turn(container, wanted)
            told = outputs(server, tmp_path / wanted).items()
            found.append({name: (code, same.sub(b"?", out), same.sub(b"?", err)) for name, (code, out, err) in told})
    off, on = found
    assert {name: code for name, (code, _out, _err) in off.items() if code != 0} == {}
    for name, printed in off.items():
        assert on[name] == printed, name


@EACH_SERVER
def test_a_command_with_a_terminal_is_no_login(container: Container, tmp_path: Path, kind: str) -> None:
    turn(container, "on")
    with ssh.server(kind, container, tmp_path) as server:
        for command in ("echo ran", "bash -ic 'echo ran'", "bash -lic 'echo ran'"):
            with Terminal(server.ssh("-t", command)) as terminal:
                assert terminal.wait_for_end() == 0
                assert terminal.text.strip() == "ran"
        for command in ("bash", "bash -l", "exec bash -l"):
            with Terminal(server.ssh("-t", command)) as terminal:
                terminal.wait_for(PROMPT)
                assert "RUNNING" not in terminal.text
                type_line(terminal, "exit")
                assert terminal.wait_for_end() == 0


def test_in_tmux_there_is_a_shell(container: Container, server: ssh.Server) -> None:
    tmux = needs.program("tmux")
    turn(container, "on")
    with Terminal(server.ssh()) as terminal:
        terminal.wait_for(UP)
        terminal.press("q")
        terminal.wait_for(WITH_VENV)
        socket = f"{tmux} -f /dev/null -S {container.srv}/run/tmux.sock"
        # The default command of tmux is a login shell, "-bash".
        type_line(terminal, f"{socket} new-session")
        terminal.wait_for(r"\[0\] 0:")
        type_line(terminal, "echo shell=$0= tty=$SSH_TTY=")
        terminal.wait_for(r"shell=-bash= tty=/dev/")
        assert "The site is up" not in terminal.text
        type_line(terminal, "exit")
        terminal.wait_for(r"\[exited\]")
    subprocess.run(["sh", "-c", f"{socket} kill-server"], check=False, capture_output=True)


def test_console_skip_from_the_clients_side_leaves_it_out(container: Container, server: ssh.Server) -> None:
    turn(container, "on")
    for command, environment in (
        (server.ssh("-oSendEnv=CONSOLE_SKIP"), {"CONSOLE_SKIP": "1"}),
        (server.ssh("-oSetEnv=CONSOLE_SKIP=1"), {}),
        (server.ssh("-t", "CONSOLE_SKIP=1 exec -l bash"), {}),
    ):
        with Terminal(command, environment=environment) as terminal:
            terminal.wait_for(PROMPT)
            assert "RUNNING" not in terminal.text
            type_line(terminal, "exit")
            assert terminal.wait_for_end() == 0


def test_a_login_with_a_notice_shows_two_lines_and_the_shell(container: Container, server: ssh.Server) -> None:
    turn(container, "on", notice=True)
    with Terminal(server.ssh()) as terminal:
        terminal.wait_for(WITH_VENV)
        lines = terminal.text.splitlines()
        assert re.match(r"✓ The site is up: nginx :\d+ → gunicorn :\d+, HTTP 200 in ", lines[0])
        assert lines[1] == "Type console for the screens."
        assert lines[2].startswith("(venv)")


# -- the connection is cut -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "how"),
    [("openssh", signal.SIGKILL), ("dropbear", signal.SIGKILL), ("dropbear", signal.SIGSTOP)],
    ids=["openssh, killed client", "dropbear, killed client", "dropbear, silent client"],
)
def test_a_cut_connection_leaves_the_rebuild_at_work_and_the_next_login_joins_it(
    container: Container, tmp_path: Path, kind: str, how: signal.Signals
) -> None:
    """A client that is stopped sends nothing any more, not even that it ends: as a network that is gone. OpenSSH up to
    9.2 looks for that only while the server sends nothing either, which a running rebuild's clock does.
    """
    turn(container, "on")
    screens = f"{sys.executable} -m console"
    with ssh.server(kind, container, tmp_path) as server, Terminal(server.ssh()) as terminal:
        begin_rebuild(terminal)
        with halted(container):
            first = only_process(container, screens)
            os.kill(terminal.pid, how)
            wait(lambda: not Path(f"/proc/{first}").exists(), 15)
            with Terminal(server.ssh()) as second:
                second.wait_for(r"venv +Rebuild \d+ % .*, \d+ s  v Join")
                second.press("v")
                second.wait_for(r"c Cancel")
                os.kill(worker(container), signal.SIGCONT)
                second.wait_for(DONE, 60)
                second.press("qq")
                second.wait_for(WITH_VENV)
                type_line(second, "echo now=$(readlink -f $VIRTUAL_ENV/bin/..)=")
                second.wait_for(f"now={re.escape(str(container.venv.resolve()))}=")
        os.kill(terminal.pid, signal.SIGCONT)
    assert holder(container.lock) is None
    assert fetch(container.http_port)[0] == 200
    assert read_login(container).state == "on"
    assert not places_of(container).crashed.exists()


def only_process(container: Container, command: str) -> int:
    """The process of ``command`` whose container is this one."""
    marked = f"CONSOLE_ROOT={container.root}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b" ".join(words).strip() == command.encode() and marked in (folder / "environ").read_bytes().split(
                b"\0"
            ):
                found.append(int(folder.name))
        except OSError:  # it has ended
            continue
    assert len(found) == 1, found
    return found[0]


# -- nobody is locked out --------------------------------------------------------------------------


def shell_after(server: ssh.Server, says: str, **environment: str) -> str:
    """What stands on the screen above the prompt of a login."""
    with Terminal(server.ssh(), columns=200, environment=environment) as terminal:
        terminal.wait_for(PROMPT, 10)
        text = terminal.text
        assert re.search(says, text), text
        type_line(terminal, "echo typed' 'here; exit")
        assert terminal.wait_for_end() == 0
        assert "typed here" in terminal.text
        return text


@EACH_SERVER
def test_a_console_that_fails_gives_the_shell_and_steps_aside_the_second_time(
    container: Container, tmp_path: Path, kind: str
) -> None:
    turn(container, "on")
    fails = f"""exec {shlex.quote(sys.executable)} -c 'import sys; sys.exit("No module named textual")'"""
    launcher = places_of(container).launcher.read_text().split("\n", 1)[1]
    with ssh.server(kind, container, tmp_path) as server:
        install(container, fails)
        shell_after(server, r"No module named textual\nThe console ended with exit code 1\. Start it with: console\n")
        shell_after(server, r"failed twice in a row now, and stays away until: console login on\n")
        install(container, launcher)
        shell_after(server, r"^The console stays away from the login: it failed twice in a row\.")
        assert read_login(container).state == "aside"
        turn(container, "on")
        with Terminal(server.ssh()) as terminal:
            terminal.wait_for(UP)


@EACH_SERVER
def test_a_console_that_hangs_gives_the_shell(container: Container, tmp_path: Path, kind: str) -> None:
    turn(container, "on")
    install(container, f"exec {shlex.quote(sys.executable)} -c 'import time; time.sleep(60)'")
    with ssh.server(kind, container, tmp_path) as server:
        shell_after(server, r"^The console did not show itself in time and was ended\.")


def test_screens_that_hang_before_their_first_frame_give_the_shell_and_a_good_terminal(
    container: Container, server: ssh.Server
) -> None:
    turn(container, "on")
    patch = (
        "from console.tui.screens.programs import ProgramsScreen as Screen; Screen.compose = lambda _: time.sleep(60)"
    )
    code = f"import time; {patch}; from console.__main__ import main; main()"
    install(container, f"exec {shlex.quote(sys.executable)} -c {shlex.quote(code)}")
    with Terminal(server.ssh(), columns=120) as terminal:
        terminal.wait_for(r"The console did not show itself in time and was ended\.")
        terminal.wait_for(WITH_VENV)
        assert terminal.screen is terminal._main
        type_line(terminal, "stty -a | grep -o -E -e '-?(icanon|echo|isig|icrnl)\\b' | tr '\\n' ,")
        terminal.wait_for(r"icrnl,isig,icanon,echo,|isig,icanon,.*echo,")


# Each module takes this many seconds to be found.
SLOW = "type('Slow', (), {'find_spec': lambda *_: time.sleep(SECONDS)})()"


def test_a_console_that_loads_slowly_but_steadily_opens(container: Container, server: ssh.Server) -> None:
    """As after a change of the image's Python on the smallest plan: nothing is compiled for the new one yet."""
    turn(container, "on")
    slow = SLOW.replace("SECONDS", "0.015")
    code = f"import sys, time; sys.meta_path.insert(0, {slow}); from console.__main__ import main; main()"
    install(container, f"exec {shlex.quote(sys.executable)} -c {shlex.quote(code)}")
    with Terminal(server.ssh()) as terminal:
        assert terminal.wait_for(UP, 30) > 3  # slow enough to be ended if it were not seen to get on
        terminal.press("q")
        terminal.wait_for(WITH_VENV)
        assert "in time" not in terminal.text


def test_a_console_that_hangs_while_it_loads_is_ended(container: Container, server: ssh.Server) -> None:
    turn(container, "on")
    hang = SLOW.replace("SECONDS", "60 * (_[1] == 'textual.app')")
    code = f"import sys, time; sys.meta_path.insert(0, {hang}); from console.__main__ import main; main()"
    install(container, f"exec {shlex.quote(sys.executable)} -c {shlex.quote(code)}")
    shell_after(server, r"^app RUNNING .*\nThe console did not show itself in time and was ended\.")


def test_a_console_that_dies_in_its_screens_leaves_a_good_terminal(container: Container, server: ssh.Server) -> None:
    turn(container, "on")
    with Terminal(server.ssh(), columns=120) as terminal:
        terminal.wait_for(UP)
        os.kill(only_process(container, f"{sys.executable} -m console"), signal.SIGKILL)
        terminal.wait_for(r"The console ended with exit code 137\. Start it with: console")
        terminal.wait_for(WITH_VENV)
        assert terminal.screen is terminal._main
        assert not terminal.screen.cursor.hidden
        type_line(terminal, "echo typed' 'here")
        terminal.wait_for("typed here")
        assert "echo typed" in terminal.text  # the terminal shows what is typed


def test_no_interpreter_and_no_launcher_give_the_shell_with_the_reason(
    container: Container, server: ssh.Server
) -> None:
    turn(container, "on")
    install(container, "echo 'No Python from 3.10 on was found.' >&2; exit 3")
    for _login in range(3):
        shell_after(server, r"^No Python from 3\.10 on was found\.\n.*[$#]")
    assert read_login(container).state == "on"
    places_of(container).launcher.unlink()
    shell_after(server, r"^The console does not start: \S+ is missing\. Install it again, or take its block out of ")


def test_a_supervisord_that_hangs_is_told_by_the_console_which_opens_all_the_same(
    container: Container, server: ssh.Server
) -> None:
    turn(container, "on")
    pid = int((container.srv / "run" / "supervisord.pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        with Terminal(server.ssh()) as terminal:
            terminal.wait_for(r"q Quit", 10)
            terminal.press("q")
            terminal.wait_for(WITH_VENV)
            assert re.search(r"supervisord", terminal.text), terminal.text
        turn(container, "on", notice=True)
        shell_after(server, r"^.*supervisord.*\nType console for the screens\.\n")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert read_login(container).state == "on"


def test_a_full_disk_keeps_nobody_out(container: Container, server: ssh.Server) -> None:
    with own_disk(container) as fill_it:
        turn(container, "on")
        fill_it()
        with Terminal(server.ssh()) as terminal:
            terminal.wait_for(UP)
            terminal.press("q")
            terminal.wait_for(WITH_VENV)
        install(container, "exit 1")
        shell_after(server, r"^The console ended with exit code 1\. Start it with: console\n")
        shell_after(server, r"failed twice in a row now")
        assert read_login(container).state == "aside"


@contextmanager
def own_disk(container: Container) -> Iterator[Callable[[], None]]:
    """The console's own folder is on a small disk; what is yielded fills it."""
    container.state_dir.mkdir(exist_ok=True)
    with mounted(container.state_dir, 64) as folder:
        yield lambda: fill(folder)


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            return


@pytest.mark.parametrize(("term", "opens"), [("dumb", False), ("no-such-terminal", True), ("xterm-kitty", True)])
def test_any_terminal_gets_what_it_can_show(container: Container, server: ssh.Server, term: str, opens: bool) -> None:
    turn(container, "on")
    bashrc = places_of(container).bashrc
    bashrc.write_bytes(bashrc.read_bytes().replace(b"    export TERM=xterm\n", b""))
    with Terminal(server.ssh(), environment={"TERM": term}) as terminal:
        if opens:
            terminal.wait_for(UP)
            terminal.press("q")
        terminal.wait_for(PROMPT)
        assert ("Type console for the screens." in terminal.text) is not opens
        assert b"\x1b[?1049h" not in terminal.output or opens


def test_turned_off_from_inside_the_next_login_is_a_plain_one(container: Container, server: ssh.Server) -> None:
    before = places_of(container).bashrc.read_bytes()
    turn(container, "on")
    with Terminal(server.ssh(), columns=120) as terminal:
        terminal.wait_for(UP)
        terminal.press("q")
        terminal.wait_for(WITH_VENV)
        type_line(terminal, f"console --root {container.root} login off --yes; echo code=$?")
        terminal.wait_for(r"code=0")
    assert places_of(container).bashrc.read_bytes() == before
    text = shell_after(server, PROMPT)
    assert "RUNNING" not in text
