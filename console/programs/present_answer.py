"""What a running program answers over HTTP at this moment."""

from __future__ import annotations

from ..container import Container
from ..health.http import ask
from ..health.request_path import owned_ports
from ..results import HttpAnswer, Program
from .following import ports_to_ask


def present_answer(container: Container, program: Program, *, timeout: float) -> HttpAnswer | None:
    """The answer of ``program`` on the port where a restart would ask it, within ``timeout`` seconds.

    None where it does not run or listens on no such port. Never raises for what the program does.
    """
    if program.state != "RUNNING" or program.pid is None:
        return None
    ports = ports_to_ask(container, program)
    owned = owned_ports(ports, program.pid)
    if not ports or owned == ():
        return None
    return ask(owned[0] if owned else ports[0], timeout=timeout)
