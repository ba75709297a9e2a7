"""A real Django project's settings are read, compared with nginx, and its files collected."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError, Locked
from console.events import Cancelled, Event, Output
from console.lock import held, holder
from console.static_files.child import run_child
from console.static_files.django import collect, compare_django, plan_collect, read_django
from console.static_files.repair import plan_repair

MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
SETTINGS = """
import os
print("noise on stdout")
SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["django.contrib.staticfiles"]
STATIC_URL = "static/"
STATIC_ROOT = {root!r}
STATICFILES_DIRS = [{assets!r}]
"""
PROGRAM = '[program:app]\ncommand = gunicorn\ndirectory = {app}\nenvironment = SECRET_KEY="secret"\n'


@pytest.fixture
def project(written: Container) -> Container:
    """A container of files with a Django project, whose virtualenv is this one."""
    (written.srv / "venv").symlink_to(sys.prefix)
    (written.root / "etc/supervisor").mkdir(parents=True)
    (written.root / "etc/supervisor/supervisord.conf").write_text(
        f"[supervisord]\n[include]\nfiles = {written.srv}/conf/supervisor.d/*\n"
    )
    (written.srv / "conf/supervisor.d/app.conf").write_text(PROGRAM.format(app=written.app))
    (written.app / "manage.py").write_text(MANAGE)
    (written.app / "mysite").mkdir()
    (written.app / "mysite/__init__.py").touch()
    (written.app / "assets").mkdir()
    (written.app / "assets/site.css").write_text("body { }")
    settings(written, SETTINGS)
    serve(written, "location /static/ { alias /srv/static/; }")
    return written


def settings(container: Container, text: str, root: str | None = None) -> None:
    path = f"{container.srv}/static/" if root is None else root
    text = text.format(root=path, assets=f"{container.app}/assets")
    (container.app / "mysite/settings.py").write_text(text)


def serve(container: Container, block: str) -> None:
    container.site_file.write_text(f"server {{\n    listen 8000;\n    {block}\n}}\n")


def codes(container: Container) -> list[str]:
    return [problem.code for problem in compare_django(container).problems]


def test_the_settings_are_read_with_the_apps_environment(project: Container) -> None:
    found = read_django(project)
    assert (found.settings, found.static_url, found.staticfiles) == ("mysite.settings", "/static/", True)
    assert found.static_root == project.srv / "static"
    assert found.version[0].isdigit()
    assert not (project.app / "mysite/__pycache__").exists()


def test_another_settings_module_of_the_environment_counts(project: Container) -> None:
    (project.app / "mysite/live.py").write_text("from .settings import *\nSTATIC_URL = '/files/'\n")
    conf = project.srv / "conf/supervisor.d/app.conf"
    conf.write_text(conf.read_text().rstrip() + ',DJANGO_SETTINGS_MODULE="mysite.live"\n')
    found = read_django(project)
    assert (found.settings, found.static_url) == ("mysite.live", "/files/")


def test_what_agrees_has_no_problem(project: Container) -> None:
    assert codes(project) == []


def test_another_url_and_another_root(project: Container) -> None:
    serve(project, "location /assets/ { alias /srv/static/; }")
    assert codes(project) == ["django-url"]
    repair = plan_repair(project, "django-url")
    assert "+    location /static/ {" in repair.diff
    serve(project, f"location /static/ {{ alias {project.app}/static/; }}")
    assert codes(project) == ["django-root"]
    repair = plan_repair(project, "django-root")
    assert f"+    location /static/ {{ alias {project.srv}/static/; }}" in repair.diff
    serve(project, "#location /static/ { alias /srv/static/; }")
    assert codes(project) == ["django-url"]
    with pytest.raises(ConsoleError, match="no problem django-root"):
        plan_repair(project, "django-root")


def test_a_link_to_the_root_is_the_root(project: Container) -> None:
    (project.srv / "files").symlink_to("static")
    serve(project, "location /static/ { alias /srv/files/; }")
    assert codes(project) == []


def test_no_root_and_an_empty_one(project: Container) -> None:
    settings(project, SETTINGS.replace("{root!r}", "None"))
    assert codes(project) == ["django-no-root"]
    with pytest.raises(ConsoleError, match="no STATIC_ROOT"):
        plan_collect(project)
    settings(project, SETTINGS, f"{project.srv}/static/none")
    assert codes(project) == ["django-root", "django-empty"]


def test_files_of_another_site_are_no_matter_of_nginx(project: Container) -> None:
    settings(project, SETTINGS.replace('"static/"', '"https://cdn.example/s/"'))
    assert codes(project) == []


def test_collect_fills_the_folder_and_keeps_its_output(project: Container) -> None:
    plan = plan_collect(project)
    assert (plan.folder, plan.files) == (project.srv / "static", 2)
    assert plan.commands == (f"cd {project.app} && {project.srv}/venv/bin/python manage.py collectstatic --noinput",)
    events: list[Event] = []
    done = collect(project, plan, on_event=events.append)
    assert (done.ok, done.error, done.files) == (True, "", 3)
    assert (project.srv / "static/site.css").read_text() == "body { }"
    assert any("static file" in event.line for event in events if isinstance(event, Output))
    assert done.log.read_text().splitlines() == list(done.output)


def test_a_failing_collect_says_why(project: Container) -> None:
    plan = plan_collect(project)
    (project.app / "assets/site.css").unlink()
    (project.app / "assets").rmdir()
    settings(project, SETTINGS + "STORAGES = {{'staticfiles': {{'BACKEND': 'none.Such'}}}}\n")
    done = collect(project, plan)
    assert not done.ok
    assert "none" in done.error
    assert done.log.read_text()


def test_collect_refuses_what_must_not_be_served(project: Container) -> None:
    settings(project, SETTINGS, str(project.srv))
    with pytest.raises(ConsoleError, match="must not be served"):
        plan_collect(project)
    settings(project, SETTINGS, "/somewhere/else")
    with pytest.raises(ConsoleError, match="not in this container"):
        plan_collect(project)
    settings(project, SETTINGS.replace('"django.contrib.staticfiles"', ""))
    with pytest.raises(ConsoleError, match="no collectstatic"):
        plan_collect(project)


def test_one_job_at_a_time(project: Container) -> None:
    plan = plan_collect(project)
    with held(project.lock, "rebuild"), pytest.raises(Locked):
        collect(project, plan)


@pytest.mark.parametrize(
    ("text", "match"), [("import none_such\n", "none_such"), ("x = \n", "SyntaxError"), ("raise SystemExit(3)\n", "")]
)
def test_settings_that_do_not_load_say_why(project: Container, text: str, match: str) -> None:
    (project.app / "mysite/settings.py").write_text(text)
    with pytest.raises(ConsoleError, match="do not load") as told:
        read_django(project)
    assert match in told.value.cause


def test_settings_that_take_too_long(project: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.static_files.django._SETTINGS_SECONDS", 0.5)
    (project.app / "mysite/settings.py").write_text("import time\ntime.sleep(60)\n")
    began = time.monotonic()
    with pytest.raises(ConsoleError, match="do not load"):
        read_django(project)
    assert time.monotonic() - began < 20


def test_a_question_that_nobody_waits_for_any_more_is_ended(project: Container) -> None:
    (project.app / "mysite/settings.py").write_text("import time\ntime.sleep(60)\n")
    began = time.monotonic()

    def check() -> None:
        if time.monotonic() - began > 0.3:
            raise Cancelled

    for ask in (read_django, compare_django, plan_collect):
        with pytest.raises(Cancelled):
            ask(project, check=check)
    assert time.monotonic() - began < 20


def test_a_collecting_that_writes_nothing_can_be_cancelled(project: Container) -> None:
    plan = plan_collect(project)
    (project.app / "mysite/settings.py").write_text("import time\ntime.sleep(60)\n")
    began = time.monotonic()

    def check() -> None:
        if time.monotonic() - began > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        collect(project, plan, check=check)
    assert time.monotonic() - began < 20
    assert holder(project.lock) is None


def test_without_a_project_or_an_interpreter(project: Container) -> None:
    (project.srv / "venv").unlink()
    with pytest.raises(ConsoleError, match="no interpreter"):
        read_django(project)
    (project.app / "manage.py").write_text("print(1)\n")
    with pytest.raises(ConsoleError, match="not known which settings"):
        read_django(project)
    (project.app / "manage.py").unlink()
    with pytest.raises(ConsoleError, match="no Django project"):
        read_django(project)


def test_a_child_is_ended_with_all_that_it_began(tmp_path: Path) -> None:
    script = "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    ended = run_child([sys.executable, "-c", script], tmp_path, os.environ, 1.0)
    assert ended.status is None
    state = Path(f"/proc/{int(ended.output[0])}/stat")
    deadline = time.monotonic() + 10
    while state.exists() and state.read_text().split()[2] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_child_that_cannot_be_run(tmp_path: Path) -> None:
    with pytest.raises(ConsoleError, match="cannot be run"):
        run_child([str(tmp_path / "none")], tmp_path, {}, 1.0)


def test_a_root_with_secrets_is_told_and_not_offered(project: Container) -> None:
    (project.srv / "static/.env").write_text("KEY=1")
    serve(project, "location /assets/ { return 404; }")
    assert codes(project) == ["django-secret"]
    with pytest.raises(ConsoleError, match="no problem django-url"):
        plan_repair(project, "django-url")
