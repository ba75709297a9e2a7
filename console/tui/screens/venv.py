"""The virtualenv: how it is, and the rebuild as steps with its output, its bar and its time."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.timer import Timer

from ...errors import ConsoleError
from ...events import Event, Output
from ...logs.clean import terminal_safe
from ...results import Freeze, Rebuild, RebuildPlan, Status, Venv
from ...text import N_, _
from ...units import size
from ...wording import package_words, rebuild_words, venv_words
from ..appearance import ATTENTION, BAD, GOOD, KEY, QUIET, STRONG, mark, style_sheet
from ..job import JobModel
from ..presentation import hanging
from ..widgets.key_bar import KeyBar
from ..widgets.line import Line
from ..widgets.log_tail import LogTail
from ..widgets.steps import bar_content, steps_content
from ..working import Work
from .base import ConsoleScreen
from .plan import diff_content
from .static import error_content

PLAN, REBUILD, ROLLBACK, FREEZE, FREEZE_PLAN = "venv-plan", "rebuild", "rollback", "freeze", "freeze-plan"
_HOW = {"wheel": ("+", GOOD), "build": ("+", ATTENTION), "removed": ("-", ATTENTION), "impossible": ("✗", BAD)}


class VenvScreen(ConsoleScreen):
    """State above, the job below. Leaving the screen does not end the job."""

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
        "restart. When the app does not come back, it is undone."
    )

    def __init__(self) -> None:
        super().__init__()
        self._clock: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="title")
        yield Line(id="state")
        yield Line(id="steps")
        yield Line(id="bar")
        yield Line(id="told")
        yield LogTail()
        yield self.make_key_bar()

    def on_mount(self) -> None:
        self.query_one("#title", Line).show(Content.styled(f" {_('Virtualenv')}", STRONG))
        if self.console_app.status is not None:
            self.status_changed(self.console_app.status)
        job = self.console_app.job
        if job is not None:
            self.query_one(LogTail).start_over(job.output)
            self._show_job(job)

    @property
    def _job(self) -> JobModel | None:
        return self.console_app.job

    def keys(self) -> Sequence[tuple[str, str]]:
        """Cancel only while there is something to cancel, and nothing to begin meanwhile."""
        running = self._job is not None and self._job.running
        hidden = ("b", "u", "f") if running else ("c",)
        return [pair for pair in ConsoleScreen.keys(self) if pair[0] not in hidden]

    # -- what comes ----------------------------------------------------------------------------

    def status_changed(self, status: Status) -> None:
        self.query_one("#state", Line).show(_venv_content(status.venv))

    def operation_progress(self, name: str, event: Event) -> None:
        job = self._job
        if job is None or job.name != name:
            return
        if isinstance(event, Output):
            self.query_one(LogTail).add([terminal_safe(event.line)])
        self._show_job(job)

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name not in (PLAN, REBUILD, ROLLBACK, FREEZE, FREEZE_PLAN):
            return
        if error is not None:
            self._tell(error_content(error, self.size.width))
        elif isinstance(result, RebuildPlan):
            self._offer(result)
        elif isinstance(result, Freeze):
            self._offer_freeze(result)
        elif isinstance(result, Rebuild):
            self._tell(_rebuild_content(result, self.size.width))
        elif name in (REBUILD, ROLLBACK):
            self._tell(Content("\n ○ " + _("Taken back. Nothing was changed.")))
        elif name == FREEZE:
            self._tell(
                Content.assemble(
                    "\n ",
                    ("✓", GOOD),
                    " " + _("Written: {path}").format(path=terminal_safe(str(self.console_app.container.requirements))),
                )
            )
        if self._job is not None:
            self._show_job(self._job)

    # -- what the keys do ----------------------------------------------------------------------

    def action_rebuild(self) -> None:
        from ...venv.plan import plan_rebuild

        container = self.console_app.container
        self.console_app.look_up(PLAN, lambda on_event, cancel: plan_rebuild(container))
        self._tell(Content.styled("\n " + _("resolving requirements.txt; nothing is changed …"), QUIET))

    def _offer(self, plan: RebuildPlan) -> None:
        self._tell(Content(""))
        body = plan_content(plan)
        if not plan.ok:
            self._tell(Content("\n").join([Content(""), body]))
            return
        self.console_app.ask(_("Rebuild the virtualenv?"), body, _("Rebuild"), plan.commands, lambda: self._do(plan))

    def _do(self, plan: RebuildPlan) -> None:
        from ...venv.rebuild import rebuild

        container = self.console_app.container
        self._begin_job(
            REBUILD,
            _("Rebuilding"),
            lambda on_event, cancel: rebuild(container, plan, on_event=on_event, cancel=cancel),
        )

    def action_rollback(self) -> None:
        from ...venv.rollback import plan_rollback, rollback

        container = self.console_app.container
        try:
            plan = plan_rollback(container)
        except ConsoleError as error:
            self._tell(error_content(error, self.size.width))
            return
        self.console_app.ask(
            _("Go back to the virtualenv before?"),
            plan.title,
            _("Roll back"),
            plan.commands,
            lambda: self._begin_job(
                ROLLBACK, _("Rollback"), lambda on_event, cancel: rollback(container, on_event=on_event)
            ),
        )

    def action_freeze(self) -> None:
        from ...venv.freeze import plan_freeze

        container = self.console_app.container
        self.console_app.look_up(FREEZE_PLAN, lambda on_event, cancel: plan_freeze(container))

    def _offer_freeze(self, freeze: Freeze) -> None:
        from ...venv.freeze import apply_freeze

        container = self.console_app.container
        if not freeze.diff:
            self._tell(Content("\n ○ " + _("requirements.txt says what is installed already.")))
            return
        self.console_app.ask(
            _("Write requirements.txt?"),
            diff_content(freeze.diff),
            _("Write"),
            (f"{container.venv}/bin/python -m pip freeze > {container.requirements}",),
            lambda: self.console_app.begin(FREEZE, lambda on_event, cancel: apply_freeze(container, freeze)),
        )

    def action_cancel(self) -> None:
        job, operation = self._job, self.console_app.operation
        if job is None or not job.running or operation is None:
            self.notify(_("Nothing is running."), markup=False)
            return
        if job.step in ("switch", "clean-up"):
            told = _("Too late to cancel: the app is being switched. When it does not come back, that is undone.")
            self._tell(Content("\n") + hanging(mark(None), told, self.size.width))
            return
        operation.take_back()
        self._tell(Content.styled("\n " + _("cancelling …"), QUIET))

    def _begin_job(self, name: str, title: str, work: Work) -> None:
        if not self.console_app.begin(name, work):
            return
        self.console_app.job = JobModel(name, title)
        self.query_one(LogTail).start_over([])
        self._tell(Content(""))
        self._show_job(self.console_app.job)

    # -- showing -------------------------------------------------------------------------------

    def _show_job(self, job: JobModel) -> None:
        self.query_one(KeyBar).show_keys(self.keys())
        self.query_one("#steps", Line).show(steps_content(job, self.size.width))
        self._tick()
        if job.running and self._clock is None:
            self._clock = self.set_interval(0.5, self._tick)

    def _tick(self) -> None:
        job = self._job
        if job is None:
            return
        self.query_one("#bar", Line).show(bar_content(job, self.size.width))
        if not job.running and self._clock is not None:
            self._clock.stop()
            self._clock = None

    def _tell(self, content: Content) -> None:
        self.query_one("#told", Line).show(content)

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        from ...shell_commands import rebuild_commands

        container = self.console_app.container
        return (
            (
                _("b  Rebuild, as the guide has it; the app is down from the first line to the last"),
                rebuild_commands(container),
            ),
            (_("f  Freeze"), (f"{container.venv}/bin/python -m pip freeze > {container.requirements}",)),
        )


def _venv_content(venv: Venv) -> Content:
    good = {"ok": True, "mismatch": None}.get(venv.state, False)
    sign, style = mark(good)
    parts: list[tuple[str, str] | str] = [
        "\n ",
        (sign, style),
        (f" {terminal_safe(venv_words(venv))}", STRONG),
        (f"\n   {terminal_safe(str(venv.path))}", QUIET),
    ]
    if venv.target is not None:
        parts.append((f" → {terminal_safe(str(venv.target))}", QUIET))
    if venv.image_python:
        parts.append((" · " + _("the image's Python is {version}").format(version=venv.image_python), QUIET))
    if venv.rollback:
        parts += ["\n   " + _("The one before stands ready:") + " ", ("u", KEY), " " + _("Roll back")]
    return Content.assemble(*parts)


def plan_content(plan: RebuildPlan) -> Content:
    """From which Python to which and why so, what happens to each package, the disk, what is in the way."""
    lines = [
        Content(f"Python {plan.from_python or '–'} → {plan.to_python or '?'} · {terminal_safe(plan.reason)}"),
    ]
    kept = [change for change in plan.packages if change.how == "kept"]
    for change in plan.packages:
        if change.how == "kept":
            continue
        sign, style = _HOW.get(change.how, (" ", ""))
        versions = " → ".join(dict.fromkeys(filter(None, (change.from_version, change.to_version))))
        words = f" {change.name:<26} {versions:<24} {package_words(change)}  {change.why or ''}".rstrip()
        lines.append(Content.assemble("  ", (sign, style), terminal_safe(words)))
    if kept:
        names = ", ".join(f"{change.name} {change.to_version}" for change in kept)
        lines.append(Content.assemble("  = ", (terminal_safe(names), QUIET)))
    lines.append(
        Content(
            _("Disk: about {needed} needed, {free} free.").format(
                needed=size(plan.bytes_needed), free=size(plan.bytes_free)
            )
        )
    )
    for problem in plan.problems:
        first, *rest = problem.splitlines() or [""]
        lines.append(Content.assemble(("✗ ", BAD), terminal_safe(first)))
        lines += [Content("  " + terminal_safe(line)) for line in rest]
    return Content("\n").join(lines)


def _rebuild_content(result: Rebuild, width: int) -> Content:
    verdict = result.restart.verdict if result.restart is not None else None
    parts: list[tuple[str, str] | str] = [terminal_safe(rebuild_words(result))]
    for text in (result.note, result.remedy, verdict.detail if verdict else "", verdict.remedy if verdict else ""):
        if text:
            parts.append("\n" + "\n".join(map(terminal_safe, text.splitlines())))
    if result.ok and result.kept is not None:
        parts += ["\n" + _("The one before is kept:") + " ", ("u", KEY), " " + _("Roll back")]
    if result.freed_bytes:
        parts.append("\n" + _("Older ones were removed: {size} freed.").format(size=size(result.freed_bytes)))
    return Content("\n") + hanging(mark(result.ok), Content.assemble(*parts), width)
