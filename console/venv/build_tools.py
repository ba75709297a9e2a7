"""Whether a package with C code could be built here: a compiler, and the header files of the Python it is for."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..text import _
from .anatomy import minor

_COMPILERS = ("cc", "gcc", "clang", "c99")


@dataclass(frozen=True)
class BuildTools:
    """``compiler`` is its path, ``headers`` that of Python.h; None where there is none."""

    compiler: Path | None
    headers: Path | None

    @property
    def complete(self) -> bool:
        return self.compiler is not None and self.headers is not None

    @property
    def lacking(self) -> str:
        """What is missing, in words; empty when nothing is."""
        if self.compiler is None and self.headers is None:
            return _("no C compiler and no Python.h")
        if self.compiler is None:
            return _("no C compiler")
        return _("no Python.h") if self.headers is None else ""


def read_build_tools(interpreter: Path, version: str, environment: Mapping[str, str] = os.environ) -> BuildTools:
    """What there is for building with ``interpreter``, a Python ``version``; runs nothing."""
    return BuildTools(_compiler(environment), _headers(interpreter, version))


def _compiler(environment: Mapping[str, str]) -> Path | None:
    try:
        own = shlex.split(environment.get("CC", ""))[:1]
    except ValueError:
        own = []
    for name in (*own, *_COMPILERS):
        found = shutil.which(name, path=environment.get("PATH", os.defpath))
        if found:
            return Path(found)
    return None


def _headers(interpreter: Path, version: str) -> Path | None:
    """Where CPython's own ``sysconfig`` says that they are: ``include/pythonX.Y`` and its flags, under its prefix."""
    real = Path(os.path.realpath(interpreter))
    for prefix in dict.fromkeys((real.parent.parent, interpreter.absolute().parent.parent)):
        for flags in ("", "m", "mu", "u", "d", "t"):
            header = prefix / "include" / f"python{minor(version)}{flags}" / "Python.h"
            if header.is_file():
                return header
    return None
