"""docs/reliability.md says what the tests have proved, no more and no less."""

from __future__ import annotations

import os

import pytest

from .outcomes import REPORT, as_report, recorded


def test_the_table_in_the_docs_is_that_of_this_run(request: pytest.FixtureRequest) -> None:
    """Comes last: ``make reliability`` writes the table, any other run of all faults compares it."""
    ran = {item.path.name for item in request.session.items if item.path.parent.name == "faults"}
    if len(ran) < len(list(REPORT.parents[1].glob("tests/faults/test_*.py"))) or request.config.option.keyword:
        return  # a selection was run: it proves only a part of the table
    report = as_report(recorded())
    if os.environ.get("WRITE_RELIABILITY"):
        REPORT.write_text(report)
    assert REPORT.read_text() == report
