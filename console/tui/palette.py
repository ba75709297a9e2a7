"""What the command palette offers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.app import SystemCommand
from textual.screen import Screen

from ..text import _
from .screens.base import ConsoleScreen


def commands_of(screen: Screen[Any]) -> Iterable[SystemCommand]:
    """Every action of the screen, by name; Textual's own would break the sixteen colours."""
    if not isinstance(screen, ConsoleScreen):
        return
    for binding in screen.own_bindings():
        if binding.description:

            async def call(action: str = binding.action) -> None:
                await screen.run_action(action)

            help_text = _(binding.tooltip) if binding.tooltip else ""
            yield SystemCommand(_(binding.description), help_text, call)
