"""Is the new virtualenv good? Asked before anything is switched."""

from __future__ import annotations

from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..programs.entry_point import check_entry_point
from ..pythons.interpreters import run_version
from ..text import _
from .build import Builder
from .child import clean_environment
from .create import numbers
from .memory_room import has_room_for_app
from .uv import OLDEST as OLDEST_FOR_UV
from .uv import uv_environment, uv_program

APP = "app"


class AppDoesNotLoad(ConsoleError):
    """The virtualenv is good; the app's own code is not, with it."""


LOAD_SECONDS = 60.0  # a big site on a quarter of a core takes its time to import


def prove(
    container: Container,
    builder: Builder,
    folder: Path,
    version: str,
    *,
    app_may_fail: bool = False,
    compiles: bool = False,
) -> str:
    """Raise ConsoleError with the reason unless the virtualenv in ``folder`` runs Python ``version``, its packages
    fit each other, and (AppDoesNotLoad) the app's entry point loads with it. Return what a person should know of the
    last one, which with ``app_may_fail`` is no more than that. ``compiles``: the byte code of what it loads is kept, so
    that the app's start has no need to make it. Where the memory is too small to load the app a second time, nothing is
    tried: the start after the switch is the proof then, and undone when it fails.
    """
    python = folder / "bin" / "python"
    runs = run_version(python, timeout=30.0, site=True)
    if runs != version:
        raise ConsoleError(
            _("The new virtualenv's interpreter does not run."),
            _("{path} should be Python {version}, and says: {runs}").format(
                path=python, version=version, runs=runs or _("nothing")
            ),
            _("Nothing was changed."),
        )
    _check_packages(builder, python, version)
    by_start = _("There is no memory to try the app beside the one that runs: its start will show whether it loads.")
    if not has_room_for_app(container):
        return by_start
    loaded = check_entry_point(
        container, APP, interpreter=python, timeout=LOAD_SECONDS, check=builder.check, keep_byte_code=compiles
    )
    for line in loaded.output:
        builder.heard(line)
    if loaded.killed:
        return by_start
    if not loaded.ok:
        verdict = loaded.verdict
        title = verdict.title if verdict is not None else _("The app does not load with the new virtualenv.")
        if app_may_fail:
            return title
        raise AppDoesNotLoad(
            title,
            verdict.detail if verdict is not None else "",
            _("Nothing was changed: the present virtualenv stays in place."),
        )
    return loaded.note


def _check_packages(builder: Builder, python: Path, version: str) -> None:
    said: list[str] = []
    if numbers(version) >= OLDEST_FOR_UV:
        code = builder.run([uv_program(), "pip", "check", "--python", str(python)], uv_environment(), said.append)
    else:
        code = builder.run([str(python), "-m", "pip", "check"], clean_environment(), said.append)
    if code != 0:
        raise ConsoleError(
            _("The packages do not fit each other."),
            "\n".join(line for line in said if not line.startswith(("Using ", "Checked "))),
            _("Nothing was changed. Mend the versions in requirements.txt and try again."),
        )
