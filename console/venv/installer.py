"""Which program chooses and installs the packages: uv, or pip for what uv does not do. One choice for both."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ..results import PackageChange
from .child import clean_environment, run_child
from .create import OLDEST_FOR_VIRTUALENV, numbers
from .folder_tree import remove_tree
from .index_settings import IndexSettings, pip_variables, uv_arguments, uv_variables
from .pip_resolution import resolve_with_pip
from .requirements import Requirements
from .uv import OLDEST as OLDEST_FOR_UV
from .uv import Resolution, reads, resolve, uv_environment, uv_program

UV, PIP = "uv", "pip"
_WOULD_INSTALL = re.compile(r" \+ (\S+)==(\S+)")

SPARE_DISK = 1.5  # times what a job needs: with less a cache that stays would be missed by the app


@contextlib.contextmanager
def scarce_disk_cache(folder: Path, needed: int, free: int) -> Iterator[Path | None]:
    """A cache of the installer's own in ``folder``, which is gone afterwards, where fewer than SPARE_DISK times
    ``needed`` bytes are ``free``; else None, and for a customer who has chosen a cache.

    In the new virtualenv it is on the same file system, so that uv can link out of it, and a killed job's is swept
    with all the rest.
    """
    if free >= needed * SPARE_DISK or os.environ.get("UV_CACHE_DIR") or os.environ.get("UV_NO_CACHE"):
        yield None
        return
    cache = folder / ".cache"
    try:
        yield cache
    finally:
        if cache.exists():
            remove_tree(cache)


def choose_installer(
    interpreter: Path, version: str, asked: Requirements, *, check: Callable[[], None], cache: Path | None = None
) -> str:
    """UV, or PIP for a Python that uv does not serve and for a file with lines that uv cannot read and pip may.

    ``interpreter`` is any of that ``version``, the image's or a virtualenv's. ``cache`` stands in for uv's own.
    """
    if numbers(version) < OLDEST_FOR_UV:
        return PIP
    if asked.problems and numbers(version) >= OLDEST_FOR_VIRTUALENV:
        return UV  # the pip of such a Python is new, and stops at the same lines; uv explains them better
    return UV if reads(interpreter, asked.path, check=check, cache=cache) else PIP


def resolve_with(
    installer: str,
    interpreter: Path,
    version: str,
    requirements: Path,
    *,
    settings: IndexSettings,
    on_line: Callable[[str], None],
    check: Callable[[], None],
    folder: Path | None = None,
    options: Sequence[str] = (),
) -> Resolution | None:
    """What ``installer`` would install; None where it cannot be known before.

    Relative paths are taken from ``folder`` (default: that of ``requirements``). ``options`` are for uv.
    """
    cwd = folder or requirements.parent
    if installer == PIP:
        return resolve_with_pip(
            interpreter, version, requirements, settings=settings, on_line=on_line, check=check, folder=cwd
        )
    return resolve(
        interpreter,
        version,
        requirements,
        settings=settings,
        on_line=on_line,
        check=check,
        folder=cwd,
        options=options,
    )


def install_command(
    installer: str, python: Path, requirements: Path, settings: IndexSettings, cache: Path | None = None
) -> tuple[list[str], dict[str, str]]:
    """The command that installs ``requirements`` into the virtualenv of ``python``, and its environment.

    ``cache`` is a folder for uv's cache, in place of its own; pip keeps none then. uv links out of its cache where
    that is on the virtualenv's file system: what is installed takes no room a second time.
    """
    if installer == PIP:
        command = [str(python), "-m", "pip", "install", "-r", str(requirements)]
        return command, clean_environment(**pip_variables(settings), **({} if cache is None else {"PIP_NO_CACHE_DIR": "1"}))
    command = [uv_program(), "pip", "install", "--python", str(python), *uv_arguments(settings), "-r", str(requirements)]
    variables = uv_variables(settings, os.environ)
    return command, uv_environment(**variables, **({} if cache is None else {"UV_CACHE_DIR": str(cache)}))


def has_all(
    command: Sequence[str],
    environment: Mapping[str, str],
    asked: Requirements,
    packages: Sequence[PackageChange],
    *,
    check: Callable[[], None],
) -> bool:
    """Whether uv's ``command``, which installs ``asked``, would come to exactly the ``packages`` of the plan without the
    network, all out of its cache. Asked of uv itself, in a few hundredths of a second.

    The plan has asked the index already: an index that does not say how long its answers hold good would be asked
    for each package again, and might have another answer than the one that was agreed to. False for requirements that
    are links: what they lead to is built, and may change, without a new version.
    """
    agreed = {(one.name, one.to_version) for one in packages if one.to_version is not None and one.how != "impossible"}
    if not agreed or any(entry.line.target for entry in asked.entries):
        return False
    said: list[str] = []
    dry = [*command, "--offline", "--dry-run"]
    code = run_child(dry, on_line=said.append, check=check, cwd=asked.path.parent, environment=environment)
    found = {found.groups() for line in said if (found := _WOULD_INSTALL.fullmatch(line))}
    return code == 0 and found == agreed and not any(line.startswith("Would download") for line in said)
