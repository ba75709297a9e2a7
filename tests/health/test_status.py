"""The whole status, and the sentence that it begins with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.container import Container
from console.health.http import ask
from console.health.status import StatusReader, read_status, site_verdict
from console.health.summary import headline, plain_line, ports_part
from console.lock import held
from console.programs.control import stop
from console.results import HttpAnswer, Listener, SupervisorState
from tests.tui import samples


def test_a_healthy_container_is_up_and_answers(shared_container: Container) -> None:
    status = read_status(shared_container)
    assert status.site_up is True
    assert status.verdict is None
    assert status.http is not None
    assert status.http.status == 200
    assert [hop.process for hop in status.request_path] == ["nginx", "gunicorn"]
    assert headline(status).startswith(f"The site is up: nginx :{shared_container.http_port} → gunicorn :")
    app = next(program for program in status.programs if program.name == "app")
    assert app.cpu_percent is not None
    assert app.processes >= 2


def test_plain_line_says_states_ports_and_virtualenv(shared_container: Container) -> None:
    line = plain_line(shared_container)
    ports = f"{shared_container.http_port} and {shared_container.app_port} listening"
    assert line.startswith("app RUNNING ")
    assert f" · nginx RUNNING · {ports} · venv 3." in line


def test_the_site_is_asked_once_until_something_changes(
    shared_container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(port: int, **how: float) -> HttpAnswer:
        asked.append(port)
        return ask(port, **how)  # type: ignore[arg-type]

    monkeypatch.setattr("console.health.status.ask", counted)
    reader = StatusReader(shared_container)
    for _look in range(3):
        assert reader.read().site_up is True
    assert asked == [shared_container.http_port]
    reader.read(fresh=True)
    assert asked == [shared_container.http_port] * 2


def test_a_stopped_app_is_the_reason(container: Container) -> None:
    stop(container, "app")
    status = read_status(container)
    assert status.site_up is False
    assert status.verdict is not None
    assert status.verdict.cause == "stopped"
    assert status.verdict.action == "start"
    assert f"{container.app_port} silent" in plain_line(container)


def test_an_error_of_the_app_is_the_reason(container: Container) -> None:
    app = container.app / "app.py"
    app.write_text("def application(environ, start):\n    raise RuntimeError('no database')\n")
    from console.programs.control import restart

    restart(container, "app", timeout=10)
    status = read_status(container)
    assert status.verdict is not None
    assert status.verdict.cause == "http-error"
    assert any("no database" in line for line in status.verdict.traceback)


def test_without_supervisord_the_reason_is_that(container: Container) -> None:
    from console.playground import container_down

    container_down(container.root)
    status = read_status(container)
    assert status.supervisor.reachable is False
    assert status.verdict is not None
    assert status.verdict.cause == "supervisor-gone"
    assert status.site_up is False


def test_a_running_job_is_in_the_status(shared_container: Container) -> None:
    with held(shared_container.lock, "rebuild"):
        job = read_status(shared_container).job
    assert job is not None
    assert (job.kind, job.running) == ("rebuild", True)
    assert read_status(shared_container).job is None


def test_nginx_stopped_is_no_reason_while_the_app_listens_in_front_itself() -> None:
    programs = (samples.program("app"), samples.program("nginx", "STOPPED"))
    path = (Listener(8000, True, "gunicorn", 79),)
    reachable = SupervisorState(True, "RUNNING", "4.3.0", 1, None)
    good = HttpAnswer(8000, 200, 0.01)
    assert site_verdict(samples.CONTAINER, reachable, programs, path, good) is None


def test_nothing_in_front_is_the_reason_where_all_programs_run() -> None:
    path = (Listener(8000, False, None), Listener(8080, True, "gunicorn", 79))
    verdict = site_verdict(samples.CONTAINER, samples.UP.supervisor, samples.UP.programs, path, None)
    assert verdict is not None
    assert verdict.cause == "no-answer"
    assert "8000" in verdict.title


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ((Listener(8000, True, "nginx"), Listener(8080, True, "gunicorn")), "8000 and 8080 listening"),
        ((Listener(8000, True, "nginx"), Listener(8080, False, None)), "8000 listening, 8080 silent"),
        ((Listener(8000, False, None), Listener(8080, False, None)), "8000 and 8080 silent"),
    ],
)
def test_ports_part(path: tuple[Listener, ...], said: str) -> None:
    assert ports_part(path) == said


def test_headline_without_an_answer_yet_names_what_listens() -> None:
    asked_nothing = replace(samples.UP, site_up=None, http=None, asked=None)
    assert headline(asked_nothing) == "Not asked yet: nginx :8000 → gunicorn :8080"
