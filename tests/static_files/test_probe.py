"""The requests that prove: which file, which path on the site."""

from __future__ import annotations

import time
from pathlib import Path

from console.container import Container
from console.static_files.nginx import worker_account
from console.static_files.probe import a_file, fetch, leaks, url_of


def test_a_file_is_taken_that_can_prove_something(tmp_path: Path) -> None:
    assert a_file(tmp_path) is None
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.css").write_bytes(b"body")
    assert a_file(tmp_path) == (tmp_path / "deep/b.css", b"body")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "huge").write_bytes(b"x" * 2_000_000)
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / ".hidden").write_bytes(b"hidden")
    (tmp_path / "z.txt").write_bytes(b"z")
    assert a_file(tmp_path) == (tmp_path / "z.txt", b"z")


def test_a_missing_folder_has_no_file(tmp_path: Path) -> None:
    assert a_file(tmp_path / "none") is None


def test_names_are_written_as_a_request_needs_them() -> None:
    assert url_of("/static/", "a b/č?#%.txt") == "/static/a%20b/%C4%8D%3F%23%25.txt"
    assert url_of("/static", "a.txt") == "/static/a.txt"
    assert url_of("/", "a\udcff") == "/a%FF"


def test_a_strange_name_is_served_byte_for_byte(site: Container) -> None:
    from console.static_files.change import apply_static, plan_static

    folder = site.srv / "odd"
    folder.mkdir()
    file = folder / "příliš žluťoučký %20 [kůň] (1).txt"
    file.write_bytes(bytes(range(256)))
    try:
        change = apply_static(site, plan_static(site, "on", alias=str(folder)))
    finally:
        file.unlink()
        folder.rmdir()
    assert (change.ok, change.proved) == (True, True)


def test_no_answer_says_why(site: Container) -> None:
    answer = fetch(1, "/", timeout=1.0)
    assert answer.status is None
    assert answer.error


def asked(log: Path, since: int) -> list[bytes]:
    """The requests for files beside the folder that the log tells of."""
    return [line for line in log.read_bytes()[since:].splitlines() if b"beside-" in line]


def test_leaks_are_looked_for_with_few_requests_that_say_who_asks(site: Container) -> None:
    for number in range(30):
        (site.srv / f"beside-{number:02}.txt").write_text(f"{number}")
    log = site.log_dir / "nginx.log"
    before = log.stat().st_size
    folder = site.srv / "static"
    found = leaks(site.http_port, "/static/", f"{folder}/", folder, worker_account(site))
    try:
        assert found == ()
        deadline = time.monotonic() + 5
        while len(lines := asked(log, before)) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)  # nginx writes the line after it has sent the answer
        assert len(lines) == 4
        assert all(b"rosti-console/" in line for line in lines)
    finally:
        for path in site.srv.glob("beside-*.txt"):
            path.unlink()
