"""Whatever fails in the middle of a change: the site file is one that nginx takes, and the old one is not lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from console.container import Container
from console.events import Cancelled, Event, Step
from console.lock import holder
from console.programs.control import stop
from console.programs.table import read_programs
from console.static_files.change import apply_static, check_static, plan_static, read_static
from console.static_files.nginx import configuration_error, find_nginx, master_pid
from console.static_files.probe import fetch
from console.static_files.undo import settle
from tests.disks import run_bound_by_modes, run_on_a_read_only_disk, run_on_a_small_disk

from .conftest import take_up

CHECKOUT = Path(__file__).parents[2]

KILLED = """
import os, signal, sys
from console.container import find_container
from console.events import Step, StepDone
from console.static_files.change import apply_static, plan_static
from console.static_files.repair import apply_repair, plan_repair
from console.static_files.undo import plan_undo

def die(event):
    if isinstance(event, StepDone if when == "after" else Step) and event.name == step:
        os.kill(os.getpid(), signal.SIGKILL)

root, action, step, when = sys.argv[1:]
container = find_container(root)
if action == "repair":
    apply_repair(container, plan_repair(container, "slash-leak"), on_event=die)
else:
    plan = plan_undo(container) if action == "undo" else plan_static(container, action)
    apply_static(container, plan, on_event=die)
"""

FULL = """
import sys
from pathlib import Path
from console.container import find_container
from console.errors import ConsoleError
from console.static_files.change import apply_static, plan_static

container = find_container(sys.argv[1])
plan = plan_static(container, "on")
left = int(sys.argv[3])
with Path(sys.argv[2], "filler").open("wb", buffering=0) as file:
    try:
        while file.write(b"x" * 512):
            pass
    except OSError:
        file.truncate(file.tell() // 4096 * 4096 - left * 4096)
try:
    apply_static(container, plan)
except ConsoleError as error:
    print(error)
print(container.site_file.read_bytes() == plan.old)
print(sorted(path.name for path in container.backups.iterdir()) if container.backups.exists() else [])
print(sorted(path.name for path in container.state_dir.iterdir() if path.name.startswith((".", "static"))))
"""

FULL_AT_THE_END = """
import sys
from pathlib import Path
from console.container import find_container
from console.events import Step
from console.static_files.change import apply_static, plan_static

def fill(event):
    if isinstance(event, Step) and event.name == "prove":
        with Path(sys.argv[2], "filler").open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 512):
                    pass
            except OSError:
                pass

container = find_container(sys.argv[1])
change = apply_static(container, plan_static(container, "on"), on_event=fill)
print(change.ok, change.proved, change.static.state)
Path(sys.argv[2], "filler").unlink()
from console.static_files.record import read_record, unfinished
from console.static_files.undo import settle
print(unfinished(container) is not None)
print(settle(container).ok, unfinished(container), len(read_record(container).made))
"""

REFUSED = """
import sys
from console.container import find_container
from console.errors import ConsoleError
from console.static_files.change import apply_static, plan_static
from console.static_files.record import read_record

container = find_container(sys.argv[1])
plan = plan_static(container, "on")
try:
    apply_static(container, plan)
except ConsoleError as error:
    print(repr((error.title, error.cause, error.remedy)))
print(container.site_file.read_bytes() == plan.old, read_record(container).begun)
print(sorted(path.name for path in container.backups.iterdir()))
"""

ACTIONS = ("on", "off", "undo", "repair")


def prepare(container: Container, action: str) -> None:
    """Let nginx have what ``action`` starts from."""
    if action in ("off", "undo"):
        assert apply_static(container, plan_static(container, "on")).ok
    if action == "repair":
        text = container.site_file.read_text().replace("    #", "    ").replace("/static/ {", "/static {")
        container.site_file.write_text(text)
        take_up(container)


def kept(container: Container) -> list[bytes]:
    """The contents of all backups."""
    return [backup.read_bytes() for backup in container.backups.iterdir()] if container.backups.exists() else []


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["backup", "write", "test", "reload", "prove"])
def test_kill_at_any_step_leaves_a_site_file_that_nginx_takes(
    site: Container, step: str, when: str, action: str
) -> None:
    prepare(site, action)
    old = site.site_file.read_bytes()
    before = kept(site)
    words = [sys.executable, "-c", KILLED, str(site.root), action, step, when]
    assert subprocess.run(words, cwd=CHECKOUT, check=False).returncode == -signal.SIGKILL
    now = site.site_file.read_bytes()
    assert now == old or old in kept(site)
    assert (now != old) is ((step, when) not in (("backup", "before"), ("backup", "after"), ("write", "before")))
    assert all(content in kept(site) for content in before)
    assert configuration_error(find_nginx(site)) == ""
    assert holder(site.lock) is None
    assert fetch(site.http_port, "/health").status == 200
    settled = settle(site)
    assert settled is None or settled.ok, settled
    assert site.site_file.read_bytes() == now
    for wanted in ("off", "on"):
        assert apply_static(site, plan_static(site, wanted)).ok
    assert [problem.code for problem in check_static(site).problems] == []


def test_a_read_only_disk_changes_nothing(site: Container) -> None:
    told, same, backups = run_on_a_read_only_disk(site.site_file.parent, REFUSED, [str(site.root)]).splitlines()
    assert "Could not write" in told
    assert str(site.site_file) in told
    assert "read-only" in told
    assert (same, backups) == ("True None", "[]")
    assert fetch(site.http_port, "/static/app.css").status == 404


def test_a_folder_that_may_not_be_written_changes_nothing(site: Container) -> None:
    folder = site.site_file.parent
    folder.chmod(0o555)
    try:
        told, same, backups = run_bound_by_modes(REFUSED, [str(site.root)]).splitlines()
    finally:
        folder.chmod(0o755)
    assert "Permission denied" in told
    assert "check the owner and the mode" in told
    assert (same, backups) == ("True None", "[]")


def test_a_site_file_that_may_not_be_written_is_replaced_with_its_mode_and_owner(site: Container) -> None:
    site.site_file.chmod(0o440)
    if os.geteuid() == 0:
        os.chown(site.site_file, 65534, 65534)
    before = site.site_file.stat()
    try:
        for wanted in ("on", "off"):
            assert apply_static(site, plan_static(site, wanted)).proved
            after = site.site_file.stat()
            assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    finally:
        os.chown(site.site_file, os.geteuid(), os.getegid())
        site.site_file.chmod(0o644)


def test_a_full_disk_for_the_note_changes_nothing(site: Container) -> None:
    shutil.rmtree(site.state_dir, ignore_errors=True)
    site.state_dir.mkdir()
    # Room for the lock and the backup, a page each.
    out = run_on_a_small_disk(site.state_dir, 64, FULL, [str(site.root), str(site.state_dir), "2"])
    said, same, backups, others = out.splitlines()
    assert "static-changes.json" in said
    assert "disk is full" in said
    assert (same, backups, others) == ("True", "[]", "[]")
    assert fetch(site.http_port, "/static/app.css").status == 404


def test_a_disk_that_fills_up_before_the_end_leaves_a_change_that_can_be_finished(site: Container) -> None:
    shutil.rmtree(site.state_dir, ignore_errors=True)
    site.state_dir.mkdir()
    out = run_on_a_small_disk(site.state_dir, 64, FULL_AT_THE_END, [str(site.root), str(site.state_dir)])
    assert out.splitlines() == ["True True on", "True", "True None 1"]


@pytest.mark.parametrize("wanted", ["on", "off"])
def test_an_app_that_is_down_is_no_matter_of_the_change(container: Container, wanted: str) -> None:
    prepare(container, wanted)
    assert stop(container, "app").ok
    change = apply_static(container, plan_static(container, wanted))
    assert (change.ok, change.proved, change.error) == (True, True, "")
    assert ("200" if wanted == "on" else "502") in change.proof
    assert fetch(container.http_port, "/static/app.css").status == (200 if wanted == "on" else 502)
    if wanted == "on":
        assert "404" in change.proof
        assert check_static(container).problems == ()


def test_an_app_that_goes_down_in_the_middle_is_no_matter_of_the_change(container: Container) -> None:
    def stop_app(event: Event) -> None:
        if isinstance(event, Step) and event.name == "reload":
            assert stop(container, "app").ok

    change = apply_static(container, plan_static(container, "on"), on_event=stop_app)
    assert (change.ok, change.proved, change.static.state) == (True, True, "on")


def test_a_full_disk_for_the_site_file_changes_nothing(site: Container) -> None:
    folder = site.site_file.parent
    out = run_on_a_small_disk(folder, 8, FULL, [str(site.root), str(folder), "0"])
    said, same, backups, _others = out.splitlines()
    assert "disk is full" in said
    assert (same, backups) == ("True", "[]")


def test_a_full_disk_for_the_backup_changes_nothing(site: Container) -> None:
    shutil.rmtree(site.state_dir, ignore_errors=True)  # what other tests left there would not fit
    site.state_dir.mkdir()
    out = run_on_a_small_disk(site.state_dir, 4, FULL, [str(site.root), str(site.state_dir), "0"])
    said, same, backups, _others = out.splitlines()
    assert "disk is full" in said
    assert (same, backups) == ("True", "[]")


def test_a_stopped_nginx_is_started_with_the_change(container: Container) -> None:
    assert stop(container, "nginx").ok
    assert master_pid(container) is None
    assert [problem.code for problem in check_static(container).problems] == ["nginx-down"]
    change = apply_static(container, plan_static(container, "on"))
    assert (change.ok, change.proved, change.error) == (True, True, "")
    assert master_pid(container) is not None


def test_an_nginx_that_cannot_start_gets_its_old_file_back_and_rests(container: Container) -> None:
    assert stop(container, "nginx").ok
    before = container.site_file.read_bytes()
    with ThreadingHTTPServer(("0.0.0.0", container.http_port), BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        change = apply_static(container, plan_static(container, "on"))
        other.shutdown()
    assert not change.ok
    assert change.error
    assert container.site_file.read_bytes() == before
    assert read_static(container).state == "off"
    (nginx,) = [program for program in read_programs(container)[1] if program.name == "nginx"]
    assert nginx.state == "STOPPED"


def test_a_reload_that_does_not_take_becomes_a_restart(site: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = master_pid(site)
    monkeypatch.setattr("console.static_files.applying.reload", lambda _master, _limit: False)
    change = apply_static(site, plan_static(site, "on"))
    assert (change.ok, change.proved) == (True, True)
    assert master_pid(site) not in (None, pid)


def test_what_somebody_else_wrote_meanwhile_is_not_taken_back(site: Container) -> None:
    plan = plan_static(site, "on")
    theirs = plan.new + b"# theirs\n"

    def write_over(event: Event) -> None:
        if isinstance(event, Step) and event.name == "prove":
            site.site_file.write_bytes(theirs)
            raise Cancelled

    with pytest.raises(Cancelled):
        apply_static(site, plan, on_event=write_over)
    assert site.site_file.read_bytes() == theirs
    assert [backup.read_bytes() for backup in site.backups.iterdir()] == [plan.old]
