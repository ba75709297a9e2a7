"""From the command line to the screens."""

from __future__ import annotations

from ..container import Container
from ..health.summary import plain_line
from ..logs.clean import terminal_safe


def open_console(container: Container) -> None:
    """Print the truth in one plain line, then load the screens, which takes a second on a small plan.

    The line also stays in the scrollback when the console is left.
    """
    print(terminal_safe(plain_line(container)), flush=True)
    from ..tui.app import run

    run(container)
