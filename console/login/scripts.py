"""The scripts of the login, as they are for one container, in the language that is spoken now."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from ..container import Container
from ..text import _
from .places import Places, places_of

# A sign of life has to come within these seconds, and 0.2 s more go by between the two signals that end what gave
# none: the shell is there within 2 s.
SECONDS = 1.5
_FILES = Path(__file__).parent / "files"


def scripts(container: Container) -> dict[Path, bytes]:
    """Each script's path and content."""
    places = places_of(container)
    values = {
        "RUN": _quoted(places.run),
        "VENV": _quoted(container.venv),
        "VENVS": _quoted(container.venvs),
        "LAUNCHER": _quoted(places.launcher),
        "STATE": _quoted(places.folder),
        "SECONDS": str(SECONDS),
        "ROOT": "" if container.root == Path("/") else f"CONSOLE_ROOT={_quoted(container.root)} ",
        **{name: shlex.quote(text) for name, text in _texts(places).items()},
    }
    return {path: _filled(path.name, values) for path in (places.script, places.run)}


def _texts(places: Places) -> dict[str, str]:
    """What the script says, one line each; the two about an exit code are formats of printf(1)."""
    aside = _("The console stays away from the login: it failed twice in a row. Bring it back with: console login on")
    missing = _("The console does not start: {launcher} is missing. Install it again, or take its block out of {file}.")
    late = _("The console did not show itself in time and was ended. Start it with: console")
    late_again = _(
        "The console did not show itself in time, twice in a row now, and stays away until: console login on"
    )
    crashed = _("The console ended with exit code {code}. Start it with: console")
    crashed_again = _(
        "The console ended with exit code {code}, failed twice in a row now, and stays away until: console login on"
    )
    return {
        "ASIDE": aside,
        "MISSING": missing.format(launcher=places.launcher, file=places.bashrc),
        "LATE": late,
        "LATE_AGAIN": late_again,
        "CRASHED": _printf(crashed),
        "CRASHED_AGAIN": _printf(crashed_again),
    }


def _printf(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "%%").format(code="%s") + "\\n"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _filled(name: str, values: dict[str, str]) -> bytes:
    text = (_FILES / f"{name}.in").read_text("utf-8")
    return re.sub(r"@([A-Z_]+)@", lambda match: values[match.group(1)], text).encode("utf-8", "surrogateescape")
