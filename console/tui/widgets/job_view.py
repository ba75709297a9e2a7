"""A job of the virtualenv: its steps, its bar, what is told of it, and the end of its output."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget

from ..job import JobModel
from .line import Line
from .log_tail import LogTail
from .steps import bar_content, steps_content


class JobView(Widget):
    """Draws what is new of the job it is shown, or of another one that took its place."""

    DEFAULT_CSS = """
    JobView { height: 1fr; width: 1fr; layout: vertical; }
    JobView #steps, JobView #told { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._job: JobModel | None = None
        self._output_shown = 0

    def compose(self) -> ComposeResult:
        yield Line(id="steps")
        yield Line(id="bar")
        yield Line(id="told")
        yield LogTail()

    def show(self, job: JobModel | None) -> bool:
        """Show ``job`` as far as it has come; True when it is another one than before."""
        tail, width = self.query_one(LogTail), self.app.size.width
        other = job is not self._job
        if other:
            self._job, self._output_shown = job, 0
            tail.start_over(())
        self.query_one("#steps", Line).show(steps_content(job, width) if job is not None else "")
        self.query_one("#bar", Line).show(bar_content(job, width) if job is not None else "")
        if job is not None and job.output_total != self._output_shown:
            new = job.output_total - self._output_shown
            self._output_shown = job.output_total
            tail.add(list(job.output)[-new:])
        return other

    def tell(self, content: Content) -> None:
        """Say something below the steps."""
        self.query_one("#told", Line).show(content)
