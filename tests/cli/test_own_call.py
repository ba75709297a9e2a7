"""The command line in the place of the screens, and back: on a real terminal, without a look at memory."""

from __future__ import annotations

import sys
from pathlib import Path

from console.container import Container
from tests.e2e.test_console import UP
from tests.terminal import Terminal

CALL = """
import sys
from pathlib import Path
from console.cli.own_call import call_and_come_back, call_instead
from console.container import find_container
container = find_container(Path(sys.argv[1]))
if sys.argv[2] == "back":
    call_and_come_back(container, sys.argv[3:])
call_instead(container, *sys.argv[3:])
"""


def _calls(container: Container, how: str, *words: str) -> Terminal:
    return Terminal([sys.executable, "-c", CALL, str(container.root), how, *words], cwd=Path.cwd())


def test_the_screens_come_back_on_enter(shared_container: Container) -> None:
    with _calls(shared_container, "back", "status") as terminal:
        terminal.wait_for("Enter goes back to the screens")
        assert "app" in terminal.text
        terminal.press("\r")
        terminal.wait_for(UP, 20)


def test_ctrl_c_ends_the_command_and_not_the_way_back(shared_container: Container) -> None:
    with _calls(shared_container, "back", "logs", "-f") as terminal:
        terminal.wait_for("GET|Booting")
        terminal.press("\x03")
        terminal.wait_for("Enter goes back to the screens")


def test_a_call_instead_ends_with_the_other_call_s_exit_code(shared_container: Container) -> None:
    with _calls(shared_container, "instead", "logs", "no-such-log") as terminal:
        terminal.wait_for("no log named no-such-log")
        assert terminal.wait_for_end() == 1
