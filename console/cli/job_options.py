"""The options of the commands that plan a rebuild and carry it out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..text import _
from .options import number

Command = Callable[..., Any]

_OPTIONS: tuple[Callable[[Command], Command], ...] = (
    click.option(
        "--requirements",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help=_("What to install (default: the app's requirements.txt)."),
    ),
    click.option(
        "--strategy",
        type=click.Choice(["auto", "repair", "beside", "in-place"]),
        default="auto",
        help=_("How (default: what the plan finds best)."),
    ),
    click.option("--keep", type=number(click.IntRange(1)), default=1, help=_("How many older ones stay (default: 1).")),
    click.option(
        "--timeout",
        type=number(click.FloatRange(1)),
        default=30.0,
        metavar="SECONDS",
        help=_("How long the app may take to come up (default: 30)."),
    ),
    click.option("--detach", is_flag=True, help=_("Begin it and leave it alone; attach joins it.")),
    click.option(
        "--accept-offer", is_flag=True, help=_("Write the versions into the requirements that the plan offers.")
    ),
    click.option(
        "--app-may-fail",
        is_flag=True,
        help=_("Switch even if the app does not load with the new one; only where the present one cannot run."),
    ),
    click.option("--yes", is_flag=True, help=_("Do not ask.")),
    click.option("--dry-run", is_flag=True, help=_("Show the plan or the diff; change nothing.")),
)


def with_job_options(function: Command) -> Command:
    """Let a command take them, under the names of ``venv_jobs.Wanted``."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
