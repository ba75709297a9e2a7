"""The broken apps that people really have, in a real container with gunicorn and nginx."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.container import Container
from console.events import Event, Failing
from console.programs.control import restart
from console.results import Restart, Verdict

from .. import containers, needs


@pytest.fixture(scope="module")
def place() -> Iterator[Container]:
    needs.program("nginx")
    made = containers.make(running=False)
    yield made
    containers.remove(made.root)


def failed(result: Restart) -> Verdict:
    assert not result.ok
    assert result.verdict is not None
    return result.verdict


def test_gunicorn_with_a_missing_module_ends_at_once_with_the_whole_traceback(place: Container) -> None:
    app = place.app / "app.py"
    text = app.read_text()
    app.write_text(f"import django\n{text}")
    events: list[Event] = []
    result = restart(place, "app", on_event=events.append)
    found = failed(result)
    assert (found.cause, found.action) == ("import-error", "rebuild")
    assert "No module named 'django'" in found.title
    assert found.traceback[0].startswith("Traceback")
    assert found.traceback[-1] == "ModuleNotFoundError: No module named 'django'"
    assert any(str(app) in line for line in found.traceback)
    assert any(isinstance(event, Failing) for event in events)
    app.write_text(text)
    assert restart(place, "app").ok


def test_a_500_of_the_framework_shows_its_traceback(place: Container) -> None:
    app = place.app / "app.py"
    text = app.read_text()
    app.write_text(f"{text}\n\n@application.get('/')\ndef broken():\n    return {{}}['no such key']\n")
    result = restart(place, "app")
    found = failed(result)
    assert (found.cause, result.state) == ("http-error", "RUNNING")
    assert found.traceback[-1] == "KeyError: 'no such key'"
    app.write_text(text)
    assert restart(place, "app").ok


def test_an_error_in_nginxs_configuration_names_file_and_line(place: Container) -> None:
    text = place.site_file.read_text()
    place.site_file.write_text("\nserve {}\n" + text)
    found = failed(restart(place, "nginx", timeout=15))
    assert found.cause == "syntax-error"
    assert found.detail == f"{place.site_file}:2"
    assert "serve" in found.title
    place.site_file.write_text(text)
    assert restart(place, "nginx").ok


def test_a_virtualenv_whose_python_is_gone_means_a_rebuild(place: Container) -> None:
    pythons = {path: path.readlink() for path in place.venv.glob("bin/python*") if path.is_symlink()}
    assert pythons
    for path in pythons:
        path.unlink()
        path.symlink_to("/opt/python-that-was/bin/python")
    found = failed(restart(place, "app"))
    assert (found.cause, found.action) == ("dead-virtualenv", "rebuild")
    for path, target in pythons.items():
        path.unlink()
        path.symlink_to(target)
    assert restart(place, "app").ok
