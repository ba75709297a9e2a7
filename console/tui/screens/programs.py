"""The first screen: is my site up, and if not, why?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding

from ...errors import ConsoleError
from ...events import Event
from ...results import Program, Restart, Status
from ...shell_commands import log_commands, program_commands, status_commands
from ...text import N_, _
from ..job import JobModel
from ..presentation import facts_line, header_line, job_line, log_title, path_line, venv_line, verdict_lines
from ..venv_presentation import outcome_content
from ..widgets.key_bar import KeyBar
from ..widgets.line import Line
from ..widgets.log_tail import LogTail
from ..widgets.outcome import Outcome
from ..widgets.programs_table import ProgramsTable
from .base import ConsoleScreen
from .details import DetailsScreen

_ACTIONS = ("start", "stop", "restart", "reload")


class ProgramsScreen(ConsoleScreen):
    """Header, verdict, programs, the request's path, the last outcome, and the end of the log."""

    AUTO_FOCUS = "#programs"
    BINDINGS = [
        Binding("r", "restart", N_("Restart"), id="restart", tooltip=N_("Restart the program; says if it came back")),
        Binding("s", "start_or_stop", N_("Start/Stop"), id="start-stop", tooltip=N_("Stop the program, or start it")),
        Binding(
            "R",
            "reload",
            N_("Reload"),
            id="reload",
            show=False,
            tooltip=N_("gunicorn takes up new code without a missed request"),
        ),
        Binding("l", "logs", N_("Logs"), id="logs", tooltip=N_("The logs, from this program's on")),
        Binding(
            "t", "app.open('static')", N_("Static"), id="static", tooltip=N_("Static files: on, off, and whether right")
        ),
        Binding(
            "v", "app.open('venv')", N_("Venv"), id="venv", tooltip=N_("The virtualenv: rebuild it, go back, freeze")
        ),
        Binding(
            "p",
            "app.open('pythons')",
            N_("Python"),
            id="pythons",
            show=False,
            tooltip=N_("The image's interpreters: choose another"),
        ),
        Binding(
            "L",
            "app.open('login')",
            N_("At login"),
            id="login",
            show=False,
            tooltip=N_("Whether the console opens at an SSH login"),
        ),
        Binding(
            "m",
            "app.open('migration')",
            N_("Migrate"),
            id="migrate",
            tooltip=N_("After the image was switched: the guide to a new virtualenv"),
        ),
        Binding(
            "enter",
            "details",
            N_("Details"),
            id="details",
            show=False,
            tooltip=N_("Why it does not run: traceback and last lines"),
        ),
        Binding("c", "check", N_("Check"), id="check", show=False, tooltip=N_("Ask the site again, over HTTP")),
        Binding(
            "x",
            "commands",
            N_("Commands"),
            id="commands",
            show=False,
            tooltip=N_("Show the shell commands this stands for"),
        ),
        Binding("q", "app.leave", N_("Quit"), id="back", tooltip=N_("Leave the console")),
    ]
    title_text = N_("Programs")
    about = N_("Is the site up, and if not, why? The line under the header says it; Enter says all of it.")

    def compose(self) -> ComposeResult:
        yield Line(id="header")
        yield Line(id="verdict")
        yield Line(id="rule")
        yield ProgramsTable()
        yield Line(id="path")
        yield Line(id="static")
        yield Line(id="venv")
        yield Line(id="job")
        yield Outcome()
        yield Line(id="log-title")
        yield LogTail()
        yield self.make_key_bar()

    def keys(self) -> Sequence[tuple[str, str]]:
        """The guide's key only where there is something to migrate, and first then."""
        pairs = [pair for pair in ConsoleScreen.keys(self) if pair[0] != "m"]
        status = self.console_app.status
        return pairs if status is None or status.image_switch is None else [("m", _("Migrate")), *pairs]

    def on_mount(self) -> None:
        if self.console_app.status is not None:
            self.status_changed(self.console_app.status)

    def on_resize(self) -> None:
        self.query_one("#rule", Line).show("─" * self.size.width)
        self._show_log_title()
        if self.console_app.status is not None:
            self.status_changed(self.console_app.status)

    # -- what comes ----------------------------------------------------------------------------

    def status_changed(self, status: Status) -> None:
        app = self.console_app
        self.query_one("#header", Line).show(header_line(status, self.size.width))
        self.query_one("#verdict", Line).show(verdict_lines(status, app.programs_age(), self.size.width))
        self.query_one(ProgramsTable).show_programs(app.programs, stale=not status.supervisor.reachable)
        self.query_one("#path", Line).show(path_line(status))
        self.query_one("#static", Line).show(facts_line(status))
        self.query_one(KeyBar).show_keys(self.keys())
        self.job_changed()

    def job_changed(self) -> None:
        app = self.console_app
        job = app.jobs.running_model()
        if job is not None:
            self.query_one("#venv", Line).show(job_line(job, self.size.width))
            self.query_one("#job", Line).show("")
        elif app.status is not None:
            self.query_one("#venv", Line).show(venv_line(app.status, app.job_words()))

    def job_ended(self, job: JobModel, *, begun: bool) -> None:
        if begun or job.error is not None:
            self.query_one("#job", Line).show(outcome_content(job, self.size.width))

    def on_programs_table_selected(self, event: ProgramsTable.Selected) -> None:
        self.console_app.follow_log(event.program.log_file)
        self._show_log_title()

    def log_grew(self, lines: Sequence[str], restarted: bool) -> None:
        tail = self.query_one(LogTail)
        if restarted:
            tail.start_over(lines)
            self._show_log_title()
        else:
            tail.add(lines)

    def operation_began(self, words: str) -> None:
        self.query_one("#job", Line).show("")
        self.query_one(Outcome).begin(words)

    def operation_progress(self, name: str, event: Event) -> None:
        if name in _ACTIONS:
            self.query_one(Outcome).come_further(event)

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name not in _ACTIONS:
            return
        outcome = self.query_one(Outcome)
        if error is not None:
            outcome.fail(error)
        elif isinstance(result, Restart):
            outcome.end_with(result)

    # -- what the keys do ----------------------------------------------------------------------

    @property
    def _program(self) -> Program | None:
        return self.query_one(ProgramsTable).selected

    def action_restart(self) -> None:
        self._operate("restart", _("restarting {program}"))

    def action_reload(self) -> None:
        self._operate("reload", _("reloading {program}"))

    def action_start_or_stop(self) -> None:
        program = self._program
        if program is None:
            return
        if program.state in ("STOPPED", "EXITED", "FATAL", "UNKNOWN"):
            self._operate("start", _("starting {program}"))
            return
        self.console_app.ask(
            _("Stop {program}?").format(program=program.full_name),
            _("It stays stopped until it is started again."),
            _("Stop"),
            program_commands(self.console_app.container, "stop", (program.full_name,)),
            lambda: self._operate("stop", _("stopping {program}")),
        )

    def _operate(self, action: str, words: str) -> None:
        program = self._program
        if program is not None:
            name = program.full_name
            self.console_app.operate(action, name, words.format(program=name))

    def action_logs(self) -> None:
        program = self._program
        self.console_app.open_logs(program.log_file if program else None)

    def action_details(self) -> None:
        outcome = self.query_one(Outcome).result
        status = self.console_app.status
        verdict = (outcome.verdict if outcome else None) or (status.verdict if status else None)
        if verdict is None:
            self.notify(_("Nothing is known to be wrong."), markup=False)
        else:
            self.app.push_screen(DetailsScreen(verdict))

    def action_check(self) -> None:
        self.console_app.check_now()

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        container, program = self.console_app.container, self._program
        name = program.full_name if program else "app"
        log = program.log_file if program and program.log_file else container.log_dir / "python.log"
        return (
            (_("r  Restart"), program_commands(container, "restart", (name,))),
            (
                _("s  Start, stop"),
                (*program_commands(container, "start", (name,)), *program_commands(container, "stop", (name,))),
            ),
            (_("R  Reload"), program_commands(container, "reload", (name,))),
            (_("What this screen shows"), (*status_commands(container), *log_commands(Path(log), 20, True))),
        )

    def _show_log_title(self) -> None:
        self.query_one("#log-title", Line).show(log_title(self.console_app.log_path, self.size.width))
