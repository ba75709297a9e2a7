"""`console install` and `console uninstall`: the console where it outlives its Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..logs.clean import terminal_safe
from ..text import _
from ..units import size
from .agreeing import agree
from .options import Asked, with_global_options
from .printing import Printer
from .progress import ProgressLines

if TYPE_CHECKING:
    from ..installation.install import Installation, InstallPlan
    from ..installation.places import Places
    from ..installation.uninstall import Removal

_TO = click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help=_("Another place: DIR/bin/console and DIR/lib/rosti-console."),
)


@click.command(
    help=_(
        "Put a copy of the console where it outlives the image.\n\n"
        "/srv/bin/console finds a Python at each start; nothing of the copy belongs to one."
    )
)
@_TO
@click.option("--dry-run", is_flag=True, help=_("Say what would be done; change nothing."))
@with_global_options
def install(asked: Asked, to: Path | None, dry_run: bool) -> None:
    """``console install``."""
    from ..installation.install import install as put_there
    from ..installation.install import plan_install

    plan = plan_install(_places(asked, to))
    if asked.explained(plan.commands):
        return
    if dry_run:
        print_plan(asked.printer, plan)
        return
    progress = ProgressLines(asked.printer)
    try:
        done = put_there(plan, on_event=progress)
    finally:
        progress.clear()
    print_installation(asked.printer, done)


@click.command(
    help=_("Take out what `console install` put there.\n\nBackups, jobs and settings of the console stay."),
)
@_TO
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@with_global_options
def uninstall(asked: Asked, to: Path | None, yes: bool) -> None:
    """``console uninstall``."""
    from ..installation.uninstall import find_installed, uninstall_commands
    from ..installation.uninstall import uninstall as take_out

    places = _places(asked, to)
    version = find_installed(places)
    if asked.explained(uninstall_commands(places)):
        return
    agree(asked, yes, _("Take out console {version} from {path}?").format(version=version or "?", path=places.launcher))
    print_removal(asked.printer, take_out(places))


def _places(asked: Asked, to: Path | None) -> Places:
    import os

    from ..installation.places import container_places, prefix_places

    if to is None:
        return container_places(asked.container())
    root = asked.root or Path(os.environ.get("CONSOLE_ROOT") or "/")
    return prefix_places(to, Path(os.path.realpath(root)))


def print_plan(printer: Printer, plan: InstallPlan) -> None:
    """What would be done, with the Pythons that it could run on."""
    if printer.json:
        shown = (
            "version",
            "before",
            "downgrade",
            "oldest_python",
            "lacking",
            "interpreters",
            "bytes_needed",
            "commands",
        )
        places = {"launcher": plan.places.launcher, "trees": plan.places.trees}
        printer.document(places | {name: getattr(plan, name) for name in shown})
        return
    printer.line(_version_words(plan.version, plan.before, downgrade=plan.downgrade))
    printer.lines(_("It would come to {path}.").format(path=plan.places.launcher))
    printer.lines(_("It takes {size}, and byte code.").format(size=size(plan.bytes_needed)))
    for each in plan.interpreters:
        printer.lines(f"Python {each.version}: {each.path}")
    for version, why in sorted(plan.lacking.items()):
        printer.lines(_("Not on Python {version}: {why}.").format(version=version, why=why))


def print_installation(printer: Printer, done: Installation) -> None:
    """What was done, and how to start it."""
    if printer.json:
        printer.document(done)
        return
    printer.line(f"{printer.mark(True)} {_version_words(done.version, done.before, downgrade=done.downgrade)}")
    printer.lines(str(done.tree))
    printer.lines(_("{size}, for Python {oldest} and later.").format(size=size(done.bytes), oldest=done.oldest_python))
    if done.removed:
        printer.lines(_("Removed: {paths}").format(paths=", ".join(path.name for path in done.removed)))
    if done.in_use:
        printer.lines(
            _("Still in use, and removed by a later installation: {paths}").format(
                paths=", ".join(path.name for path in done.in_use)
            )
        )
    for note in done.notes:
        printer.lines(note)
    if done.on_path:
        printer.lines(_("Start it with: console"))
    else:
        printer.lines(_("Start it with: {path}").format(path=done.launcher))
        printer.lines(_("To start it as `console`, add this line to ~/.bashrc:"))
        printer.line(f"    {terminal_safe(done.path_line)}")


def print_removal(printer: Printer, done: Removal) -> None:
    """What is gone, and what stays."""
    if printer.json:
        printer.document(done)
        return
    printer.line(f"{printer.mark(True)} " + _("Console {version} was taken out.").format(version=done.version or "?"))
    for path in done.removed:
        printer.lines(str(path))
    printer.lines(_("That gave back {size}.").format(size=size(done.bytes)))
    if done.kept:
        names = ", ".join(path.name for path in done.kept)
        printer.lines(_("Kept in {folder}: {names}").format(folder=done.kept[0].parent, names=names))


def _version_words(version: str, before: str | None, *, downgrade: bool) -> str:
    if before is None:
        return _("Console {version}").format(version=version)
    if downgrade:
        return _("Console {version}, older than the {before} that was there").format(version=version, before=before)
    if before == version:
        return _("Console {version}, which was there before, anew").format(version=version)
    return _("Console {version} in place of {before}").format(version=version, before=before)
