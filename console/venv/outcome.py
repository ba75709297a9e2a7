"""How a job ended, from the last record of its journal."""

from __future__ import annotations

from typing import Any, NoReturn

from ..errors import ConsoleError, Locked, NothingThere, WrongUsage
from ..events import Cancelled
from ..results import Rebuild, from_json
from ..text import _

_KINDS = {kind.exit_code: kind for kind in (ConsoleError, WrongUsage, NothingThere, Locked)}


def read_outcome(done: dict[str, Any]) -> Rebuild:
    """The result in a "done" record. Raises Cancelled or the ConsoleError that stands there instead."""
    if "result" in done:
        try:
            return from_json(Rebuild, done["result"])
        except ValueError as error:
            raise ConsoleError(_("The job has ended, but its result cannot be understood."), str(error)) from error
    raise_error(done)


def as_error(error: ConsoleError) -> dict[str, Any]:
    """What ``raise_error`` raises again in another process."""
    return {"title": error.title, "cause": error.cause, "remedy": error.remedy, "exit_code": error.exit_code}


def raise_error(done: dict[str, Any]) -> NoReturn:
    """Raise what a "done" record without a result says."""
    if done.get("cancelled"):
        raise Cancelled
    told = done.get("error")
    told = told if isinstance(told, dict) else {}
    kind = _KINDS.get(told.get("exit_code", 1), ConsoleError)
    raise kind(str(told.get("title", "?")), str(told.get("cause", "")), str(told.get("remedy", "")))
