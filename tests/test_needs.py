"""A test that lacks something is skipped, unless CI forbids it."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import needs


def test_what_is_there_is_given() -> None:
    assert needs.program("sh").exists()
    assert needs.interpreter("3").version.startswith("3.")
    assert len(needs.interpreters(1)) == 1


@pytest.mark.parametrize("forbidden", [False, True])
def test_what_is_missing_is_skipped_or_fails(monkeypatch: pytest.MonkeyPatch, forbidden: bool) -> None:
    if forbidden:
        monkeypatch.setenv("CONSOLE_TESTS_MUST_RUN", "1")
    else:
        monkeypatch.delenv("CONSOLE_TESTS_MUST_RUN", raising=False)
    outcome = pytest.fail.Exception if forbidden else pytest.skip.Exception
    with pytest.raises(outcome, match="no-such-program"):
        needs.program("no-such-program")
    with pytest.raises(outcome, match=r"Python 9\.9"):
        needs.interpreter("9.9")
    with pytest.raises(outcome, match="99 Pythons"):
        needs.interpreters(99)


def test_a_python_out_of_support_may_be_missing_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSOLE_TESTS_MUST_RUN", "1")
    with pytest.raises(pytest.skip.Exception, match=r"Python 1\.5"):
        needs.old_interpreter("1.5")


def test_each_python_of_a_span_is_given_once_the_newest_first() -> None:
    found = [each.release[:2] for each in needs.minors("3.8", "3.13")]
    assert found == sorted(set(found), reverse=True)
    assert all((3, 8) <= release <= (3, 13) for release in found)
    assert needs.minors("1.0", "1.5") == ()


def test_the_programs_of_root_are_found_without_their_folder_in_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nginx = needs.program("nginx")
    monkeypatch.setenv("PATH", str(tmp_path))
    if nginx.parent.name == "sbin":
        assert needs.program("nginx") == nginx
