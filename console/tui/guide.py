"""The way through a migration: its pages, what may be done on each, and what is waited for. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.content import Content

from ..errors import ConsoleError
from ..results import ImageSwitch, Rebuild, RebuildPlan, Rescue
from ..text import _
from ..venv.attaching import JobKilled
from ..venv.migration import Findings
from .appearance import ATTENTION, QUIET
from .job import JobModel
from .planning import leaves_screens, next_strategy, strategy_option
from .presentation import error_lines, hanging
from .venv_presentation import killed_content, plan_content

if TYPE_CHECKING:
    from .app import ConsoleApp

WHAT, REQUIREMENTS, VERSIONS, REBUILD, SITE = "what", "requirements", "versions", "rebuild", "site"
LOOK, WRITE, PLAN = "migration-look", "migration-write", "migration-plan"
OFFER, CANCEL = "migration-offer", "migration-cancel"
NAMES = (LOOK, WRITE, PLAN, OFFER, CANCEL)
_BEFORE = {REQUIREMENTS: WHAT, VERSIONS: WHAT, SITE: VERSIONS}


class Guide:
    """``page`` is one of WHAT, REQUIREMENTS, VERSIONS, REBUILD, SITE. ``changed`` is called when there is something
    else to show, with True when another page was opened.

    ``told`` stands below the page until another one is opened; ``busy`` says in words what is waited for. ``done`` is
    the plan that the job was begun with.
    """

    def __init__(self, app: ConsoleApp, changed: Callable[[bool], None]) -> None:
        self.page = WHAT
        self.switch: ImageSwitch | None = app.status.image_switch if app.status is not None else None
        self.findings: Findings | None = None
        self.plan: RebuildPlan | None = None
        self.done: RebuildPlan | None = None
        self.job: JobModel | None = app.jobs.running_model()
        self.told: Content | None = None
        self._app = app
        self._changed = changed
        self._strategy = "auto"
        self._waits: tuple[str, str] | None = None  # the operation, and its words
        if self.job is not None:
            self.page = REBUILD

    @property
    def busy(self) -> str:
        return self._waits[1] if self._waits is not None else ""

    @property
    def rescue(self) -> Rescue | None:
        """The requirements.txt that could be written."""
        return self.findings.rescue if self.findings is not None else None

    @property
    def result(self) -> Rebuild | None:
        """How the job ended."""
        result = self.job.result if self.job is not None else None
        return result if isinstance(result, Rebuild) else None

    # -- what may be done ----------------------------------------------------------------------

    def next_words(self) -> str:
        """What going on means now, empty where there is nothing to go on with."""
        if self.busy:
            return ""
        if self.page == WHAT:
            ready = self.switch is not None and self.findings is not None and self.findings.no_rescue is None
            return _("Go on") if ready else ""
        if self.page == REQUIREMENTS:
            return _("Write it")
        if self.page == VERSIONS and self.plan is None:
            return _("Plan again")
        if self.page == VERSIONS:
            return _("Rebuild") if self.plan is not None and self.plan.ok else ""
        if self.page == SITE:
            return _("Finish") if self.finished else _("Plan again")
        return ""

    @property
    def finished(self) -> bool:
        """The site runs from the new virtualenv."""
        return self.page == SITE and self.result is not None and self.result.ok

    @property
    def may_turn_back(self) -> bool:
        waits = self._waits is not None and self._waits[0] != PLAN  # planning changes nothing, and may be left
        return self.page in _BEFORE and not waits and not self.finished

    @property
    def has_offer(self) -> bool:
        """The plan has a change of requirements.txt that helps."""
        return self.page == VERSIONS and self.plan is not None and bool(self.plan.offers) and not self.busy

    @property
    def another_way(self) -> str:
        """The strategy that comes next in turn, empty where there is no other."""
        if self.page != VERSIONS or self.plan is None or self.busy:
            return ""
        return next_strategy(self.plan, self._app.status.venv if self._app.status is not None else None)

    @property
    def may_force(self) -> bool:
        """Only the app's own code does not load with the new one, and the old one cannot run either."""
        result = self.result
        return self.page == SITE and result is not None and result.app_failed and not result.venv.usable

    # -- what comes ----------------------------------------------------------------------------

    def look(self) -> None:
        """Look at the virtualenv and the requirements."""
        from ..venv.migration import look_into

        container = self._app.container
        self._app.look_up(LOOK, lambda on_event, cancel: look_into(container))

    def ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        """One of NAMES has ended."""
        if self._waits is not None and self._waits[0] == name:
            self._waits = None
        if error is not None:
            self._tell_error(error)
        elif isinstance(result, Findings):
            self.findings = result
        elif isinstance(result, RebuildPlan):
            self.plan = result
        elif name == WRITE:
            self.look()
            self.open(VERSIONS)
        elif name == OFFER:
            self._make_plan()
        self._changed(False)

    def job_changed(self) -> None:
        """Whatever job runs is shown, whoever began it."""
        job = self._app.jobs.running_model()
        if job is not None and job is not self.job:
            self.job = job
            self.open(REBUILD)
        elif self.page == REBUILD:
            self._changed(False)

    def job_ended(self, job: JobModel, *, begun: bool) -> None:
        if isinstance(job.error, JobKilled):
            self.tell(Content("\n") + killed_content(job.error, self._app.size.width))
        elif not begun:
            self.open(VERSIONS)
            if job.error is not None:
                self._tell_error(job.error)
        elif job.result is None and job.error is None:
            self.open(VERSIONS)
            self.tell(Content.styled("\n " + _("Taken back. Nothing was changed."), QUIET))
        else:
            self.job = job
            self.look()
            self.open(SITE)

    # -- the way -------------------------------------------------------------------------------

    def open(self, page: str) -> None:
        """Show ``page``; the versions are planned anew each time."""
        self.page, self.told = page, None
        if page == VERSIONS:
            self._make_plan()
        self._changed(True)

    def go_on(self) -> bool:
        """To what comes next; True where that is the end of the guide."""
        if self.finished:
            return True
        if not self.next_words():
            return False
        if self.page == WHAT:
            self.open(VERSIONS if self.rescue is None else REQUIREMENTS)
        elif self.page == REQUIREMENTS:
            self._write()
        elif self.page == VERSIONS and self.plan is not None:
            self._ask(self.plan)
        else:  # there is none, or it has to be another one
            self.open(VERSIONS)
        return False

    def turn_back(self) -> None:
        if self.may_turn_back:
            self._waits = None
            self.open(_BEFORE[self.page])

    def go_another_way(self) -> None:
        if self.another_way:
            self._strategy = self.another_way
            self._make_plan()

    def take_offer(self) -> None:
        """Ask whether to write the versions that the plan offers."""
        from ..venv.offers import apply_offer

        app, container, plan = self._app, self._app.container, self.plan
        if plan is None or not self.has_offer:
            return

        def write() -> None:
            if app.begin(OFFER, lambda *_: [(offer.path, apply_offer(container, offer)) for offer in plan.offers]):
                self._wait(OFFER, _("writing …"))

        body = plan_content(replace(plan, packages=(), problems=()), app.size.width)
        app.ask(_("Change requirements.txt?"), body, _("Change the file"), (), write)

    def force(self) -> None:
        """Ask whether to have the new virtualenv in place although the app does not load with it."""
        plan = self.done or self.plan
        if plan is None or not self.may_force:
            return
        forced = replace(plan, app_may_fail=True)
        self._app.ask(
            _("Put the new virtualenv in place all the same?"),
            _("It is built again and switched to; the app does not load with it, and stays down till it is mended."),
            _("All the same"),
            forced.commands,
            lambda: self._begin(forced),
        )

    def cancel(self) -> None:
        """Take the job back."""
        if self.page != REBUILD:
            return
        try:
            work = self._app.jobs.cancel()
        except ConsoleError as error:
            self._tell_error(error)
            return
        self.tell(Content.styled("\n " + _("cancelling …"), QUIET))
        self._app.look_up(CANCEL, lambda on_event, cancel: work())

    def tell(self, content: Content) -> None:
        """Say something below the page."""
        self.told = content if content.plain.strip() else None
        self._changed(False)

    def _tell_error(self, error: ConsoleError) -> None:
        self.tell(Content("\n") + error_lines(error, self._app.size.width))

    def _wait(self, name: str, words: str) -> None:
        self._waits = name, words
        self._changed(False)

    def _write(self) -> None:
        from ..venv.rescue import apply_rescue

        container, rescue = self._app.container, self.rescue
        if rescue is not None and self._app.begin(WRITE, lambda on_event, cancel: apply_rescue(container, rescue)):
            self._wait(WRITE, _("writing …"))

    def _make_plan(self) -> None:
        from ..venv.planning import plan_elsewhere

        container, strategy = self._app.container, self._strategy
        self.plan = None
        if leaves_screens(self._app, "venv", "rebuild", *strategy_option(strategy)):
            said = _("Nothing is planned yet: there is no memory for that beside the screens.")
            self.tell(Content("\n") + hanging(("!", ATTENTION), said, self._app.size.width))
            return
        self._app.look_up(PLAN, lambda on_event, cancel: plan_elsewhere(container, strategy=strategy))
        self._wait(PLAN, _("resolving requirements.txt; nothing is changed …"))

    def _ask(self, plan: RebuildPlan) -> None:
        runs = self.switch is not None and self.switch.runs
        body = (
            _("It is built beside the present one and proved; the app is down only while it restarts.")
            if runs
            else _("It is built beside the present one, proved, and the app is started from it.")
        )
        self._app.ask(_("Rebuild the virtualenv?"), body, _("Rebuild"), plan.commands, lambda: self._begin(plan))

    def _begin(self, plan: RebuildPlan) -> None:
        self.done = plan
        self._app.jobs.begin_rebuild(plan)
        self._app.show_job()
