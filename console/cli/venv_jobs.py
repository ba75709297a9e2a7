"""Jobs of the virtualenv on the command line: begun in a process of their own, followed here, taken back by Ctrl-C."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import click

from ..container import Container, memory
from ..errors import ConsoleError
from ..events import Cancelled
from ..out_of_memory import SCREENS, go_first
from ..results import Rebuild, RebuildPlan
from ..text import _, current_language
from ..venv.attaching import JobKilled, attach, cancel
from ..venv.jobs import JobFolder, Request, find_job
from ..venv.launching import Worker, launch
from ..venv.look import read_venv
from .agreeing import agree, confirmed, somebody_is_there
from .options import Asked
from .own_call import call_instead
from .progress import ProgressLines
from .venv_printing import plan_document, print_in_use, print_plan, print_rebuild, rollback_document


@dataclass(frozen=True)
class Wanted:
    """What the options of ``console venv`` and ``console python use`` ask for."""

    python: str | None
    requirements: Path | None
    strategy: str
    keep: int
    timeout: float
    yes: bool
    dry_run: bool
    detach: bool
    accept_offer: bool
    app_may_fail: bool


def rebuild_command(asked: Asked, container: Container, wanted: Wanted) -> bool:
    """Plan, ask, rebuild; whether it did what was asked."""
    from ..venv.plan import plan_rebuild

    def plan_it() -> RebuildPlan:
        return plan_rebuild(container, python=wanted.python, requirements=wanted.requirements, strategy=wanted.strategy)

    return _carry_out(asked, container, wanted, plan_it, _("Rebuild the virtualenv?"))


def use_command(asked: Asked, container: Container, wanted: Wanted, version: str) -> bool:
    """Plan the choice of Python ``version``, ask, make it together with the rebuild; whether it did what was asked."""
    from ..venv.use_plan import plan_use

    def plan_it() -> RebuildPlan | None:
        plan = plan_use(container, version, requirements=wanted.requirements, strategy=wanted.strategy)
        return replace(plan, app_may_fail=wanted.app_may_fail) if plan is not None else None

    question = _("Choose Python {version}, and rebuild the virtualenv with it?").format(version=version)
    return _carry_out(asked, container, wanted, plan_it, question)


def _carry_out(
    asked: Asked, container: Container, wanted: Wanted, plan_it: Callable[[], RebuildPlan | None], question: str
) -> bool:
    go_first(turn=SCREENS)
    with _worker_ahead(asked, container, wanted) as worker:
        return _planned_and_done(asked, container, wanted, plan_it, question, worker)


@contextmanager
def _worker_ahead(asked: Asked, container: Container, wanted: Wanted) -> Iterator[Worker | None]:
    """A worker that starts while the plan is made, where that is agreed to already and memory is not scarce."""
    if not wanted.yes or wanted.dry_run or asked.explain or memory().limit_bytes is not None:
        yield None
        return
    with Worker(container, "rebuild") as worker:
        yield worker


def _planned_and_done(
    asked: Asked,
    container: Container,
    wanted: Wanted,
    plan_it: Callable[[], RebuildPlan | None],
    question: str,
    worker: Worker | None,
) -> bool:
    printer = asked.printer
    plan = plan_it()
    if asked.explained(plan.commands if plan is not None else ()):
        return True
    if (
        plan is not None
        and plan.offers
        and not wanted.dry_run
        and _accept_offers(asked, container, plan, accept=wanted.accept_offer)
    ):
        plan = plan_it()
    if plan is None:
        return print_in_use(printer, read_venv(container, requirements=True))
    if wanted.dry_run or not plan.ok:
        if printer.json:
            printer.document(plan_document(plan))
        else:
            print_plan(printer, plan)
        return plan.ok
    if not printer.json:
        print_plan(printer, plan)
    agree(asked, wanted.yes, question)
    plan = replace(plan, app_may_fail=wanted.app_may_fail)
    request = Request("rebuild", plan, wanted.keep, wanted.timeout, current_language())
    return _begin(asked, container, request, detach=wanted.detach, worker=worker)


def rollback_command(asked: Asked, container: Container, wanted: Wanted) -> bool:
    """Say where it goes back to, ask, go back; whether it did."""
    from ..venv.rollback import plan_rollback

    plan = plan_rollback(container)
    if asked.explained(plan.commands):
        return True
    printer = asked.printer
    if not printer.json:
        printer.lines(plan.title, indent="")
        printer.lines(plan.note)
    elif wanted.dry_run:
        printer.document(rollback_document(plan))
    if wanted.dry_run:
        return True
    agree(asked, wanted.yes, _("Go back to it?"))
    request = Request("rollback", timeout=wanted.timeout, language=current_language())
    return _begin(asked, container, request, detach=wanted.detach)


def recover_command(asked: Asked, container: Container, wanted: Wanted) -> bool:
    """Finish or take back what a killed job left; whether all is well then."""
    if asked.explained(()):
        return True
    request = Request("recover", timeout=wanted.timeout, language=current_language())
    return _begin(asked, container, request, detach=wanted.detach)


def attach_command(asked: Asked, container: Container) -> bool:
    """Join the running job, or show how the last one ended; whether it ended well."""
    job = find_job(container)
    if job is None:
        raise ConsoleError(_("There is no job to join."), _("None was begun in this container yet."))
    if asked.explained((shlex.join(["tail", "-n", "+1", "-f", str(job.journal), str(job.output)]),)):
        return True
    return _follow(asked, container, job)


def _begin(asked: Asked, container: Container, request: Request, *, detach: bool, worker: Worker | None = None) -> bool:
    # What a plan offers is for the person who reads it: the job has no use for it, and it may hold passwords.
    plan = replace(request.plan, offers=()) if request.plan is not None else None
    job = launch(container, replace(request, plan=plan), worker)
    if not detach and memory().limit_bytes is not None:
        # Planning has loaded 10 MB that following does not need, and in a small container the job does.
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # until the other call handles it
        options = [*(["--json"] if asked.as_json else []), *(["--no-color"] if asked.no_color else [])]
        call_instead(container, "venv", "attach", *options)
    if not detach:
        return _follow(asked, container, job)
    if asked.as_json:
        asked.printer.document({"job": job.id})
    else:
        asked.printer.lines(_("It goes on by itself. Join it with: console venv attach"), indent="")
    return True


def _follow(asked: Asked, container: Container, job: JobFolder) -> bool:
    progress = ProgressLines(asked.printer, stream=True)
    try:
        with _interrupts_cancel(container, job, progress):
            result = attach(container, job, on_event=progress)
    except Cancelled:
        progress.clear()
        asked.printer.error(ConsoleError(_("Taken back. Nothing was changed.")))
        raise KeyboardInterrupt from None
    except JobKilled as killed:
        progress.clear()
        asked.printer.error(ConsoleError(killed.title, killed.cause, _("It is finished or taken back now.")))
        recovered = _recover(container, progress)
        progress.clear()
        # What was asked for has not been done where it was taken back, however well that went.
        return recovered is not None and print_rebuild(asked.printer, recovered) and not recovered.undone
    finally:
        progress.clear()
    return result is not None and print_rebuild(asked.printer, result)


def _recover(container: Container, progress: ProgressLines) -> Rebuild | None:
    return attach(container, launch(container, Request("recover", language=current_language())), on_event=progress)


@contextmanager
def _interrupts_cancel(container: Container, job: JobFolder, progress: ProgressLines) -> Iterator[None]:
    """Ctrl-C takes the job back in order, or says why it is too late for that; the job is followed to its end."""

    def take_back(_number: int, _frame: FrameType | None) -> None:
        progress.clear()
        try:
            cancel(container, job)
        except ConsoleError as error:
            for part in filter(None, (error.title, error.cause, error.remedy)):
                click.echo(part, err=True)
        else:
            click.echo(_("Taking it back …"), err=True)

    before = signal.signal(signal.SIGINT, take_back)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _accept_offers(asked: Asked, container: Container, plan: RebuildPlan, *, accept: bool) -> bool:
    """Change the requirements as the plan offers, when a person says so; whether it was done."""
    from ..venv.offers import apply_offer

    printer = asked.printer
    if not accept:
        if not somebody_is_there(asked):
            return False
        print_plan(printer, plan)
        if not confirmed(_("Change the requirements like this and go on?")):
            return False
    for offer in plan.offers:
        backup = apply_offer(container, offer)
        if not printer.json:
            printer.lines(_("Written: {path}").format(path=offer.path), indent="")
            printer.lines(_("The file as it was: {path}").format(path=backup))
    return True
