"""From the command line to the screens."""

from __future__ import annotations

import gc

from ..container import Container
from ..health.summary import plain_line
from ..login import signs
from ..logs.clean import terminal_safe


def open_console(container: Container) -> None:
    """Print the truth in one plain line, then load the screens, which takes a second on a small plan.

    The line also stays in the scrollback when the console is left. While the screens load, the status is read
    already, so that their first frame has it.
    """
    print(*map(terminal_safe, plain_line(container).splitlines()), sep="\n", flush=True)
    signs.alive()
    from ..health.first_look import FirstLook

    # Loading makes objects that stay; looking for garbage among them takes a tenth of it. The app turns it on again.
    gc.disable()
    first_look = FirstLook(container)
    first_look.start()
    import textual.app  # noqa: F401 - half of what has to be loaded

    signs.alive()
    from ..tui.running import run

    signs.alive()
    words = run(container, first_look)
    if words:
        from .own_call import call_and_come_back

        call_and_come_back(container, words)
