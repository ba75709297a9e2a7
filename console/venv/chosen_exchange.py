"""An exchange of the virtualenv together with that of the chosen interpreter: both or neither."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..container import Container
from ..errors import ConsoleError
from ..pythons.primary_tech import link_text, set_link
from ..results import ChoiceChange, as_json
from ..text import _
from .choice_record import chosen_before, remember_choice
from .generations import current, previous
from .repair import Repair
from .switch import Switch

if TYPE_CHECKING:
    from .exchange import RecordedExchange


@dataclass(frozen=True)
class ChosenFacts:
    """The ``kind`` and the ``facts`` of the virtualenv's exchange, and the ``change`` of the symlink beside it."""

    kind: str
    facts: Any
    change: ChoiceChange


class ChosenExchange:
    """``exchange`` of the virtualenv, and ``change`` of the symlink that chooses the interpreter.

    The symlink is set first: where that is not possible, nothing has been touched. What tells whether both are
    ``applied`` is the virtualenv, so that a death between the two is taken back. ``apply`` and ``undo`` may be called
    in any state; a symlink that somebody else has set since is left to them.
    """

    kind = "chosen"

    def __init__(self, container: Container, exchange: RecordedExchange, change: ChoiceChange) -> None:
        self.exchange = exchange
        self.new: Path = exchange.new
        self.change = change
        self._container = container

    @property
    def facts(self) -> Any:
        """What ``restored_exchange`` takes."""
        return as_json(ChosenFacts(self.exchange.kind, self.exchange.facts, self.change))

    @property
    def applied(self) -> bool:
        """The new virtualenv is in place."""
        return self.exchange.applied

    def prepare(self) -> None:
        """Write down what a later rollback has to choose again, while the programs still run. Raises ConsoleError
        where that cannot be written, or where the symlink is another than the change was planned for.
        """
        refuse_other_choice(self.change)
        container, change, exchange = self._container, self.change, self.exchange
        if isinstance(exchange, Switch) and exchange.before is not None:
            remember_choice(container, exchange.new, exchange.before, change)
        if isinstance(exchange, Repair):
            # The virtualenv before is the one that it was; what was chosen with it is what was chosen first.
            used, before = current(container), previous(container)
            if used is not None and before is not None:
                told = chosen_before(container, used, before)
                remember_choice(container, used, before, replace(change, old=told.old) if told is not None else change)

    def apply(self) -> None:
        """Put the new state in place. Raises ConsoleError with everything as it was."""
        self._set(self.change.old, self.change.new)
        try:
            self.exchange.apply()
        except BaseException:
            if not self.exchange.applied:
                self._set(self.change.new, self.change.old)
            raise

    def undo(self) -> None:
        """Put the old state back. Raises ConsoleError when that is not possible."""
        self.exchange.undo()
        self._set(self.change.new, self.change.old)

    def _set(self, before: str | None, after: str | None) -> None:
        if link_text(self.change.path) == before:
            set_link(self.change.path, after)


def refuse_other_choice(change: ChoiceChange | None) -> None:
    """Raise ConsoleError where the symlink is not as it was when the ``change`` was planned."""
    if change is not None and link_text(change.path) != change.old:
        raise ConsoleError(
            _("{path} was changed meanwhile.").format(path=change.path),
            _("Somebody has chosen another Python after the plan was shown."),
            _("Look at the new plan, and begin again."),
        )
