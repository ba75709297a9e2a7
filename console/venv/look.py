"""What stands in the virtualenv's place, and whether it can run what the image offers.

On the path of ``console status``: told from files alone unless asked for more.
"""

from __future__ import annotations

from pathlib import Path

from ..container import Container
from ..pythons.interpreters import image_python, run_version
from ..results import Venv
from ..text import _
from .anatomy import Anatomy, count_packages, minor, read_anatomy
from .generations import link_target, previous


def read_venv(container: Container, *, requirements: bool = False, probe: bool = False) -> Venv:
    """The container's virtualenv. Never raises; what is wrong with it is in ``state`` and ``reason``.

    ``requirements`` compares it with requirements.txt, ``probe`` really runs its interpreter; without the two
    it costs a few milliseconds. Another patch release of the same X.Y is no mismatch: packages are installed
    and compiled for X.Y, and a virtualenv takes its library from the image at each start. Only where the
    interpreter is a copy (``virtualenv --copies``) an old program would run with a new library; that is one.
    """
    path = container.venv
    image = image_python(container)
    image_version = image[1] if image else None
    anatomy = read_anatomy(path)
    if anatomy is None:
        state, reason = _no_virtualenv(path)
    else:
        state, reason = _state(anatomy, image, probe)
    unmet = None
    if requirements and container.requirements.is_file():
        # packaging and the metadata reader take longer to import than all of the above
        from .requirements import read_requirements
        from .requirements import unmet as find_unmet

        python = (anatomy.python if anatomy else None) or image_version
        site_packages = anatomy.site_packages if anatomy else None
        unmet = find_unmet(read_requirements(container.requirements), site_packages, python)
    back = previous(container)
    back_anatomy = read_anatomy(back) if back is not None else None
    return Venv(
        state=state,
        path=path,
        python=anatomy.python if anatomy else None,
        packages=count_packages(anatomy.site_packages) if anatomy else 0,
        rollback=back_anatomy is not None and back_anatomy.usable,
        image_python=image_version,
        made_by=anatomy.made_by if anatomy else None,
        target=link_target(path),
        reason=reason,
        unmet=unmet,
    )


def _no_virtualenv(path: Path) -> tuple[str, str]:
    target = link_target(path)
    if target is not None and not target.exists():
        return "missing", _("{path} points to {target}, which does not exist.").format(path=path, target=target)
    if not path.exists():
        return "missing", _("There is no {path}.").format(path=path)
    if path.is_dir():
        return "foreign", _("{path} is a folder that is no virtualenv.").format(path=path)
    return "foreign", _("{path} is no folder.").format(path=path)


def _state(anatomy: Anatomy, image: tuple[Path, str] | None, probe: bool) -> tuple[str, str]:
    if anatomy.fault:
        return ("dead" if anatomy.runs is None else "mismatch"), anatomy.fault
    if probe and run_version(anatomy.interpreter, site=True) is None:
        return "dead", _("Its interpreter {path} does not run.").format(path=anatomy.interpreter)
    if image is None or anatomy.python is None:
        return "ok", ""
    _path, image_version = image
    if minor(anatomy.python) != minor(image_version):
        return "mismatch", _("It works with Python {venv}, but the image's Python is {image}.").format(
            venv=anatomy.python, image=image_version
        )
    if anatomy.copied and anatomy.python.count(".") == 2 and anatomy.python != image_version:
        return "mismatch", _("Its interpreter is a copy of Python {venv}, but the image's library is {image}.").format(
            venv=anatomy.python, image=image_version
        )
    return "ok", ""
