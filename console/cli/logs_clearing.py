"""`console logs --clear`."""

from __future__ import annotations

from ..container import Container
from ..errors import ConsoleError
from ..logs.clean import terminal_safe
from ..text import _
from ..units import size
from .agreeing import agree
from .options import Asked


def clear_log(asked: Asked, container: Container, name: str, yes: bool) -> None:
    """Empty the log of the program ``name``, after asking."""
    from ..programs.clearing import clear_logs, log_bytes
    from ..programs.client import Supervisor
    from ..programs.table import program_from
    from ..shell_commands import supervisorctl

    supervisor = Supervisor(container.supervisor_socket)
    programs = [program_from(container, info) for info in supervisor.all_processes()]
    program = next((one for one in programs if name in (one.full_name, one.name) and one.log_file), None)
    if program is None:
        there = ", ".join(one.full_name for one in programs if one.log_file)
        raise ConsoleError(
            _("{name} is no program with a log.").format(name=name),
            _("Only programs' logs can be cleared. There are: {names}.").format(names=there),
        )
    if asked.explained((supervisorctl(container, "clear", program.full_name),)):
        return
    amount = size(log_bytes(container, program))
    question = _("Clear the log of {program} ({size})? It cannot be taken back.")
    agree(asked, yes, question.format(program=terminal_safe(program.full_name), size=amount))
    cleared = clear_logs(container, program)
    printer = asked.printer
    if printer.json:
        printer.document(cleared)
        return
    told = _("The log of {program} is empty: {size} removed.")
    told = told.format(program=terminal_safe(cleared.program), size=size(cleared.bytes))
    printer.line(f"{printer.mark(True)} {told}")
