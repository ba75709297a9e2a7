"""After an image switch: the console says what happened, and its guide leads to a site that answers again."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.playground import switch_python
from console.venv.jobs import unfinished
from tests import needs
from tests.conftest import MakeContainer
from tests.pairs.asking import answering_python
from tests.terminal import Terminal, console
from tests.venv.wheels import make_wheel

from .test_console import UP, fetch
from .test_joining import halted, wait, worker

PAIRS = [(old, new) for old in ("3.8", "3.9", "3.10") for new in ("3.12", "3.13")]
IDS = [f"{old} to {new}" for old, new in PAIRS]
DONE = r"✓ Virtualenv with Python {}, \d+ packages, in [\d.]+ s; app: HTTP 200"


class Switched:
    """A container whose image was switched from ``old`` to ``new``; its virtualenv is dead, its app is down."""

    def __init__(self, container: Container, old: str, new: str) -> None:
        self.container, self.old, self.new = container, old, new
        self.requirements = container.requirements.read_bytes()

    def switch(self, version: str | None = None) -> None:
        """Take the one Python away and put another in its place, as the hosting does."""
        switch_python(self.container.root, version or self.new)
        self.container = find_container(self.container.root)

    def terminal(self, columns: int = 80, rows: int = 24) -> Terminal:
        return Terminal(console(self.container.root), columns=columns, rows=rows)


@pytest.fixture
def switched(request: pytest.FixtureRequest, make_container: MakeContainer) -> Switched:
    """Not switched yet: what is to be there before is the test's to make."""
    old, new = (needs.interpreter(version).version for version in request.param)
    return Switched(make_container(python=old), old, new)


def open_guide(terminal: Terminal, switched: Switched) -> None:
    """From the start of the console to the guide's first page, by what both say of the switch."""
    said = wrapped(
        f"The image's Python is {switched.new}, your virtualenv was made for {switched.old} and cannot run: "
        "the app is down."
    )
    terminal.wait_for(said, 30)  # the plain line
    terminal.wait_for(rf"(?s){said}.*m Migrate.*▸ . app")
    terminal.press("m")
    back = wrapped(f"The way back: choose Python {switched.old} again")
    terminal.wait_for(rf"(?s)1 What happened.*✗ {said}.*{back}")


def wrapped(text: str) -> str:
    """A pattern for ``text``, which may be broken over lines anywhere between its words."""
    return r"\s+".join(map(re.escape, text.split()))


def to_versions(terminal: Terminal) -> None:
    terminal.wait_for(r"Enter Go on")
    terminal.press("\r")
    terminal.wait_for(r"Python 3\.\d+\.\d+ → 3\.\d+\.\d+ · beside", 60)


def say_yes(terminal: Terminal) -> None:
    terminal.wait_for(r"Enter Rebuild")
    terminal.press("\r")
    terminal.wait_for(r"Rebuild the virtualenv\?")
    terminal.press("y")


def site_answers(switched: Switched) -> bool:
    return fetch(switched.container.http_port)[0] == 200 and answering_python(switched.container) == switched.new


@pytest.mark.parametrize("switched", PAIRS, ids=IDS, indirect=True)
def test_with_requirements_the_guide_leads_to_an_app_on_the_new_python(switched: Switched) -> None:
    switched.switch()
    with switched.terminal() as terminal:
        open_guide(terminal, switched)
        terminal.wait_for(r"✓ requirements\.txt asks for 2 packages\.")
        to_versions(terminal)
        terminal.wait_for(r"Disk: about .* needed")
        say_yes(terminal)
        terminal.wait_for(DONE.format(switched.new), 90)
        terminal.wait_for(rf"(?s)5 The site.*{UP}.*Freeze.*What was done, as commands:\s+mkdir -p")
        assert site_answers(switched)
        terminal.press("f")
        terminal.wait_for(r"(?s)Write requirements\.txt\?.*\+gunicorn==")
        terminal.press("y")
        terminal.wait_for(r"Written: \S+requirements\.txt")
        terminal.press("\r")
        terminal.wait_for(rf"(?s){UP}.*r Restart")
        terminal.press("m")
        terminal.wait_for(r"there is nothing to\s+migrate")
    assert b"gunicorn==" in switched.container.requirements.read_bytes()


@pytest.mark.parametrize("switched", PAIRS, ids=IDS, indirect=True)
def test_without_requirements_they_are_read_from_the_dead_virtualenv(switched: Switched) -> None:
    switched.container.requirements.unlink()
    switched.switch()
    with switched.terminal() as terminal:
        open_guide(terminal, switched)
        terminal.wait_for(r"(?s)! There is no requirements\.txt\..*✓ 2 packages can be read")
        terminal.press("\r")
        terminal.wait_for(r"(?s)This one would be written:.*\+bottle==.*\+gunicorn==.*Enter Write it")
        assert not switched.container.requirements.exists()
        terminal.press("\r")
        terminal.wait_for(r"Python 3\.\d+\.\d+ → 3\.\d+\.\d+ · beside", 60)
        say_yes(terminal)
        terminal.wait_for(DONE.format(switched.new), 90)
    assert site_answers(switched)


@pytest.mark.parametrize("switched", PAIRS, ids=IDS, indirect=True)
def test_a_pin_that_the_new_python_cannot_have_is_told_with_the_nearest_that_it_can(switched: Switched) -> None:
    app = switched.container.app
    make_wheel(app / "wheels", "relic", "1.0", python="<3.12")
    make_wheel(app / "wheels", "relic", "2.0", python=">=3.8")
    switched.container.requirements.write_bytes(switched.requirements + b"--find-links wheels\nrelic==1.0  # as ever\n")
    switched.switch()
    with switched.terminal(120, 40) as terminal:
        open_guide(terminal, switched)
        to_versions(terminal)
        terminal.wait_for(r"(?s)✗ relic .*impossible.*nearest: 2\.0.*o Change the file")
        assert "Enter Rebuild" not in terminal.text
        terminal.press("o")
        terminal.wait_for(r"(?s)Change requirements\.txt\?.*-relic==1\.0 .*\+relic==2\.0 ")
        assert b"relic==1.0" in switched.container.requirements.read_bytes()
        terminal.press("y")
        terminal.wait_for(r"\+ relic +2\.0 +wheel", 60)
        say_yes(terminal)
        terminal.wait_for(DONE.format(switched.new), 90)
    assert site_answers(switched)
    assert switched.container.requirements.read_bytes().endswith(b"\nrelic==2.0  # as ever\n")


@pytest.mark.parametrize("switched", PAIRS, ids=IDS, indirect=True)
def test_a_cut_connection_leaves_the_rebuild_at_work_and_the_next_guide_joins_it(switched: Switched) -> None:
    switched.switch()
    with switched.terminal() as terminal:
        open_guide(terminal, switched)
        to_versions(terminal)
        say_yes(terminal)
        terminal.wait_for(r"◐ Creating a virtualenv")
        with halted(switched.container):
            assert terminal.hang_up() == 0
            with switched.terminal() as second:
                second.wait_for(r"venv +Rebuild \d+ % .*, \d+ s  v Join", 30)
                second.press("m")
                second.wait_for(r"◐ \w+")
                os.kill(worker(switched.container), signal.SIGCONT)
                second.wait_for(DONE.format(switched.new), 90)
                second.wait_for(rf"(?s)5 The site.*{UP}")
    wait(lambda: site_answers(switched))
    assert unfinished(switched.container) == []


@pytest.mark.parametrize("switched", PAIRS, ids=IDS, indirect=True)
def test_code_that_the_new_python_breaks_can_be_mended_with_the_new_virtualenv_in_place(switched: Switched) -> None:
    app = switched.container.app / "app.py"
    code = app.read_text()
    app.write_text("import imp\n" + code)
    switched.switch()
    with switched.terminal() as terminal:
        verdict_of_broken_code(terminal, switched)
        assert not switched.container.venv.is_symlink()
        terminal.press("a")
        terminal.wait_for(r"Put the new virtualenv in place all the same\?")
        terminal.press("y")
        stays = wrapped("The new virtualenv stays in place, as the one before cannot run.")
        terminal.wait_for(rf"(?s)5 The site.*✗ app does not start: .*'imp'.*{stays}", 90)
        app.write_text(code)
        terminal.press("q")
        terminal.wait_for(r"r Restart")
        terminal.press("r")
        terminal.wait_for(r"✓ app RUNNING in [\d.]+ s, HTTP 200", 30)
    assert site_answers(switched)


@pytest.mark.parametrize("switched", PAIRS, ids=IDS, indirect=True)
def test_code_that_the_new_python_breaks_runs_again_when_the_old_one_is_back(switched: Switched) -> None:
    app = switched.container.app / "app.py"
    app.write_text("import imp\n" + app.read_text())
    dead = tree(switched.container.venv)
    switched.switch()
    with switched.terminal() as terminal:
        verdict_of_broken_code(terminal, switched)
        terminal.wait_for(wrapped(f"The way back: choose Python {switched.old} again"))
    assert tree(switched.container.venv) == dead
    switched.switch(switched.old)
    with switched.terminal() as terminal:
        terminal.wait_for(rf"(?s){UP}.*r Restart", 30)
        assert "m Migrate" not in terminal.text
    assert answering_python(switched.container) == switched.old


def verdict_of_broken_code(terminal: Terminal, switched: Switched) -> None:
    open_guide(terminal, switched)
    to_versions(terminal)
    say_yes(terminal)
    terminal.wait_for(r"(?s)5 The site.*✗ The code of app does not load: ModuleNotFoundError: .*'imp'", 90)
    unchanged = wrapped("Nothing was changed: the present virtualenv stays in place.")
    terminal.wait_for(rf"(?s){unchanged}.*a +Put the new virtualenv in place")


def tree(folder: Path) -> dict[str, bytes | str]:
    """Every file under ``folder`` with what it holds, but byte code."""
    files: dict[str, bytes | str] = {}
    for parent, _folders, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if path.suffix != ".pyc":
                files[str(path)] = str(path.readlink()) if path.is_symlink() else path.read_bytes()
    return files
