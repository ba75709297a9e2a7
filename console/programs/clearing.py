"""A program's logs emptied by supervisord, which holds them open."""

from __future__ import annotations

from dataclasses import dataclass

from ..container import Container
from ..errors import ConsoleError
from ..results import Program
from ..text import _
from .client import Supervisor


@dataclass(frozen=True)
class ClearedLogs:
    """The logs of ``program`` were emptied, of ``bytes`` in all. Rotated ones stay."""

    program: str
    bytes: int


def log_bytes(container: Container, program: Program) -> int:
    """How large the logs of ``program`` are that ``clear_logs`` would empty, in bytes."""
    total = 0
    for path in {program.log_file, program.error_log_file}:
        try:
            total += container.under_root(path).stat().st_size if path is not None else 0
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConsoleError(_("Could not read {path}.").format(path=path), error.strerror or str(error)) from error
    return total


def clear_logs(container: Container, program: Program) -> ClearedLogs:
    """Empty the logs of ``program``, its error log too. Raises ConsoleError when they were not, NothingThere when
    supervisord cannot be reached.
    """
    before = log_bytes(container, program)
    Supervisor(container.supervisor_socket).clear_logs(program.full_name)
    # supervisord says yes and does nothing for a program that does not run: it has its log open only then.
    if before and log_bytes(container, program) >= before and program.pid is None:
        raise ConsoleError(
            _("The log of {program} was not cleared.").format(program=program.full_name),
            _("supervisord clears only the logs of programs that run."),
            _("Empty it with: : > {path}").format(path=program.log_file),
        )
    return ClearedLogs(program.full_name, before)
