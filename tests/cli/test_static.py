"""`console static`: list, repair, undo, on several servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from console.cli.root import cli
from console.container import Container
from console.errors import ConsoleError
from tests.static_files.conftest import site, take_up, written
from tests.static_files.test_django import project

__all__ = ["project", "site", "written"]  # fixtures

TWO = """
server {
    listen 8000;
    server_name a.cz;
    location /static/ { alias /srv/static/; }
}
server {
    listen 8000;
    server_name b.cz;
    #location /static/ {
    #    alias /srv/static/;
    #}
}
"""


def run(container: Container, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--root", str(container.root), "static", *words])


def document(container: Container, *words: str) -> Any:
    return json.loads(run(container, *words, "--json").stdout)


def test_list_shows_every_mapping(site: Container) -> None:
    done = run(site, "list")
    assert done.exit_code == 0
    assert f"/static/ → {site.srv}/static/  off  3 files, " in done.stdout
    assert f"{site.site_file}:10" in done.stdout
    (row,) = document(site, "list")["mappings"]
    assert {"location", "modifier", "folder", "file", "line", "server", "state", "files", "bytes", "problems"} < {*row}
    assert (row["state"], row["files"]) == ("off", 3)


def test_list_tells_what_is_wrong_by_its_exit_code(written: Container) -> None:
    written.site_file.write_text("server {\nlisten 8000;\nlocation /static { alias /srv/static/; }\n}\n")
    done = run(written, "list")
    assert done.exit_code == 1
    assert "[slash-leak]" in done.stdout


def test_a_repair_is_shown_and_then_made(site: Container) -> None:
    text = site.site_file.read_text().replace("    #", "    ").replace("/static/ {", "/static {")
    site.site_file.write_text(text)
    take_up(site)
    shown = run(site, "repair", "slash-leak", "--dry-run")
    assert shown.exit_code == 0
    assert "+    location /static/ {" in shown.stdout
    assert site.site_file.read_text() == text
    assert "nginx -t" in run(site, "repair", "slash-leak", "--explain").stdout
    assert run(site, "repair", "slash-leak").exit_code == 0
    assert run(site, "check").exit_code == 0


def test_a_repair_on_the_disk(written: Container) -> None:
    written.site_file.write_text("server {\nlisten 8000;\nlocation /static/ { alias /srv/none/; }\n}\n")
    assert document(written, "repair", "folder-missing", "--dry-run")["modes"][0]["before"] is None
    assert not (written.srv / "none").exists()
    assert run(written, "repair", "folder-missing", "--explain").stdout == f"mkdir -p {written.srv}/none\n"
    assert run(written, "repair", "folder-missing").exit_code == 0
    assert (written.srv / "none").is_dir()


def test_undo(site: Container) -> None:
    before = site.site_file.read_bytes()
    assert run(site, "on", "--preset", "srv").exit_code == 0
    assert "-    location /static/ {" in run(site, "undo", "--dry-run").stdout
    assert site.site_file.read_bytes() != before
    assert document(site, "undo")["ok"] is True
    assert site.site_file.read_bytes() == before
    with pytest.raises(ConsoleError, match="no change"):
        raise run(site, "undo").exception or AssertionError


def test_several_servers_have_to_be_told_apart(written: Container) -> None:
    written.site_file.write_text(TWO)
    asked = run(written, "on", "--dry-run").exception
    assert isinstance(asked, ConsoleError)
    assert "a.cz, b.cz" in asked.cause
    assert asked.exit_code == 2
    assert "Nothing to change" in run(written, "on", "--dry-run", "--server", "a.cz").stdout
    assert "+    location /static/ {" in run(written, "on", "--dry-run", "--server", "b.cz").stdout
    assert document(written, "status", "--server", "b.cz")["state"] == "off"
    none = run(written, "status", "--server", "c.cz").exception
    assert isinstance(none, ConsoleError)
    assert "a.cz, b.cz" in none.cause


def test_the_default_server_is_meant(written: Container) -> None:
    written.site_file.write_text(TWO.replace("8000;\n    server_name b", "8000 default_server;\n    server_name b"))
    assert "+    location /static/ {" in run(written, "on", "--dry-run").stdout


def test_a_server_of_another_port_is_not_asked_about(written: Container) -> None:
    written.site_file.write_text(TWO.replace("8000;\n    server_name b", "9000;\n    server_name b"))
    assert "Nothing to change" in run(written, "on", "--dry-run").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("repair",),
        ("explain",),
        ("on", "x"),
        ("on", "--preset", "srv", "--alias", "/srv/x/"),
        ("list", "--location", "/x/"),
        ("undo", "--server", "a.cz"),
        ("repair", "shadowed", "--preset", "app"),
        ("explain", "/x", "--file", "/x"),
        ("collect", "--alias", "/x/"),
    ],
)
def test_wrong_usage(written: Container, words: tuple[str, ...]) -> None:
    error = run(written, *words).exception
    assert isinstance(error, ConsoleError)
    assert error.exit_code == 2


def test_explain_shows_the_steps_and_the_answer(site: Container) -> None:
    assert run(site, "on").exit_code == 0
    take_up(site)
    done = run(site, "explain", "/x/../static/app.css?v=1")
    assert done.exit_code == 0
    assert "/x/../static/app.css?v=1 is read as /static/app.css" in done.stdout
    assert "/static/ (python.conf:10): takes the request" in done.stdout
    assert f"{site.srv}/static/app.css: there" in done.stdout
    assert "200 from nginx" in done.stdout
    assert run(site, "explain", "/static/none").exit_code == 1
    told = document(site, "explain", "/health")
    assert (told["location"], told["status"], told["answered_by"]) == ("/", 200, "app")
    assert "curl" in run(site, "explain", "/static/", "--explain").stdout
    assert "may change this" not in done.stdout
    site.site_file.write_text(site.site_file.read_text().replace("alias ", "set $x 1;\n        alias "))
    doubted = run(site, "explain", "/static/app.css")
    assert "may change this: set $x 1 (python.conf:11)" in doubted.stdout
    assert "what the real request answers" in doubted.stdout
    assert document(site, "explain", "/static/app.css")["doubts"][0]["directive"] == "set $x 1"
    hostile = run(site, "explain", "/a\x1b[31m%1b[2J")
    assert "\x1b" not in hostile.stdout


def test_plan_in_json_says_what_will_be_served(written: Container) -> None:
    told = document(written, "on", "--file", str(written.site_file), "--dry-run") if _site(written) else {}
    assert (told["files"], told["bytes"], told["location"]) == (2, 4, "/static/")


def _site(container: Container) -> Path:
    container.site_file.write_text("server {\nlisten 8000;\n}\n")
    return container.site_file


def test_django_is_compared_and_collected(project: Container) -> None:
    assert run(project, "check", "--django").exit_code == 0
    told = document(project, "check", "--django")
    assert (told["state"], told["django"]["static_url"], told["django"]["problems"]) == ("on", "/static/", [])
    assert "collectstatic --noinput" in run(project, "collect", "--explain").stdout
    assert "collectstatic --noinput" in run(project, "collect", "--dry-run").stdout
    assert not (project.srv / "static/site.css").exists()
    assert document(project, "collect")["ok"] is True
    assert (project.srv / "static/site.css").exists()
    refused = run(project, "on", "--django").exception
    assert isinstance(refused, ConsoleError)
    assert refused.exit_code == 2
