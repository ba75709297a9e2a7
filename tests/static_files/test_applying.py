"""A planned change of the site file is made step by step, or taken back."""

from __future__ import annotations

import dataclasses
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from console.container import Container
from console.errors import ConsoleError, Locked
from console.events import Cancelled, Event, Step, StepDone
from console.lock import held
from console.static_files.change import apply_static, check_static, plan_static
from console.static_files.nginx import master_pid
from console.static_files.probe import fetch

from .conftest import status, take_up, turn


def test_steps_are_reported_in_order(site: Container) -> None:
    events: list[Event] = []
    apply_static(site, plan_static(site, "on"), on_event=events.append)
    names = ["backup", "write", "test", "reload", "prove"]
    assert [event.name for event in events if isinstance(event, Step)] == names
    assert [event.name for event in events if isinstance(event, StepDone)] == names
    assert {event.of for event in events if isinstance(event, Step)} == {5}


def test_a_file_that_another_location_takes_does_not_disprove_the_others(site: Container) -> None:
    text = site.site_file.read_text()
    at = text.index("    #location /static/")
    site.site_file.write_text(text[:at] + "    location ~ \\.css$ { return 204; }\n" + text[at:])
    take_up(site)
    (site.srv / "static/zzz.txt").write_text("not taken")
    try:
        plan = plan_static(site, "on")
        assert "shadowed" in [problem.code for problem in plan.problems]
        change = apply_static(site, plan)
        assert (change.ok, change.proved, change.error) == (True, True, "")
        assert status(site, "/static/app.css") == 204
        assert "not-served" not in [problem.code for problem in check_static(site).problems]
        assert turn(site, "off").ok
    finally:
        (site.srv / "static/zzz.txt").unlink()


def test_nginx_keeps_its_master_and_misses_no_request(site: Container) -> None:
    failed: list[object] = []
    answered = 0
    stop = threading.Event()

    def ask() -> None:
        nonlocal answered
        while not stop.is_set():
            for url, good in (("/health", (200,)), ("/static/app.css", (200, 404))):
                answer = fetch(site.http_port, url)
                if answer.status not in good:
                    failed.append((url, answer))
                answered += 1

    pid = master_pid(site)
    asking = [threading.Thread(target=ask) for _number in range(2)]
    for thread in asking:
        thread.start()
    try:
        for wanted in ("on", "off", "on", "off"):
            assert turn(site, wanted).ok
    finally:
        stop.set()
        for thread in asking:
            thread.join()
    assert failed == []
    assert answered > 20
    assert master_pid(site) == pid


def test_a_site_file_that_is_a_symlink_stays_one_and_keeps_its_mode(site: Container) -> None:
    real = site.srv / "conf" / "real-site.conf"
    site.site_file.rename(real)
    real.chmod(0o640)
    site.site_file.symlink_to(real)
    try:
        assert turn(site, "on").ok
        assert site.site_file.is_symlink()
        assert real.stat().st_mode & 0o777 == 0o640
    finally:
        site.site_file.unlink()
        real.rename(site.site_file)


def test_what_nginx_rejects_is_taken_back(site: Container) -> None:
    text = site.site_file.read_bytes().replace(b"    #    alias", b"    #    expires nonsense;\n    #    alias")
    site.site_file.write_bytes(text)
    events: list[Event] = []
    change = apply_static(site, plan_static(site, "on"), on_event=events.append)
    assert (change.ok, change.static.state, change.backup) == (False, "off", None)
    assert "nonsense" in change.error or "invalid value" in change.error
    assert f"{site.site_file}:" in change.error
    assert site.site_file.read_bytes() == text
    assert [event.name for event in events if isinstance(event, Step)] == ["backup", "write", "test"]
    assert list(site.backups.iterdir()) == []
    assert status(site, "/health") == 200


def test_what_was_rejected_before_is_told(site: Container) -> None:
    other = site.site_file.with_name("other.conf")
    other.write_text("nonsense;\n")
    try:
        change = turn(site, "on")
        assert not change.ok
        assert change.error.count("nonsense") == 2
    finally:
        other.unlink()


def test_what_does_not_serve_is_taken_back_and_nginx_has_the_old_file(
    site: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.static_files.proving._PROVE_SECONDS", 0.5)
    text = site.site_file.read_bytes().replace(
        b"    #location", b'    if ($uri ~ "[.](css|svg|txt)$") { return 418; }\n    #location'
    )
    site.site_file.write_bytes(text)
    take_up(site)
    change = turn(site, "on")
    assert not change.ok
    assert "418" in change.error
    assert site.site_file.read_bytes() == text
    assert status(site, "/static/other") == 404  # the app's


def refused(container: Container, more: str) -> str:
    """What is said of turning static files on beside the location ``more``; all is as it was then."""
    text = container.site_file.read_text().replace("    #location", f"    {more}\n    #location")
    container.site_file.write_text(text)
    take_up(container)
    change = turn(container, "on")
    assert (change.ok, change.proved, change.static.state) == (False, False, "off")
    assert "The old file is back." in change.error
    assert container.site_file.read_text() == text
    assert status(container, "/static/app.css") == 404
    return change.error


def test_a_missing_file_that_the_app_answers_takes_the_change_back(site: Container) -> None:
    said = refused(site, f"location ~ /console- {{ proxy_pass http://127.0.0.1:{site.app_port}; }}")
    assert "which is not there, is answered by the app" in said


def test_a_missing_file_with_an_error_page_of_the_whole_site_is_nginx_s(site: Container) -> None:
    conf = site.root / "etc/nginx/nginx.conf"
    before = conf.read_text()
    (site.srv / "static/lost.html").write_text("lost")
    conf.write_text(before.replace("http {", f"http {{ error_page 404 /lost.html; root {site.srv}/static;"))
    try:
        take_up(site)
        change = turn(site, "on")
        assert (change.ok, change.proved) == (True, True), change
    finally:
        conf.write_text(before)
        (site.srv / "static/lost.html").unlink()


def test_a_missing_file_that_is_no_404_takes_the_change_back(site: Container) -> None:
    assert "which is not there, gives 410 and not 404" in refused(site, "location ~ /console- { return 410; }")


def test_a_leak_takes_the_change_back(site: Container) -> None:
    said = refused(site, f"location /static.. {{ alias {site.srv}; }}")
    assert "which is not in the folder" in said
    assert "/static.." in said


def test_a_file_changed_by_hand_since_the_plan_is_left_alone(site: Container) -> None:
    plan = plan_static(site, "on")
    changed = site.site_file.read_bytes() + b"# mine\n"
    site.site_file.write_bytes(changed)
    with pytest.raises(ConsoleError, match="changed since"):
        apply_static(site, plan)
    assert site.site_file.read_bytes() == changed
    assert not site.backups.exists()


def test_another_job_is_told_who_holds_the_lock(site: Container) -> None:
    plan = plan_static(site, "on")
    with held(site.lock, "rebuild"), pytest.raises(Locked, match="rebuild"):
        apply_static(site, plan)
    assert site.site_file.read_bytes() == plan.old


@pytest.mark.parametrize("step", ["write", "test", "reload", "prove"])
def test_a_change_that_is_called_off_is_taken_back(site: Container, step: str) -> None:
    plan = plan_static(site, "on")

    def call_off(event: Event) -> None:
        if isinstance(event, Step) and event.name == step:
            raise Cancelled

    with pytest.raises(Cancelled):
        apply_static(site, plan, on_event=call_off)
    assert site.site_file.read_bytes() == plan.old
    assert status(site, "/static/app.css") == 404


def test_off_is_proved_where_the_app_serves_the_same_file(site: Container) -> None:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_words: object) -> None: ...

        def translate_path(self, path: str) -> str:
            return str(site.srv / path.lstrip("/"))

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet)) as app:
        threading.Thread(target=app.serve_forever, daemon=True).start()
        text = site.site_file.read_bytes()
        port = app.server_address[1]
        site.site_file.write_bytes(text.replace(f"127.0.0.1:{site.app_port}/".encode(), f"127.0.0.1:{port}/".encode()))
        here = dataclasses.replace(site, app_port=port)
        assert turn(here, "on").proved
        off = turn(here, "off")
        app.shutdown()
    assert (off.ok, off.proved) == (True, True)
    assert "app" in off.proof
