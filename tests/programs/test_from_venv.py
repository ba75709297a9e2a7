"""The programs that run from the virtualenv, found in real configurations and among real processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from console.programs.from_venv import programs_from_venv

from .sandbox import Sandbox
from .waiting import wait_for

IDLE = "import time\ntime.sleep(1000)\n"

# Name: command, further options. {root} is the container's; /srv without it is how its own files write it.
FROM_IT: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "plain": ("{root}/srv/venv/bin/celery -A site worker", {}),
    "own_words": ("/srv/venv/bin/celery -A site worker", {}),
    "second_word": ("/usr/bin/nice {root}/srv/venv/bin/celery", {}),
    "option": ("/usr/bin/tool --python=/srv/venv/bin/python", {}),
    "activated": ('/bin/bash -c "source /srv/venv/bin/activate && exec celery worker"', {}),
    "at_home": ('/bin/bash -c ". ~/venv/bin/activate; celery worker"', {}),
    "by_home": ('/bin/bash -c ". $HOME/venv/bin/activate; celery worker"', {}),
    "expanded": ("%(ENV_HOME)s/venv/bin/celery", {}),
    "relative": ("../venv/bin/celery", {}),
    "after_cd": ('/bin/bash -c "cd && . venv/bin/activate; celery worker"', {}),
    "by_path": ("/usr/bin/env celery worker", {"environment": 'PATH="/srv/venv/bin:%(ENV_PATH)s"'}),
    "by_variable": ("/usr/bin/env celery worker", {"environment": 'VIRTUAL_ENV="/srv/venv"'}),
    "generation": ("/srv/.venvs/20260101-000000-py3.11.7/bin/celery", {}),
    "linked_folder": ("/srv/current/bin/celery", {}),
    "linked_script": ("/srv/bin/celery", {}),
    "shebang": ("/srv/bin/wrapper", {}),
    "env_shebang": ("/srv/bin/env_wrapper", {}),
    "script": ("/srv/bin/run.sh worker", {}),
    "by_shell": ("/bin/sh bare.sh", {"directory": "/srv/bin"}),
    "within": ('/bin/bash -c "exec /srv/bin/run.sh"', {}),
    "searched": ("found_by_path", {}),
    "pair": ("/srv/venv/bin/celery %(process_num)d", {"process_name": "p%(process_num)d", "numprocs": 2}),
}
NOT_FROM_IT: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "nginx": ('/usr/sbin/nginx -g "daemon off;"', {"environment": 'PATH="/srv/venv/bin:/usr/bin"'}),
    "redis": ("/usr/bin/redis-server *:6379", {"environment": 'PATH="/srv/venv/bin:/usr/bin"'}),
    "sibling": ("/srv/venv2/bin/celery", {}),
    "older": ("/srv/venv-old/bin/celery", {}),
    "elsewhere": ("/opt/srv/venv/bin/celery", {}),
    "own": ("venv/bin/celery", {"directory": "/srv/other"}),
    "address": ("/usr/bin/curl http://localhost/srv/venvs", {}),
    "commented": ("/srv/bin/commented.sh", {}),
    "only_read": ("/usr/bin/python3 /srv/app/mentions.py", {}),
    "long": ("/bin/echo " + "x/" * 5000, {}),
}


@pytest.fixture
def furnished(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A container with a virtualenv and scripts of every kind; supervisord will have it as its home."""
    srv, root = sandbox.container.srv, sandbox.root
    monkeypatch.setenv("HOME", str(srv))
    monkeypatch.setenv("PATH", f"{srv}/tools:{os.environ['PATH']}")
    for folder in ("bin", "tools", "venv/bin", "other/venv/bin"):
        (srv / folder).mkdir(parents=True)
    (srv / "venv/bin/python").symlink_to(sys.executable)
    for folder in ("venv", "other/venv"):
        _executable(srv / folder / "bin/celery", "#!/bin/sh\nsleep 1000\n")
    (srv / "current").symlink_to("venv")
    (srv / "bin/celery").symlink_to("../venv/bin/celery")
    _executable(srv / "bin/wrapper", f"#!{root}/srv/venv/bin/python\n")
    _executable(srv / "bin/env_wrapper", "#!/usr/bin/env -S /srv/venv/bin/python -I\n")
    _executable(srv / "bin/run.sh", "#!/bin/bash\n# the worker\nVENV=/srv/venv\nexec $VENV/bin/celery\n")
    (srv / "bin/bare.sh").write_text("exec /srv/venv/bin/celery\n")
    _executable(srv / "bin/commented.sh", "#!/bin/sh\n# not /srv/venv/bin/python any more\nexec sleep 1000\n")
    _executable(srv / "tools/found_by_path", "#!/srv/venv/bin/python\n")
    (srv / "app/mentions.py").write_text("PYTHON = '/srv/venv/bin/python'\n")
    return sandbox


def _executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def _found(sandbox: Sandbox) -> list[str]:
    return [program.full_name for program in programs_from_venv(sandbox.container)]


def test_found_by_how_they_are_configured(furnished: Sandbox) -> None:
    for name, (command, options) in {**FROM_IT, **NOT_FROM_IT}.items():
        furnished.add(name, command.replace("{root}", str(furnished.root)), **{"autostart": "false", **options})
    furnished.up()
    expected = {*(FROM_IT.keys() - {"pair"}), "pair:p0", "pair:p1"}
    assert set(_found(furnished)) == expected


def test_a_virtualenv_that_is_a_link_to_anywhere(furnished: Sandbox) -> None:
    srv = furnished.container.srv
    (srv / "envs").mkdir()
    (srv / "venv").rename(srv / "envs/mine")
    (srv / "venv").symlink_to("envs/mine")
    furnished.add("directly", "/srv/envs/mine/bin/celery", autostart="false")
    furnished.add("linked", "/srv/current/bin/celery", autostart="false")
    furnished.add("other", "/srv/envs/other/bin/celery", autostart="false")
    furnished.up()
    assert _found(furnished) == ["directly", "linked"]


@pytest.mark.parametrize("target", ["/", "/srv", "../srv"])
def test_a_link_astray_makes_nothing_a_virtualenv(furnished: Sandbox, target: str) -> None:
    (furnished.container.srv / "venv").rename(furnished.container.srv / "gone")
    furnished.container.venv.symlink_to(str(furnished.root) + "/srv" if target == "/srv" else target)
    furnished.add("other", "/srv/other/venv/bin/celery", autostart="false")
    furnished.up()
    assert _found(furnished) == []


def test_found_by_what_runs(furnished: Sandbox) -> None:
    """Launchers that say nothing of it in what a configuration can show."""
    python = f"{furnished.container.venv}/bin/python"
    words = f"{{}}, '-I', '-S', '-c', {IDLE!r}"
    launch = f"import os\nos.execv(os.path.expanduser('~') + '/v' + 'env/bin/python', [{words.format(repr(python))}])"
    furnished.add("becomes_it", furnished.script(launch, "becomes_it"))
    child = f"import os\nos.spawnv(os.P_NOWAIT, {python!r}, [{words.format(repr(python))}])\n{IDLE}"
    furnished.add("starts_it", furnished.script(child, "starts_it"))
    furnished.add("another", furnished.script(IDLE, "another"))
    furnished.up()
    wait_for(lambda: _found(furnished) == ["becomes_it", "starts_it"])


def test_the_app_is_one_of_them_whatever_it_runs(sandbox: Sandbox) -> None:
    sandbox.add("app", "/bin/sleep 1000")
    sandbox.add("another", "/bin/sleep 1000")
    sandbox.up()
    assert _found(sandbox) == ["app"]


def test_supervisord_says_which_programs_there_are_and_how_they_are(any_sandbox: Sandbox) -> None:
    any_sandbox.container.venv.joinpath("bin").mkdir(parents=True)
    _executable(any_sandbox.container.venv / "bin/celery", f"#!{sys.executable}\n{IDLE}")
    celery = f"{any_sandbox.container.venv}/bin/celery"
    any_sandbox.add("app", celery, autostart="false")
    any_sandbox.add("forgotten", celery)
    any_sandbox.up()
    any_sandbox.add("not_yet", celery)
    (any_sandbox.container.srv / "conf/supervisor.d/forgotten.conf").unlink()
    wait_for(lambda: _found(any_sandbox) == ["app", "forgotten"])
    assert [program.state for program in programs_from_venv(any_sandbox.container)] == ["STOPPED", "RUNNING"]


def test_what_runs_by_a_symlink_is_found_where_that_counts(furnished: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chosen interpreter of the runtime generation: by its symlink's path, not by what that leads to."""
    srv = furnished.container.srv
    chosen, tech = srv / "bin" / "primary_tech", furnished.root / "opt" / "techs" / "python-3.12.1" / "bin"
    tech.mkdir(parents=True)
    (tech / "python3").symlink_to(sys.executable)
    chosen.symlink_to("../../opt/techs/python-3.12.1/bin")
    (srv / "bin" / "python3").symlink_to("primary_tech/python3")
    _executable(srv / "bin" / "by_script", "#!/bin/sh\nexec /srv/bin/primary_tech/python3 worker.py\n")
    monkeypatch.setenv("PATH", f"{chosen}:{os.environ['PATH']}")
    by_it: Mapping[str, tuple[str, Mapping[str, object]]] = {
        "searched": ("python3 worker.py", {}),
        "direct": ("/srv/bin/primary_tech/python3 worker.py", {}),
        "linked": ("/srv/bin/python3 worker.py", {}),
        "scripted": ("/srv/bin/by_script", {}),
        "by_path": ("/usr/bin/env python3 x.py", {"environment": 'PATH="/srv/bin/primary_tech:/usr/bin"'}),
    }
    not_by_it: Mapping[str, tuple[str, Mapping[str, object]]] = {
        "itself": (f"{tech}/python3 worker.py", {}),
        "sibling": ("/srv/bin/primary_tech2/python3", {}),
        "nginx": ('/usr/sbin/nginx -g "daemon off;"', {"environment": 'PATH="/srv/bin/primary_tech:/usr/bin"'}),
    }
    for name, (command, options) in {**by_it, **not_by_it}.items():
        furnished.add(name, command, **{"autostart": "false", **options})
    furnished.add("running", f"{chosen}/python3 -I -S -c 'import time; time.sleep(1000)'")
    furnished.add("plain", "/srv/venv/bin/celery -A site worker", autostart="false")
    furnished.up()
    found = programs_from_venv(furnished.container, links=(chosen,))
    assert {program.full_name for program in found} == {*by_it, "running", "plain"}
    assert _found(furnished) == ["plain"]


def test_a_broken_configuration_leaves_what_runs(sandbox: Sandbox) -> None:
    sandbox.container.venv.joinpath("bin").mkdir(parents=True)
    _executable(sandbox.container.venv / "bin/celery", f"#!{sys.executable}\n{IDLE}")
    sandbox.add("worker", f"{sandbox.container.venv}/bin/celery")
    sandbox.up()
    (sandbox.container.srv / "conf/supervisor.d/broken.conf").write_text("[program:x\n")
    wait_for(lambda: _found(sandbox) == ["worker"])


def test_in_the_order_in_which_they_are_started(sandbox: Sandbox) -> None:
    celery = "/srv/venv/bin/celery"
    sandbox.add("app", celery, autostart="false")
    sandbox.add("aaa", celery, autostart="false")
    sandbox.add("before", celery, autostart="false", priority=10)
    sandbox.add("after", celery, autostart="false", priority=1000)
    sandbox.up()
    assert _found(sandbox) == ["before", "app", "aaa", "after"]
