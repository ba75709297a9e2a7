"""Every fault code has words of its own."""

from __future__ import annotations

import pytest

from console.errors import ConsoleError, NothingThere
from console.programs.faults import Code, SupervisorFault, fault_error


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_title_and_none_has_an_open_field(code: Code) -> None:
    error = fault_error(code, f"{code.name}: what it says", "worker")
    assert error.title
    assert "{" not in str(error)
    assert isinstance(error, NothingThere) == (code == Code.SHUTDOWN_STATE)


def test_supervisords_own_words_come_without_the_codes_name() -> None:
    error = fault_error(Code.NO_FILE, "NO_FILE: /srv/venv/bin/gunicorn", "app")
    assert isinstance(error, SupervisorFault)
    assert error.text == "/srv/venv/bin/gunicorn"
    assert "/srv/venv/bin/gunicorn" in error.cause


def test_an_unknown_code_is_still_an_error_with_supervisords_words() -> None:
    error = fault_error(12345, "STRANGE: things", "app")
    assert isinstance(error, ConsoleError)
    assert "things" in error.cause
