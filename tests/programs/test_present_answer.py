"""What a program answers right now, asked of real ones."""

from __future__ import annotations

from console.programs.present_answer import present_answer
from console.programs.table import read_programs
from console.results import Program

from .sandbox import Sandbox
from .waiting import wait_for


def _program(sandbox: Sandbox, name: str) -> Program:
    return next(program for program in read_programs(sandbox.container)[1] if program.name == name)


def test_the_status_of_a_program_that_listens(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server(status="503 Not Today"))
    sandbox.add("worker", "/bin/sleep 1000")
    sandbox.add("off", "/bin/sleep 1000", autostart="false")
    sandbox.up()
    wait_for(lambda: present_answer(sandbox.container, _program(sandbox, "app"), timeout=5) is not None)
    answer = present_answer(sandbox.container, _program(sandbox, "app"), timeout=5)
    assert answer is not None
    assert (answer.port, answer.status) == (sandbox.container.app_port, 503)
    assert present_answer(sandbox.container, _program(sandbox, "worker"), timeout=5) is None
    assert present_answer(sandbox.container, _program(sandbox, "off"), timeout=5) is None


def test_a_program_that_hangs_is_not_waited_for(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server(work="time.sleep(1000)"))
    sandbox.up()
    wait_for(lambda: present_answer(sandbox.container, _program(sandbox, "app"), timeout=0.2) is not None)
    answer = present_answer(sandbox.container, _program(sandbox, "app"), timeout=0.2)
    assert answer is not None
    assert answer.status is None
