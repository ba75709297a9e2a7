"""A Django project's static files: its settings compared with nginx, and collectstatic with its plan first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content

from ..container import Container
from ..errors import ConsoleError
from ..events import Cancelled, Event, OnEvent
from ..logs.clean import terminal_safe
from ..results.static import Collected, CollectPlan, StaticDjango
from ..text import _, ngettext
from ..units import seconds
from .appearance import QUIET, STRONG, mark
from .job import JobModel
from .presentation import Parts, error_lines, hanging, sheet_width
from .static_presentation import folder_words, problem_content

if TYPE_CHECKING:
    from ..static_files.child import Check
    from .app import ConsoleApp
    from .static_changes import StaticChanges

ASK, COLLECT_PLAN, COLLECT = "static-django", "static-collect-plan", "static-collect"
NAMES = (ASK, COLLECT_PLAN, COLLECT)


class DjangoFiles:
    """Asks the project when a key says so, and collects its files on a yes; ``changes`` makes what repairs nginx.

    ``cancellable`` while the project is asked or its files are collected.
    """

    def __init__(
        self,
        app: ConsoleApp,
        tell: Callable[[Content], None],
        show_job: Callable[[JobModel | None], None],
        done: Callable[[], None],
        changes: StaticChanges,
    ) -> None:
        self._app = app
        self._tell = tell
        self._show_job = show_job
        self._done = done
        self._changes = changes
        self._job: JobModel | None = None
        self._asking = 0  # the number of the question that is awaited, 0 while none is
        self._questions = 0
        self._over = threading.Event()  # set to end that question

    @property
    def cancellable(self) -> bool:
        return bool(self._asking) or (self._job is not None and self._job.running)

    # -- what the keys do ----------------------------------------------------------------------

    def ask(self) -> None:
        """Ask the project for its settings; the sheet with what is wrong comes then."""
        from ..static_files.django import compare_django

        self._look_up(ASK, lambda container, check: compare_django(container, check=check))

    def plan_collect(self) -> None:
        from ..static_files.django import plan_collect

        self._look_up(COLLECT_PLAN, lambda container, check: plan_collect(container, check=check))

    def cancel(self) -> None:
        """End the question, or the collecting."""
        if self._asking:
            self.leave()
            self._tell(hanging(mark(None), _("Left. Nothing was changed."), self._app.size.width))
        elif self._app.operation is not None and self._app.operation.name == COLLECT:
            self._app.operation.take_back()
            self._tell(Content.styled(" " + _("cancelling …"), QUIET))

    def leave(self) -> None:
        """End the question: nobody waits for its answer any more."""
        self._over.set()
        self._asking = 0

    def _look_up(self, name: str, work: Callable[[Container, Check], object]) -> None:
        if self.cancellable:
            return
        self._questions += 1
        self._asking = number = self._questions
        self._over = over = threading.Event()
        container = self._app.container
        self._show_job(None)
        self._tell(Content.styled(" " + _("asking the Django project for its settings …"), QUIET))

        def answer() -> tuple[int, object]:
            try:
                return number, work(container, _raising(over))
            except ConsoleError as error:
                return number, error

        self._app.look_up(name, lambda on_event, cancel: answer())

    # -- what comes ----------------------------------------------------------------------------

    def progress(self, event: Event) -> None:
        """The collecting has come further."""
        if self._job is not None:
            self._job.take(event)
            self._show_job(self._job)

    def ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        """One of NAMES has ended."""
        if name == COLLECT:
            self._collected(result, error)
        elif error is not None:
            self._asking = 0
            self._tell(error_lines(error, self._app.size.width))
        elif isinstance(result, tuple) and result[0] == self._asking:
            self._asking = 0
            self._tell(Content(""))
            self._answered(result[1])

    def _answered(self, answer: object) -> None:
        if isinstance(answer, ConsoleError):
            self._tell(error_lines(answer, self._app.size.width))
        elif isinstance(answer, StaticDjango):
            self._show(answer)
        elif isinstance(answer, CollectPlan):
            self._offer(answer)

    def _show(self, django: StaticDjango) -> None:
        from .screens.plan import OFFER, Choice

        app = self._app
        repairable = next((problem for problem in django.problems if problem.repair), None)
        choices: tuple[Choice, ...] = ()
        if repairable is not None:
            code = repairable.code
            choices = (Choice(OFFER, _("Repair nginx"), lambda: self._changes.repair_django(code)),)
        can_collect = django.staticfiles and django.static_root is not None
        width = sheet_width(app.size.width)
        app.ask(
            _("Django {version}").format(version=terminal_safe(django.version)),
            django_content(django, width),
            _("Collect its files") if can_collect else "",
            (),
            self.plan_collect,
            choices,
        )

    def _offer(self, plan: CollectPlan) -> None:
        app, container = self._app, self._app.container
        self._changes.commands = plan.commands

        def begin() -> None:
            if app.begin(COLLECT, lambda on_event, cancel: _collect(container, plan, on_event, cancel)):
                self._job = JobModel(COLLECT, _("Static files"))
                self._tell(Content(""))
                self._show_job(self._job)

        held = _("not there yet")
        if plan.files is not None:
            held = ngettext("{n} file now", "{n} files now", plan.files).format(n=plan.files)
        body = Content.assemble((f"→ {terminal_safe(str(plan.folder))}", STRONG), f"  {held}")
        app.ask(_("Collect the project's static files?"), body, _("Collect"), plan.commands, begin)

    def _collected(self, result: object | None, error: ConsoleError | None) -> None:
        width = self._app.size.width
        if self._job is not None:
            self._job.end(result, error)
            self._show_job(self._job)
        if error is not None:
            self._tell(error_lines(error, width))
        elif isinstance(result, Collected):
            self._tell(collected_content(result, width))
        else:
            self._tell(hanging(mark(None), _("Cancelled; what was collected by then stays."), width))
        self._done()


def django_content(django: StaticDjango, width: int) -> Content:
    """The settings, and where nginx does otherwise."""
    root = str(django.static_root) if django.static_root is not None else "–"
    lines = [
        Content(terminal_safe(django.settings)),
        Content(f"STATIC_URL   {terminal_safe(django.static_url or '–')}"),
        Content(f"STATIC_ROOT  {terminal_safe(root)}"),
        Content(""),
        *(problem_content(problem, width) for problem in django.problems),
    ]
    if not django.problems:
        lines.append(hanging(mark(True), _("nginx serves what the project says."), width))
    return Content("\n").join(lines)


def collected_content(done: Collected, width: int) -> Content:
    """How it went, what the folder holds now, and where the output is."""
    head = f"{done.folder}  {folder_words(done.files, done.bytes)}"
    parts: Parts = [(terminal_safe(head), STRONG), (f"  ({seconds(done.seconds)})", QUIET)]
    parts += ["\n" + terminal_safe(line) for line in done.error.splitlines()]
    told = _("Its output: {path}").format(path=terminal_safe(str(done.log)))
    parts.append((f"\n{told}", QUIET))
    return hanging(mark(done.ok), Content.assemble(*parts), width)


def _collect(container: Container, plan: CollectPlan, on_event: OnEvent, cancel: threading.Event) -> Collected:
    from ..static_files.django import collect

    return collect(container, plan, on_event=on_event, check=_raising(cancel))


def _raising(cancel: threading.Event) -> Check:
    def check() -> None:
        if cancel.is_set():
            raise Cancelled

    return check
