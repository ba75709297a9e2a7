"""How the console stands at a login, from its files alone."""

from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..text import _
from .block import Block, find, intact
from .places import Places, places_of
from .results import Login, LoginProblem
from .startup_files import early_end_problem, parsing_problem, reading_problem


def read_login(container: Container) -> Login:
    """Whether the console starts at a login, and what keeps it from that. Raises ConsoleError when .bashrc is there
    and cannot be read.
    """
    places = places_of(container)
    data = read_bashrc(places.bashrc)
    block = find(data) if data is not None else None
    reading = reading_problem(places.home)
    if data is None or block is None:
        return Login("off", places.bashrc, read_by_login=reading is None, problems=(reading,) if reading else ())
    before = data[: block.start]
    problems = [reading, parsing_problem(places.bashrc), early_end_problem(before), *_missing(places)]
    state = _state(places, block)
    since, failure = _last_failure(places.aside) if state == "aside" else (None, None)
    return Login(
        state=state,
        file=places.bashrc,
        shows="notice" if places.notice.exists() else "screens",
        line=before.count(b"\n") + 1,
        block=block.text.decode("utf-8", "replace") if state == "edited" else None,
        since=since,
        failure=failure,
        read_by_login=reading is None,
        problems=tuple(problem for problem in problems if problem is not None),
    )


def read_bashrc(path: Path) -> bytes | None:
    """What is in .bashrc; None where there is none, also behind a symlink. Raises ConsoleError where it is something
    else than a file, or cannot be read.
    """
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):
            raise ConsoleError(
                _("{path} is not a regular file.").format(path=path),
                _("It is a folder, a device or the like, and is left as it is."),
            )
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConsoleError(
            _("Could not read {path}.").format(path=path),
            error.strerror or str(error),
            _("Check the owner and the mode of the file."),
        ) from error


def _state(places: Places, block: Block) -> str:
    if not intact(block, places.script):
        return "edited"
    return "aside" if places.aside.exists() else "on"


def _missing(places: Places) -> list[LoginProblem]:
    again = _("Write it again with: console login on")
    found = [
        LoginProblem(_("{path} is missing.").format(path=path), again)
        for path in (places.script, places.run)
        if not path.is_file()
    ]
    if not places.launcher.exists():
        install = _("Put it there with: console install")
        found.append(LoginProblem(_("{path} is missing.").format(path=places.launcher), install))
    return found


def _last_failure(file: Path) -> tuple[datetime | None, str | None]:
    """When and how it failed last. The file was renamed then, which a full disk does not prevent; what it says may be
    missing.
    """
    try:
        changed, lines = file.stat().st_ctime, file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None, None
    told = lines[-1].split() if lines else []
    if len(told) == 3 and told[1] == "exit" and told[2].isdigit():
        why: str | None = _("it ended with exit code {code}").format(code=told[2])
    else:
        why = _("it did not show itself in time") if told[1:] == ["late"] else None
    return datetime.fromtimestamp(int(changed)).astimezone(), why
