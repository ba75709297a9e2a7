"""Turning static files on and off in a real container: made, proved, or taken back."""

from __future__ import annotations

import dataclasses
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError, WrongUsage
from console.static_files.change import apply_static, check_static, plan_static, read_static
from console.static_files.nginx import master_pid
from console.static_files.probe import fetch

from .conftest import status, turn


@pytest.fixture
def folder(site: Container) -> Iterator[Path]:
    """A folder for static files, empty."""
    made = site.srv / "files"
    made.mkdir()
    yield made
    for path in [*made.iterdir()]:
        path.unlink()
    made.rmdir()


def test_on_and_off_serve_and_do_not_serve(site: Container) -> None:
    before = site.site_file.read_bytes()
    assert read_static(site).state == "off"

    on = turn(site, "on")
    assert (on.ok, on.proved, on.error, on.static.state) == (True, True, "", "on")
    assert "200" in on.proof
    assert on.backup is not None
    assert on.backup.read_bytes() == before
    assert fetch(site.http_port, "/static/app.css").body == (site.srv / "static/app.css").read_bytes()
    assert check_static(site).problems == ()

    off = turn(site, "off")
    assert (off.ok, off.proved, off.static.state) == (True, True, "off")
    assert site.site_file.read_bytes() == before
    assert status(site, "/static/app.css") == 404


def test_a_plan_changes_nothing(site: Container) -> None:
    before = site.site_file.read_bytes()
    plan = plan_static(site, "on")
    assert plan.changes
    assert (plan.location, plan.alias) == ("/static/", f"{site.srv}/static/")
    assert "-    #location /static/ {" in plan.diff
    assert "+    location /static/ {" in plan.diff
    assert any("nginx -t" in command for command in plan.commands)
    assert any("supervisorctl" in command for command in plan.commands)
    assert (plan.old, site.site_file.read_bytes()) == (before, before)


def test_a_plan_tells_what_it_would_take_from_the_app(written: Container) -> None:
    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/shop/" else 404)
            self.end_headers()
            self.wfile.write(self.path.encode())

        def log_message(self, *_words: object) -> None: ...

    def codes(container: Container, location: str) -> list[str]:
        plan = plan_static(container, "on", location=location, alias="/srv/static/")
        return [problem.code for problem in plan.problems]

    written.site_file.write_text("server {\n    listen 8000;\n}\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as app:
        threading.Thread(target=app.serve_forever, daemon=True).start()
        here = dataclasses.replace(written, app_port=app.server_address[1])
        assert codes(here, "/shop/") == ["app-path"]
        assert codes(here, "/files/") == []
        app.shutdown()
    assert codes(here, "/shop/") == []  # nobody to ask


def test_on_of_an_on_block_changes_nothing(site: Container) -> None:
    turn(site, "on")
    pid, text = master_pid(site), site.site_file.read_bytes()
    plan = plan_static(site, "on")
    assert (plan.changes, plan.diff, plan.commands) == (False, "", ())
    again = apply_static(site, plan)
    assert (again.ok, again.backup, again.static.state) == (True, None, "on")
    assert (master_pid(site), site.site_file.read_bytes()) == (pid, text)


def test_off_of_an_off_block_changes_nothing(site: Container) -> None:
    assert not plan_static(site, "off").changes


def test_another_folder_is_written_with_its_slash_and_under_the_root(site: Container, folder: Path) -> None:
    (folder / "a.txt").write_text("a")
    change = turn(site, "on", alias="/srv/files")
    assert (change.ok, change.static.alias) == (True, f"{folder}/")
    assert "/static/a.txt" in change.proof
    assert not plan_static(site, "on", alias=str(folder)).changes
    turn(site, "off")
    off = read_static(site)
    assert (off.state, off.alias) == ("off", f"{folder}/")


def test_an_empty_folder_proves_nothing(site: Container, folder: Path) -> None:
    change = turn(site, "on", alias=str(folder))
    assert (change.ok, change.proved) == (True, False)
    assert change.proof
    assert [problem.code for problem in change.static.problems] == ["folder-empty"]


def test_a_missing_folder_is_a_problem_before_anything_is_changed(site: Container) -> None:
    before = site.site_file.read_bytes()
    plan = plan_static(site, "on", alias="/srv/none/")
    assert [problem.code for problem in plan.problems] == ["folder-missing"]
    with pytest.raises(ConsoleError):
        apply_static(site, plan)
    assert site.site_file.read_bytes() == before
    assert not site.backups.exists()


def test_secrets_are_not_served(site: Container) -> None:
    plan = plan_static(site, "on", alias="/srv/app/")
    assert [problem.code for problem in plan.problems] == ["secret-folder"]
    with pytest.raises(ConsoleError):
        apply_static(site, plan)


def test_a_block_is_written_where_there_is_none(site: Container) -> None:
    text = site.site_file.read_bytes()
    bare = b"".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith(b"#"))
    site.site_file.write_bytes(bare)
    assert read_static(site).state == "absent"
    assert not plan_static(site, "off").changes
    assert turn(site, "on").proved
    assert turn(site, "off").static.state == "off"


def test_a_block_in_another_file_of_the_folder_is_found(site: Container) -> None:
    text = site.site_file.read_bytes()
    start = text.index(b"    #location")
    end = text.rindex(b"}")
    other = site.site_file.with_name("static.inc")
    site.site_file.write_bytes(text[:start] + text[end:])
    other.write_bytes(text[start:end].replace(b"#", b""))
    try:
        found = read_static(site)
        assert (found.state, found.file) == ("on", other)
        assert read_static(site, file=site.site_file).state == "absent"
    finally:
        other.unlink()


@pytest.mark.parametrize(("location", "end"), [("/static", "/"), ("/static/", "")])
def test_uneven_slashes_are_made_even(site: Container, location: str, end: str) -> None:
    text = site.site_file.read_bytes()
    uneven = text.replace(b"/static/ {", f"{location} {{".encode()).replace(b"/static/;", f"/static{end};".encode())
    site.site_file.write_bytes(uneven)
    assert turn(site, "on").proved
    static = read_static(site)
    assert (static.state, static.location, static.alias) == ("on", "/static/", f"{site.srv}/static/")


def test_a_doubled_root_becomes_an_alias(site: Container) -> None:
    text = site.site_file.read_bytes()
    site.site_file.write_bytes(text.replace(b"alias ", b"root ").replace(b"    #", b"    "))
    assert read_static(site).state == "broken"
    assert turn(site, "on").proved
    assert b"alias " in site.site_file.read_bytes()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"server {\n    #location /static/ {\n        alias /s/;\n    #}\n}\n", "half-commented"),
        (b"server {\n    #location /static/ {\n        alias /s/;\n    }\n}\n", "half-commented"),
        (b"server {\n    location /static/ {\n    #    alias /s/;\n    }\n}\n", "no-folder"),
        (b"server {\n    location /static/ {\n", "syntax"),
        (b"server {\n    location /static/ { proxy_pass http://127.0.0.1:1; }\n}\n", "not-static"),
    ],
)
def test_what_cannot_be_mended_is_shown_and_left_alone(site: Container, text: bytes, code: str) -> None:
    site.site_file.write_bytes(text)
    static = read_static(site)
    assert (static.state, [problem.code for problem in static.problems]) == ("broken", [code])
    with pytest.raises(ConsoleError):
        plan_static(site, "on")


def test_a_missing_site_file_is_told(site: Container) -> None:
    file = site.srv / "conf/nginx.d/none.conf"
    static = read_static(site, file=file)
    assert (static.state, static.problems[0].code) == ("absent", "site-missing")
    with pytest.raises(ConsoleError):
        plan_static(site, "on", file=file)


@pytest.mark.parametrize(("location", "alias"), [("static", None), (None, "srv/static/")])
def test_paths_must_be_absolute(site: Container, location: str | None, alias: str | None) -> None:
    with pytest.raises(WrongUsage):
        plan_static(site, "on", location=location, alias=alias)


def test_only_on_and_off(site: Container) -> None:
    with pytest.raises(WrongUsage):
        plan_static(site, "maybe")


def test_reading_asks_nobody(site: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert read_static(site)
