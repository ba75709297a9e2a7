"""A job's steps, its bar and its time, as text."""

from __future__ import annotations

from textual.content import Content

from ...text import _
from ...units import decimal
from ..appearance import ATTENTION, BAD, GOOD, QUIET
from ..job import JobModel
from ..presentation import hanging

BAR_CELLS = 40


def steps_content(job: JobModel, width: int) -> Content:
    """A line for each step that was reached: done, at work, or where it ended."""
    lines = []
    for step in job.steps:
        if step.seconds is not None:
            sign, style = "✓", GOOD
        elif job.running:
            sign, style = "◐", ATTENTION
        else:
            sign, style = "✗", BAD
        lines.append(hanging((sign, style), job.step_words(step), width))
    return Content("\n").join([Content(""), *lines])


def bar_content(job: JobModel, width: int) -> Content:
    """The share that is done, as a bar and a number, what is counted, and the time so far."""
    cells = max(10, min(BAR_CELLS, width - 40))
    full = int(job.fraction * cells)
    bar = "█" * full + "░" * (cells - full)
    share = decimal(job.fraction * 100, 0)
    time_so_far = _("{n} s").format(n=int(job.elapsed))
    return Content.assemble(f" {bar} {share:>3} %  {job.count}  ", (time_so_far, QUIET))
