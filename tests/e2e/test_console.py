"""The console as a person uses it: a real terminal, a real supervisord, a real nginx."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from console.container import Container
from console.playground import container_down, container_up
from console.programs.table import read_programs
from tests.terminal import PYTHON, Terminal, console

UP = r"The site is up"


def pid_of(container: Container, name: str) -> int | None:
    _supervisor, programs = read_programs(container)
    return next(program.pid for program in programs if program.name == name)


def fetch(port: int, path: str = "/") -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def begin_rebuild(terminal: Terminal) -> None:
    """From the start of the console to the first step of a rebuild."""
    terminal.wait_for(UP)
    terminal.press("v")
    terminal.wait_for(r"b Rebuild")
    terminal.press("b")
    terminal.wait_for(r"Rebuild the virtualenv\?", 30)
    terminal.press("y")
    terminal.wait_for(r"◐ Creating a virtualenv")


@contextmanager
def request_loop(port: int) -> Iterator[list[float | None]]:
    """Asks the site again and again; what is yielded gets the time of each answer, None for each failure."""
    seen: list[float | None] = []
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            try:
                good = fetch(port)[0] == 200
            except OSError:
                good = False
            seen.append(time.monotonic() if good else None)
            time.sleep(0.01)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_first_screen_says_that_the_site_is_up(container: Container, columns: int, rows: int) -> None:
    with Terminal(console(container.root), columns=columns, rows=rows) as terminal:
        terminal.wait_for(r"app RUNNING .* · nginx RUNNING .*listening · venv 3\.")  # the plain line
        terminal.wait_for(UP)
        terminal.wait_for("GET / ")  # the log's tail
        for part in (r"▸ ● app +RUNNING", r"● nginx +RUNNING", r"nginx :\d+ ✓ → gunicorn :\d+ ✓", r"/static/ → "):
            terminal.wait_for(part)
        terminal.press("q")
        assert terminal.wait_for_end() == 0
        # The plain line stays in the scrollback when the console has been left.
        assert re.search(r"app RUNNING", terminal.text)


def test_r_restarts_the_app_and_says_that_it_answers(container: Container) -> None:
    before = pid_of(container, "app")
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        terminal.press("r")
        terminal.wait_for(r"✓ app RUNNING in [\d.]+ s, HTTP 200 in [\d.]+ (s|ms)")
    after = pid_of(container, "app")
    assert after is not None
    assert after != before
    assert fetch(container.http_port)[0] == 200


def test_r_on_a_broken_app_says_which_module_is_missing(container: Container) -> None:
    app = container.app / "app.py"
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        app.write_text("import no_such_module_here\n" + app.read_text())
        terminal.press("r")
        terminal.wait_for(r"(?s)venv .*✗ app does not start.*no_such_module_here.*\(\d\d:\d\d:\d\d\)")
        terminal.wait_for(
            r"(?s)^ \S+@[^\n]*\n ✗ app does not start: .*no_such_module_here"
        )  # the line under the header
        terminal.press("\r")
        terminal.wait_for(r"The last traceback")
        terminal.press("G")
        terminal.wait_for(r"import no_such_module_here\s")


def test_v_rebuilds_the_virtualenv_while_the_site_is_asked(
    container: Container, record_property: Callable[[str, object], None]
) -> None:
    with Terminal(console(container.root)) as terminal, request_loop(container.http_port) as seen:
        begin_rebuild(terminal)
        terminal.wait_for(r"app answered again after [\d.]+ s|app answered again", 60)
        time.sleep(0.3)
    failed = seen.count(None)
    record_property("failed requests during a rebuild", failed)
    print(f"{failed} of {len(seen)} requests failed")
    assert container.venv.is_symlink()
    assert container.venv.resolve().parent == container.venvs
    assert seen[-1] is not None
    # All of the failures lie in one gap, that of the restart: the build itself costs no request.
    gaps = sum(1 for one, other in pairwise(seen) if one is not None and other is None)
    assert gaps <= 1


def test_a_rebuild_can_be_cancelled_until_the_switch(container: Container) -> None:
    with Terminal(console(container.root)) as terminal:
        begin_rebuild(terminal)
        terminal.press("c")
        terminal.wait_for(r"Taken back\. Nothing was changed\.")
        assert not container.venv.is_symlink()
        assert [path.name for path in container.venvs.iterdir()] == []


def test_exclamation_mark_gives_a_shell_with_the_virtualenv_and_ctrl_d_comes_back(container: Container) -> None:
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        terminal.press("!")
        terminal.wait_for(r"Ctrl\+D goes back")
        terminal.press("echo venv=$VIRTUAL_ENV; command -v python; pwd\r")
        terminal.wait_for(rf"(?m)^venv={re.escape(str(container.venv))}$")
        terminal.wait_for(rf"{re.escape(str(container.venv))}/bin/python")
        terminal.press("\x04")
        terminal.wait_for(UP)
        terminal.press("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly_with_the_terminal_restored(container: Container, number: signal.Signals) -> None:
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        os.kill(terminal.pid, number)
        assert terminal.wait_for_end() == 0
        tail = bytes(terminal.output[-400:])
        assert b"\x1b[?1049l" in tail  # the alternate screen is left
        assert b"\x1b[?25h" in tail  # the cursor is shown
        assert b"Traceback" not in terminal.output


def test_a_dropped_connection_ends_it(container: Container) -> None:
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        terminal.hang_up()


def test_supervisord_gone_and_back_is_said_and_recovered_from(container: Container) -> None:
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        container_down(container.root)
        terminal.wait_for(r"supervisord is not reachable", 20)
        terminal.wait_for(r"The table is \d+ s old")
        assert re.search(r"app +RUNNING", terminal.text), terminal.text
        container_up(container.root)
        terminal.wait_for(UP, 20)


def test_hostile_names_and_lines_reach_the_terminal_as_text(container: Container) -> None:
    log = container.log_dir / "python.log"
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        with log.open("ab") as file:
            file.write(b"\x1b]0;owned\x07\x1b[2J[red]brackets[/red] \x9b31m \x00 end-of-line\n")
        terminal.wait_for(r"\[red\]brackets\[/red\].*end-of-line")
        terminal.press("l")
        terminal.wait_for(r"following")
        terminal.wait_for(r"\[red\]brackets\[/red\].*end-of-line")
        assert b"owned\x07" not in terminal.output
        assert b"\x1b[2J[red]" not in terminal.output


def test_search_in_the_logs_finds_and_goes_on(container: Container) -> None:
    log = container.log_dir / "python.log"
    log.write_text("".join(f"line {number} {'needle' if number % 500 == 0 else 'hay'}\n" for number in range(3000)))
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        terminal.press("l")
        terminal.wait_for(r"(?s)following.*line 2999")
        terminal.press("/needle\r")
        terminal.wait_for(r"› line 2500 needle")
        terminal.press("N")
        terminal.wait_for(r"› line 2000 needle")
        terminal.press("n")
        terminal.wait_for(r"› line 2500 needle")
        for _page in range(4):
            terminal.press("g")
            terminal.read(0.6)
        terminal.wait_for(r"line 0 needle")


def test_no_container_is_one_sentence_and_exit_code_3(tmp_path: Path) -> None:
    with Terminal(console(tmp_path)) as terminal:
        assert terminal.wait_for_end() == 3
        assert re.search(r"There is no container under", terminal.text)
        assert re.search(r"console demo", terminal.text)


def test_only_the_terminals_sixteen_colours_are_used(container: Container) -> None:
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        for keys, shown in (
            ("\x10", "Ask the site again"),
            ("rest", "Restart"),
            ("\x1b", UP),
            ("?", "Ctrl\\+P"),
            ("q", UP),
            ("s", "Stop app\\?"),
            ("n", UP),
            ("l", "following"),
            ("/", "search"),
            ("\x1b", "following"),
            ("q", UP),
            ("t", "Static files"),
            (" ", "Turn static files on"),
            ("n", "On/Off"),
            ("q", UP),
            ("v", "Roll back"),
        ):
            terminal.press(keys)
            terminal.wait_for(shown)
            terminal.read(0.3)
        colours = set(re.findall(rb"\x1b\[[0-9;]*[34]8;[25];[0-9;]*m", terminal.output))
        assert colours == set()


def test_no_color_is_heeded_and_a_tiny_terminal_is_no_reason_to_fail(container: Container) -> None:
    with Terminal(console(container.root), environment={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for(UP)
        terminal.press("l")
        terminal.wait_for("following")
        terminal.resize(30, 8)
        terminal.wait_for("following")
        terminal.press("q")
        terminal.resize(80, 24)
        terminal.wait_for(UP)
        assert not re.search(rb"\x1b\[[0-9;]*\b3[1-7]m", terminal.output)
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_a_fault_on_the_screens_ends_them_with_a_sentence_and_the_terminal_restored(
    container: Container, tmp_path: Path
) -> None:
    code = (
        "import sys\n"
        "from console.tui.screens.programs import ProgramsScreen\n"
        "def broken(self): raise ValueError('a fault of ours')\n"
        "ProgramsScreen.action_check = broken\n"
        f"sys.argv = ['console', '--root', {str(container.root)!r}]\n"
        "from console.__main__ import main; main()"
    )
    with Terminal([PYTHON, "-c", code], environment={"HOME": str(tmp_path)}) as terminal:
        terminal.wait_for(UP)
        terminal.press("c")
        assert terminal.wait_for_end() == 1
        assert "The console itself failed: ValueError: a fault of ours" in terminal.text
        assert b"Traceback" not in terminal.output
        assert b"\x1b[?1049l" in terminal.output
        assert "a fault of ours" in (tmp_path / ".console" / "crash.log").read_text()
