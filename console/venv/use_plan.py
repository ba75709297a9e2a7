"""What choosing another interpreter would do: the rebuild of the virtualenv with it, and the symlink that chooses it.

Only the runtime generation has several to choose from; in the image generation Python comes with the image, and is
changed from outside.
"""

from __future__ import annotations

import os
import re
import threading
from dataclasses import replace
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError, WrongUsage
from ..events import OnEvent, ignore
from ..pythons.interpreters import image_python, offered, try_interpreter, version_of
from ..results import RebuildPlan
from ..shell_commands import console_command
from ..text import _
from .anatomy import minor
from .create import numbers
from .look import read_venv
from .plan import plan_rebuild

_ASKED = re.compile(r"\d+(?:\.\d+){0,2}")


def plan_use(
    container: Container,
    version: str,
    *,
    requirements: Path | None = None,
    strategy: str = "auto",
    ends: bool = False,
    on_event: OnEvent = ignore,
    cancel: threading.Event | None = None,
) -> RebuildPlan | None:
    """Find out what choosing Python ``version`` ("3.12.1", or "3.12" for the newest 3.12 that runs) would do; None
    where it is chosen already and the virtualenv is right for it.

    The plan is one for ``rebuild``, which carries the choice out together with it. The rest as in ``plan_rebuild``.
    Raises WrongUsage for a version that is not there, and ConsoleError in the image generation, where nothing can be
    chosen from inside, and for one that does not run.
    """
    if _ASKED.fullmatch(version) is None:
        raise WrongUsage(_("{version} is no version of Python: 3.12 or 3.12.1 would be one.").format(version=version))
    if container.generation != "runtime":
        _refuse_image(container, version)
        return None
    python, passed_over = _pick(container, version)
    if Path(os.path.realpath(container.primary_tech)) == Path(os.path.realpath(python.parent)):
        venv = read_venv(container, probe=True)
        if venv.state == "ok":
            return None
    plan = plan_rebuild(
        container,
        python=python,
        requirements=requirements,
        strategy=strategy,
        choose=True,
        ends=ends,
        on_event=on_event,
        cancel=cancel,
    )
    return replace(plan, warnings=(*passed_over, *plan.warnings))


def _pick(container: Container, version: str) -> tuple[Path, list[str]]:
    """The newest interpreter of ``version`` that runs, and why newer ones of it do not."""
    there = [each for each in offered(container) if each.version is not None]
    fitting = [each for each in there if _is_of(each.version, version)]
    if not fitting:
        raise WrongUsage(
            _("The image offers no Python {version}.").format(version=version),
            _("It offers: {versions}.").format(versions=", ".join(str(each.version) for each in there))
            if there
            else _("The image offers no Python that runs."),
        )
    faults: list[str] = []
    for each in sorted(fitting, key=lambda each: numbers(each.version or "0"), reverse=True):
        said, fault = try_interpreter(each.path)
        if said is not None and _is_of(said, version):
            return each.path, faults
        faults.append(fault or _("{path} says that it is Python {version}.").format(path=each.path, version=said))
    raise ConsoleError(
        _("Python {version} does not run.").format(version=version),
        "\n".join(faults),
        _("See what there is with: {command}").format(command=console_command(container, "python", "list")),
    )


def _is_of(found: str | None, version: str) -> bool:
    return f"{found}.".startswith(f"{version}.")


def _refuse_image(container: Container, version: str) -> None:
    """Raise ConsoleError, with what to do instead, unless the image and the virtualenv have ``version`` already."""
    image = image_python(container)
    if image is not None and _is_of(image[1], version):
        venv = read_venv(container, probe=True)
        if venv.fits:
            return
        raise ConsoleError(
            _("Python {version} is the image's already, but not the virtualenv's.").format(version=image[1]),
            venv.reason,
            _("Rebuild it with: {command}").format(command=console_command(container, "venv", "rebuild")),
        )
    has = _("It has Python {version}.").format(version=image[1]) if image else _("It offers no Python that runs.")
    cause = _("Python comes with the container's image, which is changed in the hosting's web administration.")
    there = _on_this_machine(container, version)
    if there is not None:
        said = _(
            "Python {version} is there all the same: see what the change would mean, without making it, with: {command}"
        )
        remedy = said.format(
            version=version, command=console_command(container, "venv", "plan", "--python", str(there))
        )
    else:
        remedy = _("Change it there; then rebuild the virtualenv with: {command}").format(
            command=console_command(container, "venv", "rebuild")
        )
    raise ConsoleError(
        _("Python {version} cannot be chosen from inside this container.").format(version=version),
        f"{cause} {has}",
        remedy,
    )


def _on_this_machine(container: Container, version: str) -> Path | None:
    """A Python of that ``version`` in the image or along PATH that is no virtualenv's; None where there is none."""
    own = container.root / "opt" / "python" / "bin"
    name = f"python{minor(version)}"
    for folder in (own, *map(Path, os.environ.get("PATH", os.defpath).split(os.pathsep))):
        python = folder / name
        if not folder.is_absolute() or (folder.parent / "pyvenv.cfg").exists():
            continue
        if os.access(python, os.X_OK) and _is_of(version_of(python), version):
            return python
    return None
