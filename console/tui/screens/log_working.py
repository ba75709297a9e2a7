"""What is at work on a log beside its screen: begun, told of, ended."""

from __future__ import annotations

from textual.content import Content

from ...errors import ConsoleError
from ...logs.sources import Source
from ...logs.wanted import Wanted
from ...text import _
from ..appearance import ATTENTION
from ..log_jobs import LogJob, LogJobEnded, LogJobProgress, LogWork
from ..presentation import error_lines
from ..widgets.line import Line
from ..widgets.log_prompt import LogPrompt
from .base import ConsoleScreen


class LogWorkingScreen(ConsoleScreen):
    """Knows which jobs are at work on the log that is shown, and tells of them on the line ``#told``.

    What is shown is the business of the classes that build on it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._jobs: dict[str, LogJob] = {}

    @property
    def _source(self) -> Source | None:
        """The log that is shown. To be overridden."""
        raise NotImplementedError

    def _job_done(self, result: object) -> None:
        """A job has ended with this. To be overridden."""

    def _begin(self, name: str, work: LogWork, wanted: Wanted | None = None) -> None:
        """Do ``work`` beside, with ``wanted`` as far as it takes that, instead of what was at work under this name."""
        if name in self._jobs:
            self._jobs.pop(name).cancel()
        if self._source is not None:
            self._jobs[name] = LogJob(name, self._source, work, self.post_message, wanted)
            self._jobs[name].start()

    def _cancel_jobs(self) -> bool:
        """End what is at work; whether something was."""
        jobs, self._jobs = self._jobs, {}
        for job in jobs.values():
            job.cancel()
        return bool(jobs)

    def on_log_job_progress(self, message: LogJobProgress) -> None:
        message.stop()
        if self._jobs.get(message.job.name) is not message.job or self.query_one(LogPrompt).has_focus:
            return
        progress = message.progress
        share = f"{min(100, 100 * progress.done // progress.all)} %" if progress.all else ""
        self._tell(_("Searching: {share}").format(share=share) + " · " + _("Escape stops"))

    def on_log_job_ended(self, message: LogJobEnded) -> None:
        message.stop()
        if self._jobs.get(message.job.name) is not message.job:
            return
        del self._jobs[message.job.name]
        if message.error is not None:
            self._tell_error(message.error)
        elif message.result is not None:
            self._job_done(message.result)

    def _tell_error(self, error: ConsoleError) -> None:
        self.query_one("#told", Line).show(error_lines(error, self.size.width))

    def _tell(self, told: str, style: str = ATTENTION) -> None:
        self.query_one("#told", Line).show(Content.styled(f" {told}" if told else "", style))
