"""Results and events in a few words."""

from __future__ import annotations

from console.events import Failing
from console.results import Verdict
from console.wording import progress_words


def test_a_failing_program_is_named_once() -> None:
    verdict = Verdict("import-error", "app does not start: No module named 'django'.", "")
    assert progress_words(Failing("app", verdict)) == "app does not start: No module named 'django'."
