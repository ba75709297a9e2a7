"""What there is to know before a virtualenv follows the image's new Python; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass

from ..container import Container
from ..errors import ConsoleError
from ..pythons.interpreters import offered
from ..results import Rescue, Venv
from .anatomy import minor
from .look import read_venv
from .requirements import read_requirements
from .rescue import plan_rescue


@dataclass(frozen=True)
class Findings:
    """``requirements`` counts what requirements.txt asks for, with the files that it includes; None where there is
    none. ``rescue`` is the file that could be written then, ``no_rescue`` the reason why nothing can. ``old_python``
    is the version of an interpreter of the image that the virtualenv could go on with, None where it has none.
    """

    venv: Venv
    requirements: int | None
    rescue: Rescue | None
    no_rescue: ConsoleError | None
    old_python: str | None


def look_into(container: Container) -> Findings:
    """Read the virtualenv, which may be dead, and the requirements. Never raises."""
    venv = read_venv(container, requirements=True)
    old = next((one.version for one in offered(container) if one.version and minor(one.version) == minor(venv.python)), None)
    if container.requirements.is_file():
        count = sum(not entry.constraint for entry in read_requirements(container.requirements).entries)
        return Findings(venv, count, None, None, old)
    try:
        return Findings(venv, None, plan_rescue(container), None, old)
    except ConsoleError as error:
        return Findings(venv, None, None, error, old)
