"""From a key to a changed site file: the plan, its sheet, and the change with its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from ..container import Container
from ..errors import ConsoleError
from ..events import Event, OnEvent
from ..logs.clean import terminal_safe
from ..results import StaticProblem
from ..results.static import StaticChange, StaticMapping, StaticPlan, StaticRepair, StaticServer
from ..text import _
from ..wording import static_words
from .appearance import QUIET, mark
from .job import JobModel
from .presentation import diff_content, error_lines, hanging, sheet_width
from .static_looking import server_of
from .static_presentation import Chosen, change_content, plan_content

if TYPE_CHECKING:
    from .app import ConsoleApp

PLAN, CHANGE = "static-plan", "static-change"
NAMES = (PLAN, CHANGE)


@dataclass(frozen=True)
class Planned:
    """A plan for one row of the table: ``line`` is where its block stands, None where there is none yet."""

    plan: StaticPlan
    line: int | None


class StaticChanges:
    """Plans what a key asks for, shows it, and makes it on a yes.

    ``tell`` shows an outcome, ``show_job`` the steps of a change as they come, ``done`` is called after it.
    """

    def __init__(
        self,
        app: ConsoleApp,
        tell: Callable[[Content], None],
        show_job: Callable[[JobModel | None], None],
        done: Callable[[], None],
    ) -> None:
        self.commands: tuple[str, ...] = ()  # of the last plan
        self._app = app
        self._tell = tell
        self._show_job = show_job
        self._done = done
        self._busy = False
        self._job: JobModel | None = None
        self._of_which: Callable[[str], None] | None = None

    # -- what the keys do ----------------------------------------------------------------------

    def turn(self, row: StaticMapping, servers: tuple[StaticServer, ...]) -> None:
        """Turn it on or off, whichever it is not."""
        wanted = "off" if row.state in ("on", "broken") else "on"
        self._plan_row(row, servers, wanted, row.folder if row.state == "absent" else None)

    def change_folder(self, row: StaticMapping, servers: tuple[StaticServer, ...], folder: str) -> None:
        """Have the row serve ``folder``."""
        self._plan_row(row, servers, "on", folder)

    def add(self, location: str, folder: str, server: StaticServer | None) -> None:
        """Have ``server`` (None: the one that is asked on the load balancer's port) serve ``folder``."""
        from ..static_files.change import plan_static

        file, name = (server.file, str(server.line)) if server is not None else (None, None)
        self._look_up(
            lambda container: plan_static(container, "on", location=location, alias=folder, file=file, server=name)
        )

    def repair(self, row: Chosen, problem: StaticProblem) -> None:
        """Mend ``problem`` of the row."""
        from ..static_files.repair import plan_repair

        location = row.location if isinstance(row, StaticMapping) else None
        self._look_up(
            lambda container: plan_repair(container, problem.code, location=location, file=row.file, line=row.line)
        )

    def repair_django(self, code: str, server: str | None = None) -> None:
        """Have nginx do as the Django project says, in ``server``; where several could be meant it is asked for."""
        from ..static_files.repair import plan_repair

        self._look_up(
            lambda container: plan_repair(container, code, server=server),
            lambda chosen: self.repair_django(code, chosen),
        )

    def undo(self) -> None:
        """Take the last change back; one that was killed has to be finished first."""
        self._look_up(_plan_undo)

    def _plan_row(self, row: StaticMapping, servers: tuple[StaticServer, ...], wanted: str, folder: str | None) -> None:
        from ..static_files.change import plan_static

        server = server_of(row, servers)

        def plan(container: Container) -> Planned:
            made = plan_static(container, wanted, location=row.location, alias=folder, file=row.file, server=server)
            return Planned(made, row.line)

        self._look_up(plan)

    def _look_up(self, work: Callable[[Container], object], of_which: Callable[[str], None] | None = None) -> None:
        """Plan by ``work``; ``of_which`` plans again for the one of several servers that was chosen."""
        if self._busy:
            return
        self._busy, self._of_which = True, of_which
        container = self._app.container
        self._show_job(None)
        self._tell(Content.styled(" " + _("planning; nothing is changed …"), QUIET))
        self._app.look_up(PLAN, lambda on_event, cancel: work(container))

    # -- what comes ----------------------------------------------------------------------------

    def progress(self, event: Event) -> None:
        """The change has come further."""
        if self._job is not None:
            self._job.take(event)
            self._show_job(self._job)

    def ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        """One of NAMES has ended."""
        if name == PLAN:
            if not self._busy:  # one that was asked for before the screen was left and opened again
                return
            self._busy = False
            self._tell(Content(""))
        elif self._job is not None:
            self._job.end(result, error)
            self._show_job(self._job)
        if error is not None:
            self._fail(error)
        elif isinstance(result, StaticChange):
            steps = self._job is not None and bool(self._job.steps)
            self._tell(change_content(result, self._app.size.width, steps=steps))
        elif name == CHANGE:
            self._tell(hanging(mark(True), _("Done."), self._app.size.width))
        elif isinstance(result, StaticRepair):
            self._offer_repair(result)
        elif isinstance(result, Planned):
            self._offer_row(result)
        elif isinstance(result, StaticPlan):
            self._offer(result)
        if name == CHANGE:
            self._done()

    def _ask_which(self, labels: tuple[str, ...], then: Callable[[str], None]) -> None:
        from .screens.static_server import StaticServerScreen

        def chosen(number: int | None) -> None:
            if number is not None:
                then(labels[number])

        choices = [(label, "") for label in labels]
        self._app.push_screen(StaticServerScreen(choices, self._app.container.http_port), chosen)

    def _fail(self, error: ConsoleError) -> None:
        """A difference that nobody may lose is to be read whole; else it is said in place."""
        from ..static_files.look import WhichServer

        if isinstance(error, WhichServer) and self._of_which is not None:
            self._ask_which(error.labels, self._of_which)
            return
        lines = error.cause.splitlines()
        at = next((number for number, line in enumerate(lines) if line.startswith("--- ")), None)
        if at is None:
            self._tell(error_lines(error, self._app.size.width))
            return
        said = "\n".join(map(terminal_safe, lines[:at]))
        remedy = "\n".join(map(terminal_safe, error.remedy.splitlines()))
        body = Content("\n").join(
            [Content(said), Content(""), diff_content("\n".join(lines[at:])), Content(""), Content(remedy)]
        )
        self._app.ask(terminal_safe(error.title), body, "", (), lambda: None)

    def _offer_row(self, planned: Planned) -> None:
        """The plan, if it is for the block that was chosen: of two for the same path only one can be meant by it."""
        before = planned.plan.before
        if planned.line is None or before.line == planned.line:
            self._offer(planned.plan)
            return
        other = _("line {line}").format(line=before.line) if before.line else _("none")
        self._fail(
            ConsoleError(
                _("The console cannot tell which block is meant."),
                _("For {location} it would take: {other}. The chosen one is on line {line} of {file}.").format(
                    location=planned.plan.location, other=other, line=planned.line, file=before.file
                ),
                _("Choose the other one, or take one of the two out by hand."),
            )
        )

    def _offer(self, plan: StaticPlan) -> None:
        if not plan.changes:
            said = _("Nothing to change: {state}.").format(state=terminal_safe(static_words(plan.before)))
            self._tell(hanging(mark(None), said, self._app.size.width))
            return
        title, agree = _question(plan)
        self._ask(title, agree, plan, lambda on_event: _apply(self._app.container, plan, on_event))

    def _offer_repair(self, repair: StaticRepair) -> None:
        app, container = self._app, self._app.container
        if repair.plan is not None:
            title = _("Finish the change that was killed?") if not repair.diff else _("Repair it?")
            agree = _("Finish") if not repair.diff else _("Repair")
            self._ask(title, agree, repair.plan, lambda on_event: _apply(container, repair, on_event), repair.title)
            return
        self.commands = repair.commands
        body = Content("\n").join([Content(terminal_safe(repair.title)), Content(""), diff_content(repair.diff)])
        app.ask(
            _("Repair it?"),
            body,
            _("Repair"),
            repair.commands,
            lambda: self._begin(lambda on_event: _apply(container, repair, on_event)),
        )

    def _ask(
        self, title: str, agree: str, plan: StaticPlan, work: Callable[[OnEvent], object], about: str = ""
    ) -> None:
        from ..static_files.change import refusals

        self.commands = plan.commands
        body = plan_content(plan, sheet_width(self._app.size.width))
        if refusals(plan):
            title, agree = _("Refused; nothing is changed"), ""
        if about:
            body = Content("\n").join([Content(terminal_safe(about)), body])
        self._app.ask(title, body, agree, plan.commands if agree else (), lambda: self._begin(work))

    def _begin(self, work: Callable[[OnEvent], object]) -> None:
        if self._app.begin(CHANGE, lambda on_event, cancel: work(on_event)):
            self._job = JobModel(CHANGE, _("Static files"))
            self._tell(Content(""))
            self._show_job(self._job)


def _question(plan: StaticPlan) -> tuple[str, str]:
    if plan.undoes is not None:
        return _("Take the last change back?"), _("Undo")
    if not plan.diff:
        return _("Finish the change that was killed?"), _("Finish")
    if plan.wanted == "off":
        return _("Turn static files off?"), _("Turn off")
    if plan.before.state in ("on", "broken"):
        return _("Change what nginx serves?"), _("Change")
    return _("Turn static files on?"), _("Turn on")


def _plan_undo(container: Container) -> StaticPlan | StaticRepair:
    from ..static_files.record import unfinished
    from ..static_files.repair import plan_repair
    from ..static_files.undo import plan_undo

    return plan_repair(container, "unfinished") if unfinished(container) is not None else plan_undo(container)


def _apply(container: Container, made: StaticPlan | StaticRepair, on_event: OnEvent) -> StaticChange | None:
    from ..static_files.change import apply_static
    from ..static_files.repair import apply_repair

    if isinstance(made, StaticRepair):
        return apply_repair(container, made, on_event=on_event)
    return apply_static(container, made, on_event=on_event)
