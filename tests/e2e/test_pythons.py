"""Another interpreter is chosen on the screens, while the site runs on."""

from __future__ import annotations

from console.container import find_container
from tests import needs
from tests.conftest import MakeContainer
from tests.pairs.asking import answering_python
from tests.terminal import Terminal, console
from tests.venv.loops import Visitors

from .test_console import UP
from .test_joining import wait


def test_p_chooses_another_python_with_a_virtualenv_of_its_own_and_u_takes_both_back(
    make_container: MakeContainer,
) -> None:
    newest, older = needs.interpreters(2)
    container = make_container(generation="runtime", python=older.version)
    with Visitors(container.app_port) as visitors, Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        terminal.press("p")
        terminal.wait_for(rf"▸ {older.version} .*\n +chosen, the virtualenv runs with it")
        terminal.wait_for(rf"  {newest.version} ")
        terminal.press("j\r")
        terminal.wait_for(rf"(?s)Choose Python {newest.version}, and rebuild.*Chosen together with it", 60)
        assert not visitors.failed
        terminal.press("y")
        terminal.wait_for(r"✓ Virtualenv with Python [\d.]+, \d+ packages, in [\d.]+ s; app answered again", 90)
        terminal.wait_for(rf"Python {newest.version} is chosen now")
        assert answering_python(container) == newest.version
        assert find_container(container.root).python == container.techs / f"python-{newest.version}/bin/python3"

        terminal.press("u")
        terminal.wait_for(r"Go back to the virtualenv before\?", 30)
        terminal.press("y")
        wait(lambda: answering_python(container) == older.version, 60)
        terminal.wait_for(r"(?s)█ 100 %.*app answered again", 60)
    assert answering_python(container) == older.version
    assert find_container(container.root).python == container.techs / f"python-{older.version}/bin/python3"
