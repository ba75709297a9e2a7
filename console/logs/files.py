"""The files of the log folder, and which of them a name means."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..results import LogFile, Program
from ..text import _
from .lines import LogMissing, opened
from .merged_lines import SUPERVISORD

# Where a container's own programs write, for when supervisord cannot be asked.
_USUAL = {"app": "python.log", "nginx": "nginx.log"}
_ROTATED = re.compile(r"(?:[.-]\d+)?(?:\.gz)?$")


def log_files(container: Container, programs: Sequence[Program] = ()) -> tuple[LogFile, ...]:
    """The log folder's files and the programs' logs wherever they are, newest first, rotated ones too.

    Only regular files: a symlink counts where it leads to one under /srv. An unreadable or missing folder
    has none.
    """
    owners = {
        container.under_root(log): program.full_name
        for program in reversed(programs)
        for log in (program.error_log_file, program.log_file)
        if log is not None
    }
    found = {path: _log_file(container, path, owners) for path in [*_folder(container), *owners]}
    return tuple(sorted(filter(None, found.values()), key=lambda log: log.modified, reverse=True))


def find_log(container: Container, name: str, programs: Sequence[Program] = ()) -> Path:
    """The log that ``name`` means: a program (``app``, ``group:name``), or a file of the log folder.

    The file of a program need not exist yet. Raises ConsoleError for a name that means nothing here, naming
    what there is, and for a path that leaves the folder.
    """
    for program in programs:
        if name in (program.full_name, program.name) and program.log_file is not None:
            return container.under_root(program.log_file)
    if name == "supervisord":
        return container.supervisor_log
    files = log_files(container, programs)
    known = {log.path for log in files}
    asked = Path(os.path.normpath(container.log_dir / name))
    for path in (asked, container.log_dir / f"{name}.log"):
        if path in known:
            return path
    if asked.parent != container.log_dir:
        raise ConsoleError(
            _("{name} is not in the log folder.").format(name=name),
            _("Only files of {folder} and the logs of programs are shown.").format(folder=container.log_dir),
        )
    if name in _USUAL and not any(program.name == name for program in programs):
        return container.log_dir / _USUAL[name]
    there = [program.full_name for program in programs if program.log_file is not None]
    there += [log.path.name for log in files if log.path.parent == container.log_dir]
    raise ConsoleError(
        _("There is no log named {name}.").format(name=name),
        _("There are: {names}.").format(names=", ".join(dict.fromkeys(there))) if there else _("There is no log yet."),
    )


def merged_logs(container: Container, programs: Sequence[Program]) -> dict[str, Path]:
    """The logs that belong together: each program's, by its name, with the ones of errors, and supervisord's own."""
    found: dict[str, Path] = {}
    for program in programs:
        for name, log in ((program.full_name, program.log_file), (f"{program.full_name}!", program.error_log_file)):
            if log is not None and container.under_root(log) not in found.values():
                found[name] = container.under_root(log)
    if not programs:
        found = {"app": container.log_dir / "python.log", "nginx": container.log_dir / "nginx.log"}
    return {**found, SUPERVISORD: container.supervisor_log}


def readable(logs: Mapping[str, Path]) -> tuple[dict[str, Path], str]:
    """Those of ``logs`` that can be read or do not exist yet, and a sentence on the others, empty where there are none.

    Raises ConsoleError when none can be read.
    """
    refused: dict[str, ConsoleError] = {}
    for name, path in logs.items():
        try:
            with opened(path):
                pass
        except LogMissing:
            continue
        except ConsoleError as error:
            refused[name] = error
    if refused and len(refused) == len(logs):
        raise next(iter(refused.values()))
    reasons = (f"{name} ({error.cause or error.title})" for name, error in refused.items())
    said = _("Left out, as it cannot be read: {logs}.").format(logs=", ".join(reasons)) if refused else ""
    return {name: path for name, path in logs.items() if name not in refused}, said


def _folder(container: Container) -> Iterator[Path]:
    try:
        with os.scandir(container.log_dir) as entries:
            yield from [container.log_dir / entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return


def _log_file(container: Container, path: Path, owners: dict[Path, str]) -> LogFile | None:
    try:
        real = Path(os.path.realpath(path))
        found = real.stat()
    except OSError:  # a link into nothing, a loop, or gone since the folder was read
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    if path.is_symlink() and not real.is_relative_to(os.path.realpath(container.srv)):
        return None
    return LogFile(
        path=path,
        bytes=found.st_size,
        modified=datetime.fromtimestamp(found.st_mtime).astimezone(),
        program=owners.get(path) or owners.get(path.with_name(_ROTATED.sub("", path.name))),
    )
