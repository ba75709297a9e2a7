"""What changes at /srv/venv while the programs are stopped: a switch, a repair, or a rebuild in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from ..container import Container
from ..results import from_json
from .chosen_exchange import ChosenExchange, ChosenFacts
from .in_place import InPlace
from .repair import Repair
from .switch import Switch


class Exchange(Protocol):
    """``apply`` and ``undo`` may be called in any state, also in one that a death in the middle of either left."""

    @property
    def applied(self) -> bool:
        """The new state is in place."""

    def apply(self) -> None:
        """Put the new state in place. Raises ConsoleError with everything as it was."""

    def undo(self) -> None:
        """Put the old state back. Raises ConsoleError when that is not possible."""


class RecordedExchange(Exchange, Protocol):
    """One that can be written down and brought back in another process by its ``kind`` and ``facts``."""

    kind: str
    new: Path

    @property
    def facts(self) -> Any:
        """JSON that ``restored_exchange`` takes."""


def restored_exchange(container: Container, kind: str, facts: Any) -> RecordedExchange:
    """The exchange that was written down with these ``facts``. Raises ValueError where they are none."""
    if kind == ChosenExchange.kind:
        told = from_json(ChosenFacts, facts)
        return ChosenExchange(container, restored_exchange(container, told.kind, told.facts), told.change)
    kinds = {each.kind: each for each in (Switch, Repair, InPlace)}
    if kind not in kinds:
        raise ValueError(f"no exchange: {kind!r}")
    return kinds[kind].restored(container, facts)


def of_virtualenv(exchange: RecordedExchange) -> RecordedExchange:
    """The virtualenv's part of ``exchange``, which may be all of it."""
    return exchange.exchange if isinstance(exchange, ChosenExchange) else exchange


def finish_exchange(exchange: RecordedExchange) -> None:
    """Forget what ``undo`` would need: the new state is verified. Raises ConsoleError."""
    exchange = of_virtualenv(exchange)
    if isinstance(exchange, (Repair, InPlace)):
        exchange.finish()
