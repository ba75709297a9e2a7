"""Was the image switched? Told from the virtualenv and the image's Python, and from what a console saw before.

On the path of ``console status``: reads one small file.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ..atomic import write_file
from ..container import Container
from ..errors import ConsoleError
from ..results import ImageSwitch, Program, Venv, as_json, from_json
from ..text import _
from .anatomy import minor

APP = "app"
SEEN_AGAIN = timedelta(hours=1)  # how old the time of what was seen may be; newer, it is not written once more


@dataclass(frozen=True)
class Seen:
    """What a console found the last time when all fitted: the image's Python, the virtualenv's, and when."""

    python: str
    virtualenv: str
    at: datetime


def read_image_switch(container: Container, venv: Venv, programs: Sequence[Program]) -> ImageSwitch | None:
    """The switch that ``venv`` has not followed yet; None where there was none. ``programs`` are supervisord's. Never
    raises.

    A virtualenv whose own files no longer say its version is told by what was seen before. A patch release that it
    goes on with is no switch.
    """
    image = venv.image_python
    if image is None or venv.state not in ("dead", "mismatch") or venv.fits:
        return None
    seen = read_seen(container)
    made_for = venv.python or (seen.virtualenv if seen is not None else None)
    if made_for is None or made_for == image or (venv.state == "mismatch" and minor(made_for) == minor(image)):
        return None
    runs = venv.usable
    app_runs = any(program.name == APP and program.state == "RUNNING" for program in programs)
    when = seen.at if seen is not None and minor(seen.python) != minor(image) else None
    return ImageSwitch(_sentence(image, made_for, runs=runs, app_runs=app_runs), made_for, image, runs, when)


def _sentence(image: str, made_for: str, *, runs: bool, app_runs: bool) -> str:
    versions = {"image": image, "venv": made_for}
    if runs:
        return _("The image's Python is {image}; your virtualenv still works with {venv}.").format(**versions)
    if app_runs:
        said = _("The image's Python is {image}, your virtualenv was made for {venv}: once stopped, the app cannot start.")
        return said.format(**versions)
    said = _("The image's Python is {image}, your virtualenv was made for {venv} and cannot run: the app is down.")
    return said.format(**versions)


def read_seen(container: Container) -> Seen | None:
    """What was remembered; None where nothing was, or it cannot be read: it only adds to what the files say."""
    try:
        return from_json(Seen, json.loads(_file(container).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def remember(container: Container, venv: Venv, now: datetime) -> None:
    """Remember the two Pythons while they fit. Writes only what is new; what cannot be written is not remembered,
    which costs nothing but the time in a later sentence.
    """
    if venv.image_python is None or venv.python is None or not venv.fits:
        return
    seen = read_seen(container)
    new = Seen(venv.image_python, venv.python, now)
    same = seen is not None and (seen.python, seen.virtualenv) == (new.python, new.virtualenv)
    if seen is not None and same and now - seen.at < SEEN_AGAIN:
        return
    with contextlib.suppress(OSError, ConsoleError):
        container.state_dir.mkdir(exist_ok=True)
        write_file(_file(container), json.dumps(as_json(new)).encode("ascii"), mode=0o600)


def _file(container: Container) -> Path:
    return container.state_dir / "image.json"
