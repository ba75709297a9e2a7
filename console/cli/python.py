"""`console python`: the image's interpreters, and which of them is used."""

from __future__ import annotations

from typing import Any

import click

from ..container import Container
from ..errors import WrongUsage
from ..logs.clean import terminal_safe
from ..results import PythonList
from ..text import _
from ..wording import interpreter_words, support_words
from .job_options import with_job_options
from .options import Asked, finish, with_global_options
from .printing import Printer


@click.command(
    help=_(
        "The image's interpreters: list them, use another.\n\n"
        "`use` takes a version as 3.12.1, or 3.12 for the newest 3.12 there is. The virtualenv is rebuilt with it"
        " while the app runs, and proved; then both are switched together in the time of a restart, and undone"
        " together when the app does not come back. `console venv rollback` takes both back later."
    )
)
@click.argument("action", type=click.Choice(["list", "use"]), default="list")
@click.argument("version", required=False)
@with_job_options
@with_global_options
def python(asked: Asked, action: str, version: str | None, **wanted: Any) -> None:
    """``console python``."""
    container = asked.container()
    if action == "list":
        if version is not None:
            raise WrongUsage(_("list takes no version."), "", _("Use it with: console python use VERSION"))
        finish(_list(asked, container))
    if version is None:
        raise WrongUsage(_("Which version?"), "", _("See what there is with: console python list"))
    from . import venv_jobs

    finish(venv_jobs.use_command(asked, container, venv_jobs.Wanted(python=None, **wanted), version))


def _list(asked: Asked, container: Container) -> bool:
    from ..pythons.listing import list_pythons

    image = container.root / "opt" / "python" / "bin" / "python"
    commands = (
        (f"ls -d {container.techs}/python-*", f"readlink {container.primary_tech}")
        if container.generation == "runtime"
        else (f"{image} --version",)
    )
    if asked.explained((*commands, f"{container.venv}/bin/python --version")):
        return True
    found = list_pythons(container)
    if asked.as_json:
        asked.printer.document(found)
    else:
        print_pythons(asked.printer, found)
    return not found.problem


def print_pythons(printer: Printer, found: PythonList) -> None:
    """For each its version, support and place, and below that whether it is chosen, what the virtualenv has of it, and
    why it does not run.
    """
    wide = max((len(support_words(each)) for each in found.interpreters), default=0)
    for each in found.interpreters:
        mark = printer.paint("✗", "red", "bold") if each.fault else "▸" if each.chosen else " "
        place = terminal_safe(str(each.path))
        printer.line(f"{mark} {each.version or '?':<8} {support_words(each):<{wide}}  {place}")
        printer.lines(interpreter_words(each), indent="    ")
        printer.lines(each.fault, indent="    ")
    if found.problem and not any(each.chosen for each in found.interpreters):
        printer.line(f"{printer.mark(False)} {terminal_safe(found.problem)}")
    if found.venv_python and not any(each.venv for each in found.interpreters):
        printer.lines(_("The virtualenv was made for Python {version}.").format(version=found.venv_python), indent="")
