"""What stands in the virtualenv's place, and whether it can run what the image offers.

On the path of ``console status``: told from files alone unless asked for more.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ..container import Container
from ..pythons.interpreters import image_python, run_version
from ..results import Venv
from ..text import _
from .anatomy import Anatomy, count_packages, minor, read_anatomy
from .generations import link_target
from .way_back import find_way_back


def read_venv(container: Container, *, requirements: bool = False, probe: bool = False) -> Venv:
    """The container's virtualenv. Never raises; what is wrong with it is in ``state`` and ``reason``.

    ``requirements`` asks for the thorough look: it is compared with requirements.txt, its size is taken and its
    scripts are read. ``probe`` really runs its interpreter. Without the two it costs a few milliseconds. Another
    patch release of the same X.Y is a mismatch that ``fits``: packages are installed and compiled for X.Y, and a
    virtualenv takes its library from the image at each start. Only where the interpreter is a copy
    (``virtualenv --copies``) an old program would run with a new library; that one does not fit.
    """
    path = container.venv
    image = image_python(container)
    image_version = image[1] if image else None
    anatomy = read_anatomy(path)
    fits = False
    if anatomy is None:
        state, reason = _no_virtualenv(path)
    else:
        state, reason, fits = _state(anatomy, image_version, probe)
    back = find_way_back(container)
    venv = Venv(
        state=state,
        path=path,
        python=anatomy.python if anatomy else None,
        packages=count_packages(anatomy.site_packages) if anatomy else 0,
        rollback=back is not None and not back.fault,
        image_python=image_version,
        made_by=anatomy.made_by if anatomy else None,
        target=link_target(path),
        reason=reason,
        fits=fits,
        usable=anatomy is not None and anatomy.usable and state != "dead",
    )
    return _thorough(container, venv, anatomy) if requirements else venv


def _thorough(container: Container, venv: Venv, anatomy: Anatomy | None) -> Venv:
    """``venv`` with what takes longer to find out, and to import."""
    from .dead_scripts import dead_scripts
    from .folder_tree import allocated_bytes

    if anatomy is not None:
        size = allocated_bytes(Path(os.path.realpath(venv.path)))
        venv = replace(venv, size_bytes=size, dead_scripts=dead_scripts(venv.path))
    if not container.requirements.is_file():
        return venv
    from .comparison import compare
    from .requirements import read_requirements

    python = venv.python or venv.image_python
    site_packages = anatomy.site_packages if anatomy else None
    found = compare(read_requirements(container.requirements), site_packages, python)
    return replace(venv, unmet=found.unmet, requirements=found.state)


def _no_virtualenv(path: Path) -> tuple[str, str]:
    target = link_target(path)
    if target is not None and not target.exists():
        return "missing", _("{path} points to {target}, which does not exist.").format(path=path, target=target)
    if not path.exists():
        return "missing", _("There is no {path}.").format(path=path)
    if path.is_dir():
        return "foreign", _("{path} is a folder that is no virtualenv.").format(path=path)
    return "foreign", _("{path} is no folder.").format(path=path)


def _state(anatomy: Anatomy, image: str | None, probe: bool) -> tuple[str, str, bool]:
    """Venv's ``state``, ``reason`` and ``fits``; ``image`` is the version of the image's Python."""
    if anatomy.fault:
        return ("dead" if anatomy.runs is None else "mismatch"), anatomy.fault, False
    if probe and run_version(anatomy.interpreter, site=True) is None:
        return "dead", _("Its interpreter {path} does not run.").format(path=anatomy.interpreter), False
    # What is behind its link may be another patch release than the one that it notes.
    versions = [version for version in (anatomy.python, anatomy.runs) if version is not None]
    if image is None or not versions:
        return "ok", "", True
    if any(minor(version) != minor(image) for version in versions):
        said = _("It works with Python {venv}, but the image's Python is {image}.")
        return "mismatch", said.format(venv=versions[0], image=image), False
    others = [version for version in versions if version.count(".") == 2 and version != image]
    if not others:
        return "ok", "", True
    if anatomy.copied:
        said = _("Its interpreter is a copy of Python {venv}, but the image's library is {image}.")
        return "mismatch", said.format(venv=others[0], image=image), False
    said = _(
        "It was made for Python {venv}, and the image's Python is {image}: it runs on all the same, and a repair"
        " brings it up to date."
    )
    return "mismatch", said.format(venv=others[0], image=image), True
