"""`console login`: the console at an SSH login."""

from __future__ import annotations

import shlex

import click

from ..errors import WrongUsage
from ..login.results import Login, LoginChange
from ..logs.clean import terminal_safe
from ..text import _
from ..wording import login_words
from .agreeing import agree
from .options import Asked, finish, with_global_options
from .printing import Printer


@click.command(
    help=_(
        "The console at an SSH login: how it stands, on, off.\n\n"
        "`on` adds a block to .bashrc, `off` takes it out again. Leaving the console gives the shell; a console that "
        "fails gives it too. CONSOLE_SKIP=1 leaves it out once. `notice` prints what a login shows with --notice."
    )
)
@click.argument("action", type=click.Choice(["status", "on", "off", "notice"]), default="status")
@click.option("--notice", is_flag=True, help=_("With `on`: two lines in place of the screens."))
@click.option("--discard-edits", is_flag=True, help=_("Drop what was edited by hand in the block."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@with_global_options
def login(asked: Asked, action: str, notice: bool, discard_edits: bool, yes: bool) -> None:
    """``console login``."""
    from ..login.change import apply_login, plan_login
    from ..login.look import read_login

    container, printer = asked.container(), asked.printer
    if notice and action != "on":
        raise WrongUsage(_("--notice goes with `console login on` only."))
    if action == "notice":
        from .login_notice import print_notice

        print_notice(container)
        return
    if action == "status":
        if asked.explained((shlex.join(["grep", "-n", "console login", str(container.srv / ".bashrc")]),)):
            return
        found = read_login(container)
        if printer.json:
            printer.document(found)
        else:
            print_login(printer, found)
        finish(found.state == "off" or (found.state == "on" and not found.problems))
    plan = plan_login(container, action, notice=notice, discard_edits=discard_edits)
    if asked.explained(plan.commands):
        return
    if not plan.changes:
        if printer.json:
            printer.document(LoginChange(plan.before, "", None))
        else:
            printer.line(_("Nothing to change."))
            print_login(printer, plan.before)
        return
    if plan.new != plan.old:
        if not printer.json:
            printer.diff(plan.diff)
        agree(asked, yes, _("Change {file}?").format(file=terminal_safe(str(plan.before.file))))
    change = apply_login(container, plan)
    if printer.json:
        printer.document(change)
        return
    print_login(printer, change.login)
    if change.backup is not None:
        printer.lines(_("The file as it was: {path}").format(path=change.backup))


def print_login(printer: Printer, login: Login) -> None:
    """How it stands, since when and why, and what keeps the console from coming."""
    good = {"on": not login.problems, "off": None}.get(login.state, False)
    printer.line(f"{printer.mark(good)} {terminal_safe(login_words(login))}")
    if login.line is not None:
        printer.lines(f"{login.file}:{login.line}")
    if login.block is not None:
        printer.lines(login.block, indent="  │ ")
        printer.lines(_("Write it anew with: console login on --discard-edits"))
    for problem in login.problems:
        printer.line(f"  {printer.paint('!', 'yellow')} {terminal_safe(problem.title)}")
        printer.lines(problem.remedy, indent="    ")
