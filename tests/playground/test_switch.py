"""The image comes back with another Python, for real."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.errors import ConsoleError
from console.health.http import ask
from console.playground import container_status, switch_python
from console.playground.interpreters import ask_interpreter

from .. import containers, needs
from ..conftest import MakeContainer


@pytest.fixture(scope="module")
def _made() -> Iterator[Container]:
    made = containers.make(python=needs.interpreters(2)[1].version, running=False)
    yield made
    containers.remove(made.root)


@pytest.fixture
def container(_made: Container) -> Iterator[Container]:
    """A container of the image generation whose Python is the second newest of the machine; switched back after it."""
    old = needs.interpreters(2)[1].version
    yield _made
    if container_status(_made.root).python != old:
        switch_python(_made.root, old)


def run_venv(container: Container) -> str | None:
    told = ask_interpreter(container.venv / "bin/python")
    return told.version if told else None


def test_the_image_has_the_other_python_and_the_virtualenv_is_dead(container: Container) -> None:
    new, old = needs.interpreters(2)
    before = container_status(container.root)
    assert run_venv(container) == old.version

    switched = switch_python(container.root, ".".join(map(str, new.release[:2])))

    assert (switched.python, switched.running, switched.changed) == (new.version, True, True)
    assert switched.supervisord_pid != before.supervisord_pid
    assert "dead" in switched.notes[-1]
    told = ask_interpreter(container.root / "opt/python/bin/python")
    assert told is not None
    assert told.version == new.version
    assert run_venv(container) is None
    link = container.venv / "bin/python"
    assert link.is_symlink()
    assert not link.exists()
    assert {program.name: program.state for program in switched.programs}["app"] in ("BACKOFF", "FATAL")
    assert ask(container.http_port).status == 502  # nginx runs, the app cannot


def test_with_the_old_python_kept_the_virtualenv_goes_on(container: Container) -> None:
    new, old = needs.interpreters(2)
    switched = switch_python(container.root, new.version, remove_old=False)
    assert switched.python == new.version
    assert run_venv(container) == old.version
    assert old.version in switched.notes[-1]


def test_switching_back_wakes_the_virtualenv(container: Container) -> None:
    new, old = needs.interpreters(2)
    switch_python(container.root, new.version)
    assert run_venv(container) is None
    switch_python(container.root, old.version)
    assert run_venv(container) == old.version
    assert new.version not in [path.name for path in (container.root / "opt/.pythons").iterdir()]


def test_the_runtime_generation_gets_it_in_techs_and_chosen(make_container: MakeContainer) -> None:
    new, old = needs.interpreters(2)
    container = make_container(generation="runtime", python=old.version, running=False)
    switched = switch_python(container.root, new.version)
    now = find_container(container.root)
    assert switched.python == new.version
    assert now.python == container.root / f"opt/techs/python-{new.version}/bin/python3"
    assert not (container.root / f"opt/techs/python-{old.version}").exists()
    assert run_venv(container) is None


def test_a_python_that_is_not_there_changes_nothing(shared_container: Container) -> None:
    before = container_status(shared_container.root)
    with pytest.raises(ConsoleError, match=r"3\.99"):
        switch_python(shared_container.root, "3.99")
    assert container_status(shared_container.root) == before


def test_the_guides_way_out_works_after_a_switch(make_container: MakeContainer) -> None:
    new, old = needs.interpreters(2)
    container = make_container(python=old.version, running=False)
    switch_python(container.root, new.version)
    in_container(
        container,
        "cd && supervisorctl stop app; rm -rf venv && ~/../opt/python/bin/virtualenv venv && source venv/bin/activate"
        " && pip install -q -r app/requirements.txt && supervisorctl start app",
    )
    assert run_venv(container) == new.version
    assert ask(container.http_port).status == 200


def test_the_guides_pyvenv_makes_one_too(container: Container) -> None:
    in_container(container, "~/../opt/python/bin/pyvenv --without-pip ~/other")
    assert ask_interpreter(container.srv / "other/bin/python") is not None


def test_an_ssh_login_has_the_virtualenv_active(shared_container: Container) -> None:
    said = in_container(shared_container, "echo $VIRTUAL_ENV; echo $TERM; command -v gunicorn")
    assert said.split() == [str(shared_container.venv), "xterm", str(shared_container.venv / "bin/gunicorn")]


def test_the_static_block_works_once_its_signs_are_removed(container: Container) -> None:
    text = container.site_file.read_text()
    container.site_file.write_text(text.replace("    #", "    "))
    in_container(container, "supervisorctl restart nginx")
    deadline = time.monotonic() + 20
    while ask(container.http_port).status is None and time.monotonic() < deadline:
        time.sleep(0.02)
    url = f"http://127.0.0.1:{container.http_port}/static/logo.svg"
    served = subprocess.run(["curl", "-sS", "-D", "-", url], capture_output=True, check=True).stdout
    assert b"image/svg+xml" in served
    assert served.endswith((container.srv / "static/logo.svg").read_bytes())


def in_container(container: Container, command: str) -> str:
    """What ``command`` writes in the shell of an SSH session; fails when it does."""
    keep = ("PATH", "SSL_CERT_FILE", "PIP_CERT", "PIP_FIND_LINKS", "LANG")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    environment |= {"HOME": str(container.srv), "SSH_TTY": "/dev/pts/0", "TERM": "vt100"}
    run = subprocess.run(
        ["bash", "-c", f". ~/.bash_profile\n{command}"],
        env=environment,
        cwd=container.srv,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert Path(environment["HOME"]).exists()
    return run.stdout
