"""Static files: how the block stands, on and off with the diff first, and the proof."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from ...errors import ConsoleError
from ...events import Event
from ...logs.clean import terminal_safe
from ...results import Static, StaticChange, StaticPlan, StaticProblem
from ...text import N_, _
from ...units import seconds
from ...wording import static_words
from ..appearance import ATTENTION, BAD, QUIET, STRONG, mark, style_sheet
from ..job import JobModel
from ..presentation import diff_content, error_lines, hanging
from ..widgets.line import Line
from ..widgets.steps import steps_content
from .base import ConsoleScreen

PLAN, CHECK, CHANGE = "static-plan", "static-check", "static-change"


class StaticScreen(ConsoleScreen):
    """State, location, alias, the lines as they stand in the file, problems; then each step of a change."""

    CSS_PATH = style_sheet("static")
    BINDINGS = [
        Binding(
            "space,t", "turn", N_("On/Off"), id="toggle", tooltip=N_("Turn the block on or off; the diff comes first")
        ),
        Binding("c", "check", N_("Check"), id="check", tooltip=N_("Ask nginx whether it serves, and whether it leaks")),
    ]
    title_text = N_("Static files")
    about = N_("nginx serves a folder at a path of the site, many times quicker than the app could.")

    def __init__(self) -> None:
        super().__init__()
        self._static: Static | None = None
        self._job: JobModel | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="title")
        yield Line(id="state")
        yield Line(id="block")
        yield Line(id="problems")
        yield Line(id="steps")
        yield Line(id="told")
        yield self.make_key_bar()

    def on_mount(self) -> None:
        self.query_one("#title", Line).show(Content.styled(f" {_('Static files')}", STRONG))
        status = self.console_app.status
        if status is not None and status.static.state != "unknown":
            self._show(status.static)
        self.action_check()

    def action_check(self) -> None:
        from ...static_files.change import check_static

        container = self.console_app.container
        self.console_app.look_up(CHECK, lambda on_event, cancel: check_static(container))
        self._tell(Content.styled("\n " + _("asking nginx …"), QUIET))

    def action_turn(self) -> None:
        from ...static_files.change import plan_static

        container = self.console_app.container
        wanted = "off" if self._static is not None and self._static.state == "on" else "on"
        self.console_app.look_up(PLAN, lambda on_event, cancel: plan_static(container, wanted))

    def operation_progress(self, name: str, event: Event) -> None:
        if name == CHANGE and self._job is not None:
            self._job.take(event)
            self._show_steps()

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name not in (PLAN, CHECK, CHANGE):
            return
        if error is not None:
            self._tell(error_content(error, self.size.width))
        elif isinstance(result, Static):
            self._show(result)
            if name == CHECK:
                self._tell(Content(""))
        elif isinstance(result, StaticPlan):
            self._offer(result)
        elif isinstance(result, StaticChange):
            self._show(result.static)
            self._show_change(result)

    def _offer(self, plan: StaticPlan) -> None:
        if not plan.changes:
            self._tell(Content(" " + _("Nothing to change: {state}.").format(state=static_words(plan.before))))
            return
        title = _("Turn static files on?") if plan.wanted == "on" else _("Turn static files off?")
        agree = _("Turn on") if plan.wanted == "on" else _("Turn off")
        body = Content("\n").join(
            [*(problem_content(problem, 74) for problem in plan.problems), diff_content(plan.diff)]
        )
        self.console_app.ask(title, body, agree, plan.commands, lambda: self._apply(plan))

    def _apply(self, plan: StaticPlan) -> None:
        from ...static_files.change import apply_static

        container = self.console_app.container
        self._job = JobModel(CHANGE, _("Static files"))
        self._tell(Content(""))
        self.console_app.begin(CHANGE, lambda on_event, cancel: apply_static(container, plan, on_event=on_event))

    def _show(self, static: Static) -> None:
        self._static = static
        good = {"on": True, "off": None, "absent": None}.get(static.state, False)
        sign, style = mark(False if static.problems else good)
        where = f"{static.file}:{static.line}" if static.line else str(static.file)
        self.query_one("#state", Line).show(
            Content.assemble(
                "\n ",
                (sign, style),
                (f" {terminal_safe(static_words(static))}", STRONG),
                (f"\n   {terminal_safe(where)}", QUIET),
            )
        )
        self.query_one("#block", Line).show(_block(static))
        problems = [problem_content(problem, self.size.width) for problem in static.problems]
        self.query_one("#problems", Line).show(Content("\n").join([Content(""), *problems]) if problems else "")

    def _show_steps(self) -> None:
        if self._job is not None:
            self.query_one("#steps", Line).show(steps_content(self._job, self.size.width))

    def _show_change(self, change: StaticChange) -> None:
        words = change.proof if change.ok else change.error
        parts: list[tuple[str, str] | str] = [
            f"{terminal_safe(words or static_words(change.static))} ",
            (f"({seconds(change.seconds)})", QUIET),
        ]
        if change.backup is not None:
            told = _("The file as it was: {path}").format(path=terminal_safe(str(change.backup)))
            parts.append((f"\n{told}", QUIET))
        self._tell(Content("\n") + hanging(mark(change.ok), Content.assemble(*parts), self.size.width))

    def _tell(self, content: Content) -> None:
        self.query_one("#told", Line).show(content)

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        from ...shell_commands import supervisorctl

        container = self.console_app.container
        return (
            (
                _("Space  On, off"),
                (f"nano {container.site_file}", "nginx -t", supervisorctl(container, "restart", "nginx")),
            ),
            (
                _("c  Check"),
                ("nginx -t", f"curl -I http://127.0.0.1:{container.http_port}/static/"),
            ),
        )


def _block(static: Static) -> Content:
    if static.location is None or static.alias is None:
        return Content(_("The site file has no block for static files; turning it on adds one."))
    sign = "" if static.state in ("on", "broken") else "#"
    lines = (f"{sign}location {static.location} {{", f"{sign}    alias {static.alias};", f"{sign}}}")
    return Content.styled("\n".join(map(terminal_safe, lines)), QUIET if sign else "")


def problem_content(problem: StaticProblem, width: int) -> Content:
    """A problem with its remedy, by sign and colour of its severity."""
    sign = ("✗", BAD) if problem.severity == "error" else ("!", ATTENTION)
    parts: list[tuple[str, str] | str] = [terminal_safe(problem.title)]
    if problem.remedy:
        parts.append((f"\n{terminal_safe(problem.remedy)}", QUIET))
    return hanging(sign, Content.assemble(*parts), width)


def error_content(error: ConsoleError, width: int) -> Content:
    """What happened, why, and what to do, a line below what stands above."""
    return Content("\n") + error_lines(error, width)
