"""A job's progress: true to what uv writes, and never back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.events import Event, Progress, Step, StepDone
from console.venv.progress import JobProgress, PipLines, Stage, UvLines

STAGES = (Stage("create", "Creating", 1), Stage("install", "Installing", 3))
# As uv 0.13 writes it when it is not on a terminal.
UV = """Using Python 3.12.1 environment at: v312
Resolved 11 packages in 223ms
   Building mypkg @ file:///srv/app/pkg
Downloading numpy (15.0MiB)
Downloading django (7.9MiB)
 Downloaded django
 Downloaded numpy
      Built mypkg @ file:///srv/app/pkg
Prepared 11 packages in 1.61s
Installed 11 packages in 30ms
 + numpy==2.5.5""".splitlines()


def _fractions(events: list[Event]) -> list[float]:
    return [event.fraction for event in events if isinstance(event, Progress)]


def test_a_job_tells_its_steps_and_ends_whole() -> None:
    events: list[Event] = []
    progress = JobProgress(events.append, STAGES)
    with progress.stage("create"):
        progress.detail = "Python 3.12.1"
    with progress.stage("install"):
        progress.advance(1, 2, "packages", 0.5, always=True)
    steps = [(event.name, event.number, event.of) for event in events if isinstance(event, Step)]
    assert steps == [("create", 1, 2), ("install", 2, 2)]
    assert [(event.name, event.detail) for event in events if isinstance(event, StepDone)] == [
        ("create", "Python 3.12.1"),
        ("install", ""),
    ]
    assert _fractions(events) == [0.25, 0.625, 1.0]


def test_a_step_that_fails_is_not_told_as_done() -> None:
    events: list[Event] = []
    progress = JobProgress(events.append, STAGES)
    with pytest.raises(ValueError), progress.stage("create"):
        raise ValueError
    assert [type(event) for event in events] == [Step]


def test_uvs_lines_become_counts_of_packages_bytes_and_builds() -> None:
    events: list[Event] = []
    progress = JobProgress(events.append, STAGES)
    uv = UvLines(progress)
    with progress.stage("install"):
        for line in UV:
            uv.read(line)
    told = [(event.done, event.total, event.unit) for event in events if isinstance(event, Progress)]
    mebi = 1 << 20
    assert told == [
        (0, 11, "packages"),
        (0, 1, "builds"),
        (0, 15 * mebi, "bytes"),
        (0, 15 * mebi + int(7.9 * mebi), "bytes"),
        (int(7.9 * mebi), 15 * mebi + int(7.9 * mebi), "bytes"),
        (15 * mebi + int(7.9 * mebi), 15 * mebi + int(7.9 * mebi), "bytes"),
        (1, 1, "builds"),
        (0, 11, "packages"),
        (11, 11, "packages"),
        (11, 11, "packages"),
    ]


@given(st.lists(st.sampled_from(UV) | st.text()))
def test_the_fraction_never_runs_back_whatever_is_written(lines: list[str]) -> None:
    events: list[Event] = []
    progress = JobProgress(events.append, STAGES)
    uv = UvLines(progress)
    with progress.stage("create"):
        progress.advance(5, None, "files", 0.9)
    with progress.stage("install"):
        for line in lines:
            uv.read(line)
    fractions = _fractions(events)
    assert fractions == sorted(fractions)
    assert all(0 <= fraction < 1 for fraction in fractions[:-1] if fraction != fractions[-1])
    assert fractions[-1] == 1.0


def test_many_small_advances_are_few_events() -> None:
    events: list[Event] = []
    progress = JobProgress(events.append, STAGES)
    with progress.stage("create"):
        for done in range(10_000):
            progress.advance(done, 10_000, "files", done / 10_000)
    assert len(events) < 200


def test_packages_are_counted_while_uv_says_nothing() -> None:
    events: list[Event] = []
    progress = JobProgress(events.append, STAGES)
    uv = UvLines(progress)
    with progress.stage("install"):
        uv.found_installed(3)  # of how many is not known
        uv.read("Resolved 12 packages in 3ms")
        uv.found_installed(0)
        uv.read("Prepared 12 packages in 3ms")
        progress._spoke = 0
        uv.found_installed(3)
        uv.found_installed(13)  # not ours
    told = [(event.done, event.total, event.unit) for event in events if isinstance(event, Progress)]
    assert told == [(0, 12, "packages"), (0, 12, "packages"), (3, 12, "packages"), (3, 12, "packages")]
    assert _fractions(events)[2] == pytest.approx(0.25 + 0.75 * (0.85 + 0.15 * 3 / 12))


def test_pips_lines_become_counts_of_packages() -> None:
    events: list[Event] = []
    progress = JobProgress(events.append, STAGES)
    pip = PipLines(progress)
    with progress.stage("install"):
        pip.read("Collecting django (from -r requirements.txt (line 1))")
        pip.found_installed(1)
        pip.read("Installing collected packages: sqlparse, asgiref, django")
        progress._spoke = 0
        pip.found_installed(2)
    told = [(event.done, event.total, event.unit) for event in events if isinstance(event, Progress)]
    assert told == [(1, None, "packages"), (0, 3, "packages"), (2, 3, "packages"), (2, 3, "packages")]
    assert _fractions(events) == sorted(_fractions(events))


def test_a_step_that_took_no_time_has_a_share_all_the_same() -> None:
    events: list[Event] = []
    progress = JobProgress(events.append, STAGES, {"create": 10.0, "install": 0.0})
    with progress.stage("create"):
        pass
    assert _fractions(events) == [pytest.approx(1 / 1.02)]
