"""How a person likes to read logs, remembered from one session to the next."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, replace

from ..atomic import write_file
from ..container import Container
from ..errors import ConsoleError

_MOST_BYTES = 10_000


@dataclass(frozen=True)
class LogSettings:
    """``wrap``: long lines go on below. ``follow``: a log that is opened goes along with what comes. ``fold``: of
    tracebacks only the first and the last line are shown.
    """

    wrap: bool = False
    follow: bool = True
    fold: bool = False


def read_log_settings(container: Container) -> LogSettings:
    """What was kept; the defaults where there is nothing, or nothing that can be read."""
    try:
        with (container.state_dir / "logs.json").open("rb") as file:
            found = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return LogSettings()
    if not isinstance(found, dict):
        return LogSettings()
    default = LogSettings()
    kept = {name: found[name] for name in asdict(default) if isinstance(found.get(name), bool)}
    return replace(default, **kept)


def keep_log_settings(container: Container, settings: LogSettings) -> None:
    """Keep ``settings``; on a full disk they are those of this session only, which is no reason to say anything."""
    with contextlib.suppress(OSError, ConsoleError):
        container.state_dir.mkdir(parents=True, exist_ok=True)
        write_file(container.state_dir / "logs.json", json.dumps(asdict(settings)).encode() + b"\n", flush=False)
