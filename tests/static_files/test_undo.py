"""The last change can be taken back at any later time; one that was killed is finished or taken back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.static_files.change import apply_static, check_static, plan_static, read_static
from console.static_files.nginx import configuration_error, find_nginx
from console.static_files.probe import fetch
from console.static_files.record import read_record, record_file, unfinished
from console.static_files.repair import apply_repair, plan_repair
from console.static_files.undo import plan_undo, settle

from .conftest import status, turn

CHECKOUT = Path(__file__).parents[2]

KILLED = """
import os, signal, sys
from console.container import find_container
from console.events import Step, StepDone
from console.static_files.change import apply_static, plan_static
from console.static_files.undo import plan_undo

def die(event):
    kind = StepDone if sys.argv[3] == "after" else Step
    if isinstance(event, kind) and event.name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

container = find_container(sys.argv[1])
plan = plan_undo(container) if sys.argv[4] == "undo" else plan_static(container, sys.argv[4])
apply_static(container, plan, on_event=die)
"""


def kill(container: Container, step: str, when: str, wanted: str) -> None:
    words = [sys.executable, "-c", KILLED, str(container.root), step, when, wanted]
    assert subprocess.run(words, cwd=CHECKOUT, check=False).returncode == -signal.SIGKILL


def test_the_last_change_is_taken_back(site: Container) -> None:
    before = site.site_file.read_bytes()
    on = turn(site, "on")
    plan = plan_undo(site)
    assert (plan.wanted, plan.changes, plan.undoes) == ("off", True, on.backup)
    assert "-    location /static/ {" in plan.diff
    assert site.site_file.read_bytes() != before
    change = apply_static(site, plan)
    assert (change.ok, change.proved, change.static.state) == (True, True, "off")
    assert site.site_file.read_bytes() == before
    assert status(site, "/static/app.css") == 404


def test_each_undo_goes_one_further_back(site: Container) -> None:
    first = site.site_file.read_bytes()
    turn(site, "on")
    second = site.site_file.read_bytes()
    turn(site, "off")
    for expected in (second, first):
        assert apply_static(site, plan_undo(site)).ok
        assert site.site_file.read_bytes() == expected
    with pytest.raises(ConsoleError, match="no change"):
        plan_undo(site)


def test_a_file_changed_by_hand_is_refused_with_the_difference(site: Container) -> None:
    turn(site, "on")
    changed = site.site_file.read_bytes() + b"# mine\n"
    site.site_file.write_bytes(changed)
    with pytest.raises(ConsoleError, match="changed since") as refused:
        plan_undo(site)
    assert "-# mine" in refused.value.cause
    assert site.site_file.read_bytes() == changed


def test_without_its_backup_a_change_is_not_taken_back(site: Container) -> None:
    backup = turn(site, "on").backup
    assert backup is not None
    backup.write_bytes(b"another\n")
    with pytest.raises(ConsoleError, match="cannot be taken back"):
        plan_undo(site)
    backup.unlink()
    with pytest.raises(ConsoleError, match="cannot be taken back"):
        plan_undo(site)


def test_what_was_broken_before_can_be_had_back(site: Container) -> None:
    text = site.site_file.read_bytes().replace(b"    #", b"    ").replace(b"/static/ {", b"/static {")
    site.site_file.write_bytes(text)
    assert turn(site, "on").ok  # mends the slash
    change = apply_static(site, plan_undo(site))
    assert change.ok, change.error
    assert site.site_file.read_bytes() == text
    assert change.static.state == "broken"


def test_a_change_that_was_taken_back_leaves_nothing_to_undo(site: Container) -> None:
    text = site.site_file.read_bytes().replace(b"    #    alias", b"    #    expires nonsense;\n    #    alias")
    site.site_file.write_bytes(text)
    assert not turn(site, "on").ok
    assert read_record(site).begun is None
    with pytest.raises(ConsoleError, match="no change"):
        plan_undo(site)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"begun": 3}', '{"made": "x"}'])
def test_a_broken_record_is_no_record(site: Container, text: str) -> None:
    site.state_dir.mkdir(exist_ok=True)
    record_file(site).write_text(text)
    assert read_static(site).problems == ()
    assert turn(site, "on").ok
    assert len(json.loads(record_file(site).read_text())["made"]) == 1


@pytest.mark.parametrize("wanted", ["on", "off", "undo"])
@pytest.mark.parametrize(
    ("step", "when"),
    [("write", "before"), ("write", "after"), ("test", "after"), ("reload", "after"), ("prove", "after")],
)
def test_the_next_call_finishes_what_was_killed(site: Container, step: str, when: str, wanted: str) -> None:
    first = site.site_file.read_bytes()
    if wanted != "on":
        turn(site, "on")
    old = site.site_file.read_bytes()
    kill(site, step, when, wanted)
    assert unfinished(site) is not None
    assert "unfinished" in [problem.code for problem in read_static(site).problems]
    now = site.site_file.read_bytes()
    target = "on" if wanted == "on" else "off"
    plan = plan_static(site, target)
    assert plan.changes
    change = apply_static(site, plan)
    assert (change.ok, change.proved) == (True, True), change
    assert unfinished(site) is None
    assert check_static(site).problems == ()
    assert read_static(site).state == target
    assert (fetch(site.http_port, "/static/app.css").status == 200) is (target == "on")
    if now != old and wanted != "undo":  # what was finished can be taken back
        assert apply_static(site, plan_undo(site)).ok
        assert site.site_file.read_bytes() == old
    elif wanted == "undo" and now != old:
        assert site.site_file.read_bytes() == first


def test_what_was_killed_and_cannot_be_finished_is_taken_back(site: Container) -> None:
    text = site.site_file.read_bytes().replace(b"    #    alias", b"    #    expires nonsense;\n    #    alias")
    site.site_file.write_bytes(text)
    kill(site, "write", "after", "on")
    assert configuration_error(find_nginx(site)) != ""
    change = settle(site)
    assert change is not None
    assert not change.ok
    assert "nonsense" in change.error or "invalid value" in change.error
    assert site.site_file.read_bytes() == text
    assert (unfinished(site), settle(site)) == (None, None)
    assert status(site, "/health") == 200


def test_the_repair_of_a_killed_change(site: Container) -> None:
    kill(site, "test", "after", "on")
    change = apply_repair(site, plan_repair(site, "unfinished"))
    assert change is not None
    assert (change.ok, change.static.state, read_static(site).problems) == (True, "on", ())


def test_a_killed_change_and_a_hand_are_left_alone(site: Container) -> None:
    kill(site, "write", "after", "on")
    site.site_file.write_bytes(site.site_file.read_bytes() + b"# mine\n")
    assert unfinished(site) is None
    assert read_static(site).problems == ()


def test_an_unreadable_backup_is_told(site: Container) -> None:
    kill(site, "write", "after", "on")
    (backup,) = site.backups.iterdir()
    backup.unlink()
    with pytest.raises(ConsoleError, match="cannot be finished"):
        settle(site)
    assert os.access(site.site_file, os.R_OK)
