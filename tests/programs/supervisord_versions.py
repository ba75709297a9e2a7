"""The supervisords that the client is tried with: the newest (installed here), and the oldest that runs here."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import uv

from console.playground import interpreters_on_this_machine

from .. import needs

_LAUNCHER = "import site, sys; site.addsitedir({folder!r}); from supervisor.supervisord import main; main()\n"


@dataclass(frozen=True)
class Supervisord:
    """A supervisord to run: ``command`` takes its options. ``version`` as it tells itself."""

    command: tuple[str, ...]
    version: str


def newest() -> Supervisord:
    return Supervisord((sys.executable, "-m", "supervisor.supervisord"), metadata.version("supervisor"))


def oldest(folder: Path) -> Supervisord:
    """3.3.5, the oldest in the field, where there is a Python 2.7 for it; else the oldest that runs on this Python.

    Installed into ``folder``.
    """
    python27 = next((each for each in interpreters_on_this_machine() if each.version.startswith("2.7.")), None)
    if python27 is not None:
        version, python = "3.3.5", str(python27.path)
        install = [python, "-m", "pip", "install", "--disable-pip-version-check"]
        packages = ["supervisor==3.3.5", "meld3==1.0.2"]
    else:
        version = "4.2.5" if sys.version_info >= (3, 12) else "4.2.0"
        python = sys.executable
        install = [uv.find_uv_bin(), "pip", "install", "--python", python]
        packages = [f"supervisor=={version}", "setuptools<81"]  # its pkg_resources
    run = subprocess.run(
        [*install, "--quiet", "--no-deps", "--target", str(folder), *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        needs.missing(f"supervisor {version} ({run.stderr.strip()[-200:]})")
    launcher = folder / "launch_supervisord.py"
    launcher.write_text(_LAUNCHER.format(folder=str(folder)))
    return Supervisord((python, "-W", "ignore", str(launcher)), version)
