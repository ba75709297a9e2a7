"""The look: the terminal's own sixteen colours on its own background, so that it is readable on any.

TERM=xterm, which a container sets, has 16 colours, and nobody can tell whether the terminal is dark or light. So
the background stays the terminal's; colour is used only for what is good (green), bad (red) and worth a look
(magenta), each beside a sign and a word. Blue is too dark on black, yellow and cyan too light on white.
"""

from __future__ import annotations

from pathlib import Path

from rich.style import Style
from textual.theme import Theme

PLAIN = Style()  # a cell without a style would break Textual's filter for NO_COLOR
GOOD = "ansi_green"
BAD = "ansi_red bold"
ATTENTION = "ansi_magenta"
QUIET = "dim"
STRONG = "bold"
SELECTED = "reverse"
KEY = "bold"

THEME = Theme(
    name="console",
    ansi=True,
    primary="ansi_green",
    secondary="ansi_default",
    warning="ansi_magenta",
    error="ansi_red",
    success="ansi_green",
    accent="ansi_magenta",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "block-cursor-background": "ansi_default",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-text-style": "reverse",
        "block-hover-background": "ansi_default",
        "border": "ansi_default",
        "border-blurred": "ansi_default",
        "input-cursor-text-style": "reverse",
        "scrollbar": "ansi_default",
        "scrollbar-hover": "ansi_default",
        "scrollbar-active": "ansi_default",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "footer-key-foreground": "ansi_default",
        "button-focus-text-style": "reverse",
    },
)

_STATES: dict[str, tuple[str, str]] = {
    "RUNNING": ("●", GOOD),
    "STARTING": ("◐", ATTENTION),
    "STOPPING": ("◐", ATTENTION),
    "BACKOFF": ("!", ATTENTION),
    "STOPPED": ("○", QUIET),
    "EXITED": ("✗", BAD),
    "FATAL": ("✗", BAD),
}


def state_sign(state: str) -> tuple[str, str]:
    """The sign and the style for a supervisord state; the word itself is always shown too."""
    return _STATES.get(state, ("?", ATTENTION))


def mark(good: bool | None) -> tuple[str, str]:
    """✓, ✗, or ○ where it is neither, with its style."""
    if good is None:
        return "○", QUIET
    return ("✓", GOOD) if good else ("✗", BAD)


def style_sheet(name: str) -> Path:
    """The .tcss file ``name``: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "styles" / f"{name}.tcss"
    return installed if installed.is_file() else package.parent / "styles" / f"{name}.tcss"
