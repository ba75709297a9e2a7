"""What came of each fault, collected while the tests run; the table of docs/reliability.md is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

REPORT = Path(__file__).parents[2] / "docs" / "reliability.md"
_HEAD = """# Reliability

What happens to a rebuild when something goes wrong, tried on a real container with supervisord, gunicorn and nginx.
Made by `make reliability`, which runs the tests in `tests/faults`: each row is a test, and fails when its outcome is
another. After every one of them

- the app answers from the old or the new virtualenv, or, where neither can run, the message says so;
- requirements.txt, the files of one's own inside the old virtualenv and the old virtualenv itself are still there;
  a rebuild in place, for a disk without room for two, keeps them packed until the new virtualenv is verified;
- `console venv recover` has nothing to do the second time.

"Killed" is SIGKILL: the process has no chance to do anything. "Recovered" is what the console's next start does by
itself, or `console venv recover`.

| fault | when | outcome | the app then runs from |
|---|---|---|---|
"""


@dataclass(frozen=True, order=True)
class Outcome:
    """One row: a ``fault``, at which step, what came of it, and which virtualenv (old, new, none) the app runs from."""

    fault: str
    when: str
    outcome: str
    runs_from: str


_ALL: set[Outcome] = set()


def record(fault: str, when: str, outcome: str, runs_from: str) -> None:
    """Note a row that has just been proved."""
    _ALL.add(Outcome(fault, when, outcome, runs_from))


def recorded() -> list[Outcome]:
    return sorted(_ALL)


def as_report(outcomes: list[Outcome]) -> str:
    rows = [f"| {one.fault} | {one.when} | {one.outcome} | {one.runs_from} |" for one in outcomes]
    return _HEAD + "\n".join(rows) + "\n"
