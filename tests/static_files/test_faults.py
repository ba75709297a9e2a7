"""Whatever fails in the middle of a change: the site file is one that nginx takes, and the old one is not lost."""

from __future__ import annotations

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
from tests.disks import run_on_a_small_disk

CHECKOUT = Path(__file__).parents[2]

KILLED = """
import os, signal, sys
from console.container import find_container
from console.events import Step
from console.static_files.change import apply_static, plan_static

def die(event):
    if isinstance(event, Step) and event.name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

container = find_container(sys.argv[1])
apply_static(container, plan_static(container, "on"), on_event=die)
"""

FULL = """
import sys
from pathlib import Path
from console.container import find_container
from console.errors import ConsoleError
from console.static_files.change import apply_static, plan_static

container = find_container(sys.argv[1])
plan = plan_static(container, "on")
with Path(sys.argv[2], "filler").open("wb", buffering=0) as file:
    try:
        while file.write(b"x" * 512):
            pass
    except OSError:
        pass
try:
    apply_static(container, plan)
except ConsoleError as error:
    print(error)
print(container.site_file.read_bytes() == plan.old)
print(sorted(path.name for path in container.backups.iterdir()) if container.backups.exists() else [])
"""


@pytest.mark.parametrize("step", ["backup", "write", "test", "reload", "prove"])
def test_kill_at_any_step_leaves_a_site_file_that_nginx_takes(site: Container, step: str) -> None:
    plan = plan_static(site, "on")
    done = subprocess.run([sys.executable, "-c", KILLED, str(site.root), step], cwd=CHECKOUT, check=False)
    assert done.returncode == -signal.SIGKILL
    now = site.site_file.read_bytes()
    assert now in (plan.old, plan.new)
    assert now == plan.old or [backup.read_bytes() for backup in site.backups.iterdir()] == [plan.old]
    assert configuration_error(find_nginx(site)) == ""
    assert holder(site.lock) is None
    assert fetch(site.http_port, "/health").status == 200
    if now == plan.new:
        assert apply_static(site, plan_static(site, "off")).ok
    assert apply_static(site, plan_static(site, "on")).proved


def test_a_full_disk_for_the_site_file_changes_nothing(site: Container) -> None:
    folder = site.site_file.parent
    said, same, backups = run_on_a_small_disk(folder, 8, FULL, [str(site.root), str(folder)]).splitlines()
    assert "disk is full" in said
    assert (same, backups) == ("True", "[]")


def test_a_full_disk_for_the_backup_changes_nothing(site: Container) -> None:
    shutil.rmtree(site.state_dir, ignore_errors=True)  # what other tests left there would not fit
    site.state_dir.mkdir()
    out = run_on_a_small_disk(site.state_dir, 4, FULL, [str(site.root), str(site.state_dir)])
    said, same, backups = out.splitlines()
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
