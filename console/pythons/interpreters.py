"""The interpreters that the image offers, which one is chosen, and what version each is.

On the path of ``console status``: a version is read from the interpreter's own files where they tell it, and
the interpreter is run only where they do not.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..container import Container, find_interpreters
from ..results import Interpreter
from ..text import _

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_DEFINED = re.compile(r'^#define\s+PY_VERSION\s+"(\d+\.\d+\.\d+)', re.MULTILINE)
_FOLDER = re.compile(r"python-(\d+\.\d+\.\d+)")
_remembered: dict[tuple[str, int, int, int], str] = {}
_SAY = "import sys; sys.stdout.write('%d.%d.%d' % sys.version_info[:3])"


def offered(container: Container) -> tuple[Interpreter, ...]:
    """The image's Pythons, the chosen one first; one that does not run has no version."""
    return tuple(
        Interpreter(path=path, version=version_of(path), chosen=path == container.python)
        for path in container.interpreters
    )


def image_python(container: Container) -> tuple[Path, str] | None:
    """The image's chosen Python and its version; None where there is none, or it does not run.

    Looked for anew each time: a console may be open while another Python is chosen.
    """
    python = next(iter(find_interpreters(container.root, container.generation)), None)
    version = version_of(python) if python is not None else None
    return (python, version) if python is not None and version is not None else None


def version_of(python: Path, timeout: float = 5.0) -> str | None:
    """The version ("3.11.7") of the interpreter at ``python``; None when it is not there or does not run.

    Taken from the ``patchlevel.h`` that CPython installs beside its library or from its folder's name in the
    runtime generation (``python-3.11.7``), else it is run, for ``timeout`` seconds at most. What running it
    gave is remembered for as long as the file stays the same.
    """
    real = Path(os.path.realpath(python))
    if not os.access(real, os.X_OK) or real.is_dir():
        return None
    told = _patchlevel(real)
    if told is not None:
        return told
    for folder in (real.parent.parent, python.absolute().parent.parent):
        named = _FOLDER.fullmatch(folder.name)
        if named:
            return named.group(1)
    facts = real.stat()
    key = (str(real), facts.st_ino, facts.st_mtime_ns, facts.st_size)
    if key not in _remembered:
        said = run_version(python, timeout)
        if said is None:  # not remembered: a machine under load may answer the next time
            return None
        _remembered[key] = said
    return _remembered[key]


def run_version(python: Path, timeout: float = 5.0, *, site: bool = False) -> str | None:
    """The version that the interpreter says when it is really run; None when it does not answer in time.

    With ``site`` it starts as for a program, so that a virtualenv's own start-up files are run as well.
    """
    return try_interpreter(python, timeout, site=site)[0]


def try_interpreter(python: Path, timeout: float = 5.0, *, site: bool = False) -> tuple[str | None, str]:
    """``run_version``, and in one sentence why there is none; empty where there is one."""
    if not python.exists():
        if python.is_symlink():
            said = _("{path} leads to {target}, which does not exist.")
            return None, said.format(path=python, target=python.readlink())
        return None, _("{path} is missing.").format(path=python)
    import subprocess  # 30 ms, and hardly ever needed for a status

    # Not -I, which Python 2.7 does not have: -E -s and a "sys" that is built in leave nothing to take over.
    options = ["-E", "-s"] if site else ["-E", "-s", "-S"]
    environment = {"PATH": os.defpath, "LANG": "C"}
    if "LD_LIBRARY_PATH" in os.environ:  # a shared libpython may be found only through it
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    try:
        run = subprocess.run(
            [str(python), *options, "-c", _SAY],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            cwd="/",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        text = _("{path} did not answer within {seconds:.0f} s.")
        return None, text.format(path=python, seconds=timeout)
    except OSError as error:
        return None, _("{path} cannot be run: {reason}").format(path=python, reason=error.strerror or str(error))
    said = run.stdout.decode("ascii", "replace")
    if run.returncode == 0 and _VERSION.fullmatch(said):
        return said, ""
    words = run.stderr.decode("utf-8", "replace").splitlines()
    reason = words[-1].strip() if words else _("exit status {status}").format(status=run.returncode)
    return None, _("{path} does not run: {reason}").format(path=python, reason=reason)


def _patchlevel(real: Path) -> str | None:
    """What ``include/pythonX.Y/patchlevel.h`` says, where it is clear which one belongs to the binary."""
    if not real.name.startswith("python"):
        return None
    include = real.parent.parent / "include"
    if re.fullmatch(r"python\d+\.\d+\w*", real.name):
        headers = [include / f"{real.name}{abi}" / "patchlevel.h" for abi in ("", "m", "mu")]
    else:
        headers = sorted(include.glob("python*/patchlevel.h"))
        if len(headers) != 1:  # none, or several Pythons share the prefix
            return None
    for header in headers:
        try:
            defined = _DEFINED.search(header.read_text("ascii", "replace"))
        except OSError:
            continue
        if defined:
            return defined.group(1)
    return None
