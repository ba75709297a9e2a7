"""The two lines of a login with a notice."""

from __future__ import annotations

import pytest

from console.cli.login_notice import print_notice
from console.container import Container
from console.lock import held


def test_it_says_what_is_wrong_and_how_to_see_more(container: Container, capsys: pytest.CaptureFixture[str]) -> None:
    print_notice(container)
    first, second = capsys.readouterr().out.splitlines()
    assert "supervisord" in first
    assert "venv missing" in first
    assert second == "Type console for the screens."


def test_it_says_which_job_is_at_work(container: Container, capsys: pytest.CaptureFixture[str]) -> None:
    with held(container.lock, "rebuild"):
        print_notice(container)
    assert capsys.readouterr().out.splitlines()[-1] == "At work: rebuild. Type console to see it."
