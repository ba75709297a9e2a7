"""Which program chooses and installs the packages: uv, or pip for what uv does not do. One choice for both."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from .child import clean_environment
from .create import OLDEST_FOR_VIRTUALENV, numbers
from .index_settings import IndexSettings, pip_variables, uv_arguments, uv_variables
from .pip_resolution import resolve_with_pip
from .requirements import Requirements
from .uv import OLDEST as OLDEST_FOR_UV
from .uv import Resolution, reads, resolve, uv_environment, uv_program

UV, PIP = "uv", "pip"


def choose_installer(interpreter: Path, version: str, asked: Requirements, *, check: Callable[[], None]) -> str:
    """UV, or PIP for a Python that uv does not serve and for a file with lines that uv cannot read and pip may.

    ``interpreter`` is any of that ``version``, the image's or a virtualenv's.
    """
    if numbers(version) < OLDEST_FOR_UV:
        return PIP
    if asked.problems and numbers(version) >= OLDEST_FOR_VIRTUALENV:
        return UV  # the pip of such a Python is new, and stops at the same lines; uv explains them better
    return UV if reads(interpreter, asked.path, check=check) else PIP


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
    installer: str, python: Path, requirements: Path, settings: IndexSettings
) -> tuple[list[str], dict[str, str]]:
    """The command that installs ``requirements`` into the virtualenv of ``python``, and its environment."""
    if installer == PIP:
        command = [str(python), "-m", "pip", "install", "-r", str(requirements)]
        return command, clean_environment(**pip_variables(settings))
    command = [uv_program(), "pip", "install", "--python", str(python), *uv_arguments(settings), "-r", str(requirements)]
    return command, uv_environment(**uv_variables(settings, os.environ))
