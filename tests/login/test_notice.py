"""The two lines of a login with a notice."""

from __future__ import annotations

import pytest

from console.cli.login_notice import ANSWER_SECONDS, print_notice
from console.container import Container
from console.lock import held
from console.results import HttpAnswer
from console.venv.image_switch import read_seen


def test_it_says_what_is_wrong_and_how_to_see_more(container: Container, capsys: pytest.CaptureFixture[str]) -> None:
    print_notice(container)
    first, second = capsys.readouterr().out.splitlines()
    assert first == "✗ supervisord is not reachable."
    assert second == "Type console for the screens."


def test_it_says_that_the_site_is_up(shared_container: Container, capsys: pytest.CaptureFixture[str]) -> None:
    print_notice(shared_container)
    first, _second = capsys.readouterr().out.splitlines()
    assert first.startswith("✓ The site is up: nginx :")
    assert read_seen(shared_container) is not None


def test_an_app_that_hangs_does_not_keep_the_login_waiting(
    shared_container: Container, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    def ask(port: int, *, timeout: float) -> HttpAnswer:
        waited.append(timeout)
        return HttpAnswer(port, None, timeout, "no answer within 0.8 s")

    monkeypatch.setattr("console.health.status.ask", ask)
    print_notice(shared_container)
    assert capsys.readouterr().out.splitlines()[0].startswith("✗ ")
    assert waited == [ANSWER_SECONDS]


def test_it_says_which_job_is_at_work(container: Container, capsys: pytest.CaptureFixture[str]) -> None:
    with held(container.lock, "rebuild"):
        print_notice(container)
    assert capsys.readouterr().out.splitlines()[-1] == "At work: rebuild. Type console to see it."
