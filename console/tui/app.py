"""The app: screens, the threads that watch and work, and the actions that all screens share."""

from __future__ import annotations

import asyncio
import gc
import importlib
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.command import CommandPalette
from textual.content import Content
from textual.screen import Screen

from ..container import Container
from ..health.first_look import FirstLook
from ..lock import job_words
from ..login import signs
from ..results import Program, Status
from ..text import _
from .appearance import THEME, style_sheet
from .jobs import Jobs
from .messages import JobBegan, JobCame, JobEnded, LogGrew, LookFailed, OperationEnded, OperationProgress, StatusChanged
from .palette import commands_of
from .screens.base import ConsoleScreen
from .screens.programs import ProgramsScreen
from .watching import LogWatch, StatusWatch
from .working import Operation, Work

JOB_CLOCK_SECONDS = 0.5
# Those that a key opens from the first one.
SCREENS = {
    "static": "StaticScreen",
    "venv": "VenvScreen",
    "pythons": "PythonsScreen",
    "login": "LoginScreen",
    "migration": "MigrationScreen",
}

if TYPE_CHECKING:
    from .screens.plan import Choice


class ConsoleApp(App[None]):
    """Holds what more than one screen shows: the last status, the running operation, the virtualenv's job."""

    CSS_PATH = [style_sheet("theme"), style_sheet("programs")]
    BINDINGS = [Binding("ctrl+c", "leave", show=False, priority=True)]
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]

    def __init__(self, container: Container, first_look: FirstLook | None = None) -> None:
        super().__init__()
        self.container = container
        self.status: Status | None = None
        self.programs: tuple[Program, ...] = ()
        self._first_look = first_look
        self.log_path: Path | None = None
        self.jobs = Jobs(container, self.post_message)
        self.operation: Operation | None = None
        self.left_for: tuple[str, ...] = ()  # the words of the command that comes instead
        self._programs_seen = 0.0
        self._status_watch = StatusWatch(container, self.post_message, first_look)
        self._log_watch = LogWatch(self.post_message)
        self.register_theme(THEME)
        self.theme = THEME.name
        self.animation_level = "none"

    def get_default_screen(self) -> Screen[Any]:
        if self._first_look is not None and self._first_look.status is not None:
            self._take(self._first_look.status, time.monotonic())
        return ProgramsScreen()

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        # Textual handles neither: without these a closed connection leaves the terminal in a mess.
        for number in (signal.SIGHUP, signal.SIGTERM):
            loop.add_signal_handler(number, self._end)
        self._job_clock = self.set_interval(JOB_CLOCK_SECONDS, self.show_job, pause=True)
        self.start_watching()
        if self.status is not None:
            self.jobs.look(self.status)
        self.call_after_refresh(_first_frame_stands)

    def start_watching(self) -> None:
        """Start the threads that look at the container."""
        self._status_watch.start()
        self._log_watch.start()

    def on_unmount(self) -> None:
        self._status_watch.end()
        self._log_watch.end()

    def _fatal_error(self) -> None:
        """Textual would print a traceback over the user's screen; ``run`` raises the error instead."""
        self._close_messages_no_wait()

    def _end(self) -> None:
        if self.operation is not None and self.operation.is_alive():
            self.operation.take_back()
        self.action_leave()

    # -- what the threads say ------------------------------------------------------------------

    def on_status_changed(self, message: StatusChanged) -> None:
        self._take(message.status, message.seen)
        self.jobs.look(message.status)
        for screen in self._console_screens():
            screen.status_changed(message.status)

    def _take(self, status: Status, seen: float) -> None:
        self.status = status
        if status.supervisor.reachable:
            self.programs, self._programs_seen = status.programs, seen

    def on_look_failed(self, message: LookFailed) -> None:
        self.notify(str(message.error), severity="error", markup=False)

    def on_log_grew(self, message: LogGrew) -> None:
        if message.path != self.log_path:
            return
        for screen in self._console_screens():
            if isinstance(screen, ProgramsScreen):
                screen.log_grew(message.lines, message.restarted)

    def on_operation_progress(self, message: OperationProgress) -> None:
        for screen in self._console_screens():
            screen.operation_progress(message.name, message.event)

    def on_operation_ended(self, message: OperationEnded) -> None:
        for screen in self._console_screens():
            screen.operation_ended(message.name, message.result, message.error)
        if self.operation is not None and self.operation.name == message.name:
            self.check_now()

    def on_job_began(self, message: JobBegan) -> None:
        self.jobs.began(message)
        self.show_job()

    def on_job_came(self, message: JobCame) -> None:
        self.jobs.came(message)
        self.show_job()

    def on_job_ended(self, message: JobEnded) -> None:
        self.jobs.ended(message)
        for screen in self._console_screens():
            screen.job_ended(message.model, begun=message.begun)
        if self.status is not None:
            self.jobs.join(self.status.job)  # another one may run by now, which no further status would tell of
        self.show_job()
        self.check_now()

    def show_job(self) -> None:
        """The job has come further, or another one is shown now."""
        if self.jobs.running:
            self._job_clock.resume()
        else:
            self._job_clock.pause()
        for screen in self._console_screens():
            screen.job_changed()

    def _console_screens(self) -> list[ConsoleScreen]:
        if not self.is_running:  # its screens are being taken apart
            return []
        return [screen for screen in self.screen_stack if isinstance(screen, ConsoleScreen) and screen.is_mounted]

    # -- what screens ask for ------------------------------------------------------------------

    def programs_age(self) -> float | None:
        """How old the table is in seconds, None while it is fresh."""
        if self.status is None or self.status.supervisor.reachable or not self._programs_seen:
            return None
        return time.monotonic() - self._programs_seen

    def job_words(self) -> str:
        """A job that nobody here follows, in a few words for the first screen; empty when none runs."""
        if self.status is not None and self.status.job is not None and self.status.job.running:
            return _("{kind} is running").format(kind=job_words(self.status.job.kind))
        return ""

    def follow_log(self, path: Path | None) -> None:
        """Show the end of ``path`` on the first screen."""
        self.log_path = path
        self._log_watch.follow(path)

    def check_now(self) -> None:
        """Look at everything anew, the site's answer included."""
        self._status_watch.look_fresh()

    def begin(self, name: str, work: Work) -> bool:
        """Run ``work`` as the one operation that changes something; False, and said, when another runs still."""
        if self.operation is not None and self.operation.is_alive():
            self.notify(_("Something is at work still; wait until it ends."), severity="warning", markup=False)
            return False
        self.operation = Operation(name, work, self.post_message)
        self.operation.start()
        return True

    def look_up(self, name: str, work: Work) -> None:
        """Run ``work``, which only looks, beside whatever else runs; its end comes as any operation's."""
        Operation(name, work, self.post_message).start()

    def operate(self, action: str, program: str, words: str) -> None:
        """Start, stop, restart or reload ``program``; its progress shows on the first screen."""
        from ..programs.control import operate

        refusal = self.jobs.refusal(self.status.job if self.status is not None else None)
        if refusal is not None:
            self.on_operation_ended(OperationEnded(action, None, refusal))
            return
        container = self.container
        began = self.begin(
            action, lambda on_event, cancel: operate(container, action, (program,), on_event=on_event)[0]
        )
        if began:
            for screen in self._console_screens():
                if isinstance(screen, ProgramsScreen):
                    screen.operation_began(words)

    def ask(
        self,
        title: str,
        body: Content | str,
        agree: str,
        commands: Sequence[str],
        then: Callable[[], object],
        choices: Sequence[Choice] = (),
    ) -> None:
        """Show a plan with the safe choice focused; ``then`` is called on a yes. Without ``agree`` it is only to be
        read. ``choices`` are what else may be done with it.
        """
        from .screens.plan import AGREE, PlanScreen

        doing = {AGREE: then} | {choice.key: choice.then for choice in choices}

        def answered(chosen: str | None) -> None:
            if chosen in doing:
                doing[chosen]()

        content = Content(body) if isinstance(body, str) else body
        self.push_screen(PlanScreen(title, content, agree, commands, choices), answered)

    def open_logs(self, path: Path | None) -> None:
        from .screens.logs import LogsScreen

        self.push_screen(LogsScreen(path))

    # -- actions -------------------------------------------------------------------------------

    def action_open(self, name: str) -> None:
        """Show one of the screens of SCREENS, which is loaded only now."""
        module = importlib.import_module(f"{__package__}.screens.{name}")
        self.push_screen(getattr(module, SCREENS[name])())

    def action_help(self) -> None:
        from .screens.help import HelpScreen

        screen = self.screen
        if isinstance(screen, ConsoleScreen):
            self.push_screen(HelpScreen(screen))

    def action_shell(self) -> None:
        from .shell import run_shell

        signs.ready()  # a quick key may come before it is said
        self._status_watch.rest()
        self._log_watch.rest()
        error = None
        with self.suspend():
            # suspend() does not resume after an exception inside it.
            try:
                run_shell(self.container)
            except OSError as found:
                error = found
        self._status_watch.go_on()
        self._log_watch.go_on()
        if error is not None:
            self.notify(_("The shell did not start: {error}").format(error=error), severity="error", markup=False)
        self.check_now()

    def leave_for(self, words: tuple[str, ...]) -> None:
        """Leave the screens for the command line's ``console WORDS``."""
        self.left_for = words
        self.action_leave()

    def action_leave(self) -> None:
        self.jobs.leave()
        self.exit()

    def action_command_palette(self) -> None:
        """Textual's own, with a text in the user's language."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(id="--command-palette", placeholder=_("Search for commands…")))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        return commands_of(screen)


def _first_frame_stands() -> None:
    signs.ready()
    _collect_garbage_again()


def _collect_garbage_again() -> None:
    """What was loaded until now stays, and need not be looked through again and again."""
    gc.freeze()
    gc.enable()
