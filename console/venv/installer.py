"""Which program chooses and installs the packages: uv, or pip for what uv does not do. One choice for both."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..results import PackageChange
from .child import clean_environment
from .create import OLDEST_FOR_VIRTUALENV, numbers
from .folder_tree import remove_tree
from .installed import pin_for
from .index_settings import IndexSettings, pip_variables, uv_arguments, uv_variables
from .pip_resolution import resolve_with_pip
from .requirements import Requirements
from .uv import OLDEST as OLDEST_FOR_UV
from .uv import Resolution, reads, resolve, uv_environment, uv_program

UV, PIP = "uv", "pip"

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
    if _stop_both(asked, version):
        return UV
    return UV if reads(interpreter, asked.path, check=check, cache=cache) else PIP


def _stop_both(asked: Requirements, version: str) -> bool:
    """Whether pip would stop at the same lines: that of such a Python is new. uv explains them better."""
    return bool(asked.problems) and numbers(version) >= OLDEST_FOR_VIRTUALENV


def choose_and_resolve(
    interpreter: Path,
    version: str,
    asked: Requirements,
    *,
    settings: IndexSettings,
    on_line: Callable[[str], None],
    check: Callable[[], None],
) -> tuple[str, Resolution | None]:
    """The installer that ``choose_installer`` would choose, and what it would install.

    uv is asked for the versions at once: that it can read every line is known when it has found some.
    """

    def ask(installer: str) -> Resolution | None:
        return resolve_with(
            installer, interpreter, version, asked.path, settings=settings, on_line=on_line, check=check
        )

    if numbers(version) < OLDEST_FOR_UV:
        return PIP, ask(PIP)
    resolution = ask(UV)
    if resolution is not None and resolution.unreadable and not _stop_both(asked, version):
        return PIP, ask(PIP)
    return UV, resolution


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


def agreed_versions(asked: Requirements, packages: Sequence[PackageChange]) -> tuple[str, ...]:
    """The versions of all ``packages`` of a plan for ``asked``, as constraints, each a line of its own. Together with
    the requirements they come to what was agreed to, so that the index need not be asked again: one that does not say
    how long its answers hold good would be asked for each package, and might have another answer now.

    Empty where that cannot be said: a version is known by building only, or a requirement is a link, and what it leads
    to may change without a new version.
    """
    coming = [one for one in packages if one.how != "removed"]
    if any(entry.line.target for entry in asked.entries) or any(one.to_version is None for one in coming):
        return ()
    return tuple(f"{one.name}{pin_for(one.to_version)}" for one in coming if one.to_version is not None)
