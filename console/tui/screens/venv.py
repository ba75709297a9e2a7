"""The virtualenv: how it is, and its job as steps with its output, its bar and its time."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from ...errors import ConsoleError
from ...results import Status, Venv
from ...text import N_, _
from ...venv.attaching import JobKilled
from ..appearance import QUIET, STRONG, style_sheet
from ..job import JobModel
from ..jobs import title_of
from ..planning import FREEZE, NAMES, RESCUE, Planning
from ..presentation import error_lines
from ..venv_presentation import killed_content, outcome_content, venv_content
from ..widgets.job_view import JobView
from ..widgets.key_bar import KeyBar
from ..widgets.line import Line
from .base import ConsoleScreen

LOOK, CANCEL, LAST = "venv-look", "venv-cancel", "last-job"


class VenvScreen(ConsoleScreen):
    """State above, the job below, whoever began it. Leaving the screen or the console does not end the job."""

    CSS_PATH = style_sheet("venv")
    BINDINGS = [
        Binding(
            "b",
            "rebuild",
            N_("Rebuild"),
            id="rebuild",
            tooltip=N_("Make it anew beside, and switch; the plan comes first"),
        ),
        Binding("u", "rollback", N_("Roll back"), id="rollback", tooltip=N_("Switch back to the one before")),
        Binding(
            "f",
            "freeze",
            N_("Freeze"),
            id="freeze",
            tooltip=N_("Write requirements.txt from what is installed; the diff comes first"),
        ),
        Binding(
            "c",
            "cancel",
            N_("Cancel"),
            id="cancel",
            tooltip=N_("Take the running rebuild back; possible until the switch"),
        ),
    ]
    title_text = N_("Virtualenv")
    about = N_(
        "A rebuild is made beside the present one while the app runs, proved, and switched to in the time of a "
        "restart. When the app does not come back, it is undone. It goes on when you leave or the connection drops; "
        "the console joins it when it is opened again."
    )

    def __init__(self) -> None:
        super().__init__()
        self._quick: Venv | None = None  # of the last status; another one is worth a thorough look
        self._venv: Venv | None = None
        self._outcome_told = False

    def compose(self) -> ComposeResult:
        yield Line(id="title")
        yield Line(id="state")
        yield JobView()
        yield self.make_key_bar()

    def on_mount(self) -> None:
        self._planning = Planning(self.console_app, self._tell)
        self.query_one("#title", Line).show(Content.styled(f" {_('Virtualenv')}", STRONG))
        if self.console_app.status is not None:
            self.status_changed(self.console_app.status)
        self.job_changed()
        job = self.console_app.jobs.model
        if job is None:
            self._look_at_last_job()
        elif not job.running:
            self._tell_outcome(job)

    def _look_at_last_job(self) -> None:
        from ..last_job import last_job

        container = self.console_app.container
        self.console_app.look_up(LAST, lambda on_event, cancel: last_job(container))

    def on_resize(self) -> None:
        self._show_venv()
        self.job_changed()

    def keys(self) -> Sequence[tuple[str, str]]:
        """Cancel only while there is something to cancel, and nothing to begin meanwhile."""
        job = self.console_app.jobs.running_model()
        hidden = ("c",) if job is None else ("b", "u", "f") if job.name == "rebuild" else ("b", "u", "f", "c")
        return [pair for pair in ConsoleScreen.keys(self) if pair[0] not in hidden]

    # -- what comes ----------------------------------------------------------------------------

    def status_changed(self, status: Status) -> None:
        if status.venv != self._quick:
            self._quick = self._venv = status.venv
            self._show_venv()
            self._look()

    def _look(self) -> None:
        from ...venv.look import read_venv

        container = self.console_app.container
        self.console_app.look_up(LOOK, lambda on_event, cancel: read_venv(container, requirements=True))

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name == LOOK and isinstance(result, Venv):
            self._venv = result
            self._show_venv()
        elif name == LAST and isinstance(result, JobModel) and self.console_app.jobs.model is None:
            self.console_app.jobs.model = result
            self.job_changed()
            self._tell_outcome(result)
        elif name in (LOOK, CANCEL, LAST) and error is not None:
            self._tell(Content("\n") + error_lines(error, self.size.width))
        elif name in NAMES:
            self._planning.ended(name, result, error)
            if name in (FREEZE, RESCUE):
                self._look()

    def job_changed(self) -> None:
        job = self.console_app.jobs.model
        if self.query_one(JobView).show(job) and self._outcome_told and job is not None:
            self._tell(Content(""))
        self.query_one(KeyBar).show_keys(self.keys())
        self._show_venv()

    def job_ended(self, job: JobModel, *, begun: bool) -> None:
        if isinstance(job.error, JobKilled):
            self._tell(Content("\n") + killed_content(job.error, self.size.width))
        elif begun:
            self.job_changed()
            self._tell_outcome(job)
        elif job.error is not None:  # stays when the job that was quicker is joined
            self._tell(Content("\n") + error_lines(job.error, self.size.width))
        self._look()

    # -- what the keys do ----------------------------------------------------------------------

    def action_rebuild(self) -> None:
        if self._is_free():
            self._planning.plan_rebuild()

    def action_rollback(self) -> None:
        if self._is_free():
            self._planning.plan_rollback()

    def action_freeze(self) -> None:
        if self._is_free():
            self._planning.plan_freeze()

    def _is_free(self) -> bool:
        if not self.console_app.jobs.running:
            return True
        self.notify(_("Something is at work still; wait until it ends."), severity="warning", markup=False)
        return False

    def action_cancel(self) -> None:
        try:
            work = self.console_app.jobs.cancel()
        except ConsoleError as error:
            self._tell(Content("\n") + error_lines(error, self.size.width))
            return
        self._tell(Content.styled("\n " + _("cancelling …"), QUIET))
        self.console_app.look_up(CANCEL, lambda on_event, cancel: work())

    # -- showing -------------------------------------------------------------------------------

    def _show_venv(self) -> None:
        if self._venv is not None:
            running = self.console_app.jobs.running
            self.query_one("#state", Line).show(venv_content(self._venv, self.size.width, brief=running))

    def _tell(self, content: Content) -> None:
        self._outcome_told = False
        self.query_one(JobView).tell(content)

    def _tell_outcome(self, job: JobModel) -> None:
        # One that ended while nobody was there says when it was.
        title = Content.styled(f"\n {job.title}", QUIET) if job.title != title_of(job.name) else Content("")
        self._tell(title + Content("\n") + outcome_content(job, self.size.width))
        self._outcome_told = True

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        from ...shell_commands import console_command, rebuild_commands

        container, plan, back = self.console_app.container, self._planning.plan, self._planning.rollback
        if plan is not None and plan.commands:
            rebuild = (_("b  Rebuild, as it was planned"), plan.commands)
        else:
            title = _("b  Rebuild, as the guide has it; the app is down from the first line to the last")
            rebuild = (title, rebuild_commands(container))
        words = ("rebuild", "attach", "rollback", "recover")
        return (
            rebuild,
            *(((_("u  Roll back"), back.commands),) if back is not None else ()),
            (_("f  Freeze"), (f"{container.venv}/bin/python -m pip freeze > {container.requirements}",)),
            (
                _("The same without the screens: begin, join, go back, finish what was killed"),
                [console_command(container, "venv", word) for word in words],
            ),
        )
