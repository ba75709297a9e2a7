"""A rebuild outlives its console: dropped connections, several consoles at once, a killed worker."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from console.container import Container
from console.lock import holder
from console.venv.jobs import unfinished
from tests.terminal import Terminal, console

from .test_console import UP, begin_rebuild, fetch, pid_of

DONE = r"✓ Virtualenv with Python [\d.]+, \d+ packages, in [\d.]+ s; app answered again\s+after"


def worker(container: Container) -> int:
    """The process that does the job, from the lock that it holds."""
    told = holder(container.lock)
    assert told is not None
    pid = told["pid"]
    assert isinstance(pid, int)
    return pid


@contextmanager
def halted(container: Container) -> Iterator[int]:
    """The job stands still for the time of the block, wherever it is: it cannot end before somebody has looked."""
    pid = worker(container)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield pid
    finally:
        with contextlib.suppress(ProcessLookupError):  # the test has killed it
            os.kill(pid, signal.SIGCONT)


def wait(what: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until ``what`` is true."""
    limit = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < limit, f"it did not come within {seconds} s"
        time.sleep(0.02)


def test_a_dropped_connection_leaves_the_rebuild_at_work_and_the_next_console_joins_it(container: Container) -> None:
    before = pid_of(container, "app")
    with Terminal(console(container.root)) as terminal:
        begin_rebuild(terminal)
        with halted(container):
            assert terminal.hang_up() == 0
            with Terminal(console(container.root)) as second:
                second.wait_for(r"venv +Rebuild \d+ % .*, \d+ s  v Join")
                second.press("v")
                second.wait_for(r"◐ \w+")
                second.wait_for(r"c Cancel")
                os.kill(worker(container), signal.SIGCONT)
                second.wait_for(DONE, 60)
                second.wait_for(r"█ 100 %")
                assert container.venv.is_symlink()
    wait(lambda: pid_of(container, "app") not in (None, before))
    assert fetch(container.http_port)[0] == 200
    assert unfinished(container) == []


def test_leaving_ends_at_once_and_says_how_to_join(container: Container) -> None:
    with Terminal(console(container.root), columns=120) as terminal:
        begin_rebuild(terminal)
        with halted(container):
            terminal.press("qq")
            assert terminal.wait_for_end(5) == 0
            terminal_says = terminal.text
    assert "Rebuild goes on by itself. Join it with: console --root " in terminal_says
    wait(lambda: holder(container.lock) is None, 60)
    assert container.venv.is_symlink()
    assert fetch(container.http_port)[0] == 200


def test_ctrl_c_leaves_the_rebuild_at_work_too(container: Container) -> None:
    with Terminal(console(container.root), columns=120) as terminal:
        begin_rebuild(terminal)
        with halted(container):
            terminal.press("\x03")
            assert terminal.wait_for_end(5) == 0
    wait(lambda: holder(container.lock) is None, 60)
    assert container.venv.is_symlink()


def test_two_consoles_follow_one_rebuild_and_either_can_cancel_it(container: Container) -> None:
    with Terminal(console(container.root)) as first, Terminal(console(container.root)) as second:
        second.wait_for(UP)
        begin_rebuild(first)
        with halted(container):
            second.wait_for(r"venv +Rebuild \d+ %")
            second.press("v")
            second.wait_for(r"c Cancel")
            second.press("c")
            second.wait_for(r"cancelling")
        for terminal in (first, second):
            terminal.wait_for(r"○ Taken back\. Nothing was changed\.", 30)
    assert not container.venv.is_symlink()


def test_two_consoles_see_the_same_end(container: Container) -> None:
    with Terminal(console(container.root)) as first, Terminal(console(container.root)) as second:
        second.wait_for(UP)
        begin_rebuild(first)
        with halted(container):
            second.wait_for(r"venv +Rebuild \d+ %")
        for terminal in (first, second):
            terminal.wait_for(DONE, 60)


def test_a_killed_rebuild_is_recovered_by_the_next_console_which_says_so(container: Container) -> None:
    before = pid_of(container, "app")
    with Terminal(console(container.root)) as terminal:
        begin_rebuild(terminal)
        with halted(container) as pid:
            terminal.hang_up()
            os.kill(pid, signal.SIGKILL)
            wait(lambda: holder(container.lock) is None)
            with Terminal(console(container.root)) as second:
                second.wait_for(r"✓ A job that was cut off was taken back; nothing had been changed\.", 30)
                second.wait_for(UP)
    assert unfinished(container) == []
    assert not container.venv.is_symlink()
    assert [path.name for path in container.venvs.iterdir()] == []
    assert pid_of(container, "app") == before


def test_a_rebuild_killed_before_the_eyes_of_two_consoles_is_recovered_once(container: Container) -> None:
    with Terminal(console(container.root)) as first, Terminal(console(container.root)) as second:
        second.wait_for(UP)
        begin_rebuild(first)
        with halted(container) as pid:
            second.wait_for(r"venv +Rebuild \d+ %")
            os.kill(pid, signal.SIGKILL)
            # Who comes to it when the other has just done it finds nothing left to do.
            for terminal in (first, second):
                terminal.wait_for(r"✓ (A job that was cut off was taken back|There is nothing to recover)", 30)
            assert any("was taken back" in terminal.text for terminal in (first, second))
    assert unfinished(container) == []


def test_restart_is_possible_while_the_new_one_is_built(container: Container) -> None:
    with Terminal(console(container.root)) as terminal:
        begin_rebuild(terminal)
        with halted(container):
            terminal.press("q")
            terminal.wait_for(r"v Join")
            terminal.press("r")
            terminal.wait_for(r"✓ app RUNNING in [\d.]+ s")
        terminal.wait_for(DONE, 60)


def test_rollback_goes_back_from_the_screen(container: Container) -> None:
    with Terminal(console(container.root)) as terminal:
        begin_rebuild(terminal)
        terminal.wait_for(DONE, 60)
        new = container.venv.resolve()
        terminal.press("u")
        terminal.wait_for(r"Go back to the virtualenv before\?")
        terminal.press("y")
        terminal.wait_for(r"✓ Proving that the virtualenv before still runs")
        terminal.wait_for(DONE, 60)
    assert container.venv.resolve() != new
    assert fetch(container.http_port)[0] == 200


def test_a_missing_requirements_txt_is_written_from_the_screen_and_planned_with(container: Container) -> None:
    container.requirements.unlink()
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        terminal.press("v")
        terminal.wait_for(r"b Rebuild")
        terminal.press("b")
        terminal.wait_for(r"There is no requirements\.txt\.", 30)
        terminal.press("y")
        terminal.wait_for(r"Write requirements\.txt\?")
        terminal.press("y")
        terminal.wait_for(r"(?s)Rebuild the virtualenv\?.*✓ Written: ", 30)
        terminal.press("n")
    assert "gunicorn==" in container.requirements.read_text()


def test_an_offered_version_is_written_on_a_yes_only_and_planned_with(container: Container) -> None:
    lines = [line for line in container.requirements.read_text().splitlines() if not line.startswith("gunicorn")]
    before = "\n".join([*lines, "gunicorn==22.9.9", ""])
    container.requirements.write_text(before)
    with Terminal(console(container.root), rows=50) as terminal:
        terminal.wait_for(UP)
        terminal.press("v")
        terminal.wait_for(r"✗ Missing: .*gunicorn|! gunicorn is \S+, wanted: ==22\.9\.9")
        for answer in ("\r", "y"):  # Enter is on the safe choice
            assert container.requirements.read_text() == before
            terminal.press("b")
            terminal.wait_for(r"(?s)-gunicorn==22\.9\.9.*\+gunicorn==\d.*Change the file", 60)
            terminal.press(answer)
            terminal.wait_for(lambda text: "Change the file" not in text)
        terminal.wait_for(r"(?s)Rebuild the virtualenv\?.*✓ Written: .*The file as it was: ", 60)
        terminal.press("n")
    after = container.requirements.read_text()
    assert "gunicorn==22.9.9" not in after
    assert "gunicorn==" in after
