"""A job's steps, its bar and its time, as text."""

from __future__ import annotations

from textual.content import Content

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
        elif job.result is None and job.error is None:  # taken back
            sign, style = "○", QUIET
        else:
            sign, style = "✗", BAD
        lines.append(hanging((sign, style), job.step_words(step), width))
    return Content("\n").join([Content(""), *lines])


def bar_content(job: JobModel, width: int) -> Content:
    """The share that is done, as a bar and a number, what is counted, the time so far, and about what is left."""
    cells = max(10, min(BAR_CELLS, width - 54))
    full = int(job.fraction * cells)
    bar = "█" * full + "░" * (cells - full)
    counted = f"{job.count}  " if job.count and job.running else ""
    return Content.assemble(f" {bar} {job.share_words():>5}  {counted}", (job.time_words(), QUIET))
