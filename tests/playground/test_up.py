"""Making and starting containers, for real."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from console import playground
from console.container import Container, find_container
from console.errors import ConsoleError, Locked, WrongUsage
from console.events import Event, Output, Step, StepDone
from console.health.http import ask
from console.lock import held
from console.playground import Playground, container_down, container_status, container_up
from console.playground.layout import SOCKET
from console.playground.record import LOCK

from .. import containers, needs
from ..conftest import MakeContainer

SITE = """\
server {{
    listen       0.0.0.0:{port};
{ipv6}    location / {{
        proxy_pass         http://127.0.0.1:{app_port}/;
        proxy_redirect     default;
        proxy_set_header   X-Real-IP  $remote_addr;
        proxy_set_header   Host       $host;
    }}
    #location /static/ {{
    #    alias {srv}/static/;
    #}}
}}
"""


def state_of(root: Path) -> dict[str, str]:
    return {program.name: program.state for program in container_status(root).programs}


OTHER_SUPERVISORD = (sys.executable, "-c", "import supervisor.supervisord as s; s.main()")


@dataclass(frozen=True)
class Unusual:
    """A container with letters of many languages in its path and another command for supervisord."""

    made: Playground
    events: tuple[Event, ...]


@pytest.fixture(scope="module")
def unusual() -> Iterator[Unusual]:
    folder = containers.new_folder()
    port, app_port = containers.free_ports()
    events: list[Event] = []
    try:
        made = container_up(
            folder / "ukázka+1",
            port=port,
            app_port=app_port,
            on_event=events.append,
            supervisord=OTHER_SUPERVISORD,
            environment={"PYTHONNOUSERSITE": "1"},
        )
        yield Unusual(made, tuple(events))
    finally:
        containers.remove(folder)


def everything_in(root: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in root.rglob("*")}


def test_an_image_container_answers_through_nginx_and_lies_where_the_image_has_it(shared_container: Container) -> None:
    container = shared_container
    assert container.generation == "image"
    assert ask(container.http_port).status == ask(container.app_port).status == 200
    assert container.log_dir == container.srv / "logs"
    assert container.site_file == container.srv / "conf/nginx.d/python.conf"
    assert container.python == container.root / "opt/python/bin/python"
    assert container.supervisor_socket.is_socket()
    assert container.supervisor_socket.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in container.log_dir.iterdir()} == {"python.log", "nginx.log", "supervisord.log"}
    assert state_of(container.root) == {"app": "RUNNING", "nginx": "RUNNING"}


def test_the_site_file_is_the_guides(shared_container: Container) -> None:
    container = shared_container
    values = {"port": container.http_port, "app_port": container.app_port, "srv": container.srv}
    ipv6 = f"    listen       [::]:{container.http_port};\n"
    assert container.site_file.read_text() in (SITE.format(ipv6=ipv6, **values), SITE.format(ipv6="", **values))


def test_nothing_of_the_container_lies_outside_its_folder(shared_container: Container) -> None:
    pid = container_status(shared_container.root).supervisord_pid
    members = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    opened = set()
    for member in members:
        try:
            if os.getsid(member) == pid:
                opened |= {os.readlink(link) for link in Path(f"/proc/{member}/fd").iterdir()}  # noqa: PTH115
        except OSError:
            continue
    written = {path for path in opened if path.startswith("/") and not path.startswith(("/dev/", "/proc/"))}
    assert written
    assert {path for path in written if not path.startswith(str(shared_container.root))} <= {
        path for path in written if path.endswith(" (deleted)") or path == "/var/log/nginx/error.log"
    }


def test_the_runtime_generation_offers_several_pythons_side_by_side(make_container: MakeContainer) -> None:
    needs.program("nginx")
    newest, second = needs.interpreters(2)
    container = make_container(generation="runtime", python=second.version)
    assert container.generation == "runtime"
    assert container.log_dir == container.srv / "log"
    assert container.site_file.name == "app.conf"
    offered = [python.parents[1].name for python in container.interpreters]
    assert offered[0] == f"python-{second.version}"
    assert f"python-{newest.version}" in offered
    assert (container.srv / "bin/primary_tech").readlink() == Path(f"../../opt/techs/python-{second.version}/bin")
    status = container_status(container.root)
    assert (status.generation, status.python, status.running) == ("runtime", second.version, True)
    assert ask(container.http_port).status == 200


def test_down_and_up_again_keeps_every_file_and_takes_nothing_of_the_shell(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = container.app / "mine.txt"
    mine.write_text("kept")
    down = container_down(container.root)
    assert (down.running, down.changed, down.programs, down.supervisord_pid) == (False, True, (), None)
    assert ask(container.http_port).status is None
    before = {path: path.read_bytes() for path in container.srv.glob("conf/*/*")}

    for name in ("VIRTUAL_ENV", "PYTHONPATH", "COLUMNS", "CONSOLE_ROOT"):
        monkeypatch.setenv(name, "/nowhere")

    up = container_up(container.root)

    environment = Path(f"/proc/{up.supervisord_pid}/environ").read_bytes()
    assert b"/nowhere" not in environment
    assert f"HOME={container.srv}".encode() in environment.split(b"\0")
    assert (up.running, up.changed, up.notes) == (True, True, ())
    assert (up.port, up.app_port) == (container.http_port, container.app_port)
    assert ask(container.http_port).status == 200
    assert mine.read_text() == "kept"
    assert {path: path.read_bytes() for path in container.srv.glob("conf/*/*")} == before


def test_up_of_a_running_container_says_so_and_changes_nothing(shared_container: Container) -> None:
    before = container_status(shared_container.root)
    again = container_up(shared_container.root, port=shared_container.http_port + 1)
    assert (again.changed, again.supervisord_pid, again.port) == (False, before.supervisord_pid, before.port)
    assert "running already" in " ".join(again.notes)
    assert "ports are those of its files" in " ".join(again.notes)


def test_up_again_says_why_an_app_does_not_answer(container: Container) -> None:
    container_down(container.root)
    (container.app / "app.py").write_text("import nothing_like_this\n")
    (container.srv / "conf/supervisor.d/python.conf").open("a").write("startretries=0\n")
    up = container_up(container.root)
    assert up.running
    assert "nothing_like_this" in up.notes[-1]


def test_the_steps_are_told_in_order(unusual: Unusual) -> None:
    steps = [event for event in unusual.events if isinstance(event, Step)]
    assert [(step.name, step.number, step.of) for step in steps] == [
        ("image", 1, 4),
        ("venv", 2, 4),
        ("packages", 3, 4),
        ("start", 4, 4),
    ]
    assert [event.name for event in unusual.events if isinstance(event, StepDone)] == [step.name for step in steps]
    assert any("gunicorn" in event.line for event in unusual.events if isinstance(event, Output))


def test_a_path_with_letters_of_any_language_works(unusual: Unusual) -> None:
    assert unusual.made.running
    for program in unusual.made.programs:
        assert ask(unusual.made.port if program.name == "nginx" else unusual.made.app_port).status == 200


def test_another_supervisord_can_be_given_and_is_remembered(unusual: Unusual) -> None:
    container_down(unusual.made.folder)
    again = container_up(unusual.made.folder)
    proc = Path(f"/proc/{again.supervisord_pid}")
    assert b"PYTHONNOUSERSITE=1" in (proc / "environ").read_bytes().split(b"\0")
    assert OTHER_SUPERVISORD[2].encode() in (proc / "cmdline").read_bytes().split(b"\0")


@pytest.mark.parametrize("which", ["port", "app_port"])
def test_a_port_in_use_is_told_with_its_process_before_anything_is_made(short_folder: Path, which: str) -> None:
    needs.program("nginx")
    ports = dict(zip(("port", "app_port"), containers.free_ports(), strict=True))
    target = short_folder / "new"
    with socket.create_server(("127.0.0.1", ports[which])), pytest.raises(ConsoleError) as caught:
        container_up(target, **ports)  # type: ignore[arg-type]
    assert str(ports[which]) in caught.value.title
    assert f"process {os.getpid()}" in caught.value.cause
    assert f"--{which.replace('_', '-')}" in caught.value.remedy
    assert not target.exists()


@pytest.mark.parametrize(("port", "app_port"), [(8000, 8000), (0, 8080), (8000, 65536), (-1, 8080)])
def test_ports_that_make_no_sense_are_wrong_usage(short_folder: Path, port: int, app_port: int) -> None:
    if port == 0:  # zero means "not given"
        port = 70000
    with pytest.raises(WrongUsage):
        container_up(short_folder / "new", port=port, app_port=app_port)
    assert not (short_folder / "new").exists()


def test_an_unknown_generation_is_wrong_usage(short_folder: Path) -> None:
    with pytest.raises(WrongUsage, match="runtime"):
        container_up(short_folder / "new", generation="container")


def test_a_folder_that_holds_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    before = everything_in(tmp_path)
    with pytest.raises(ConsoleError, match="something else"):
        container_up(tmp_path)
    assert everything_in(tmp_path) == before


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ConsoleError, match="something else"):
        container_up(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_path_too_long_for_the_socket_is_refused_with_the_reason(short_folder: Path) -> None:
    longest = 107 - len(str(SOCKET)) - 1
    target = short_folder / ("x" * (longest - len(str(short_folder))))
    with pytest.raises(ConsoleError) as caught:
        container_up(target)
    assert "108 bytes" in caught.value.cause
    assert not target.exists()


@pytest.mark.parametrize("name", ["with space", "50%", "a;b", "quote'", "{x}", "a#b", "line\nbreak", "$HOME"])
def test_a_path_that_configuration_files_cannot_hold_is_refused(short_folder: Path, name: str) -> None:
    with pytest.raises(ConsoleError, match="character"):
        container_up(short_folder / name)
    assert not (short_folder / name).exists()


def test_a_python_that_is_not_there_is_told_with_those_that_are(short_folder: Path) -> None:
    port, app_port = containers.free_ports()
    with pytest.raises(ConsoleError) as caught:
        container_up(short_folder / "new", python="3.99", port=port, app_port=app_port)
    assert "3.99" in caught.value.title
    assert "Found: 3." in caught.value.cause
    assert not (short_folder / "new").exists()


def test_python_2_without_virtualenv_is_not_offered(short_folder: Path) -> None:
    needs.interpreter("2.7")
    port, app_port = containers.free_ports()
    with pytest.raises(ConsoleError, match="not offered"):
        container_up(short_folder / "new", python="2.7", port=port, app_port=app_port)
    assert not (short_folder / "new").exists()


@pytest.mark.parametrize("existed", [True, False])
def test_a_failing_download_is_told_with_its_reason_and_leaves_nothing(
    short_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existed: bool
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("UV_FIND_LINKS", "")
    root = short_folder / "new"
    if existed:
        root.mkdir()
    port, app_port = containers.free_ports()
    with pytest.raises(ConsoleError) as caught:
        container_up(root, port=port, app_port=app_port)
    assert "packages could not be installed" in caught.value.title
    assert "bottle" in caught.value.cause
    assert root.exists() == existed
    assert not existed or list(root.iterdir()) == []


def test_a_making_that_the_listener_breaks_off_leaves_nothing(short_folder: Path) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, Step) and event.name == "packages":
            raise KeyboardInterrupt

    port, app_port = containers.free_ports()
    with pytest.raises(KeyboardInterrupt):
        container_up(short_folder / "new", port=port, app_port=app_port, on_event=stop)
    assert not (short_folder / "new").exists()


def test_a_supervisord_that_does_not_start_is_told_and_leaves_nothing(short_folder: Path) -> None:
    port, app_port = containers.free_ports()
    complain = ("/bin/sh", "-c", "echo broken on purpose; exit 2")
    with pytest.raises(ConsoleError) as caught:
        container_up(short_folder / "new", port=port, app_port=app_port, supervisord=complain)
    assert "broken on purpose" in caught.value.cause
    assert not (short_folder / "new").exists()


def test_a_making_that_was_killed_is_begun_anew(short_folder: Path) -> None:
    (short_folder / "srv/run").mkdir(parents=True)
    (short_folder / "srv/run/playground.json").write_text(
        '{"command": [], "environment": {}, "process": null, "made": false}'
    )
    (short_folder / "srv/conf").mkdir()
    (short_folder / "srv/conf/half").write_text("half")
    port, app_port = containers.free_ports()
    assert container_up(short_folder, port=port, app_port=app_port).running
    assert not (short_folder / "srv/conf/half").exists()


def test_two_at_once_do_not_disturb_each_other(short_folder: Path) -> None:
    port, app_port = containers.free_ports()
    with held(short_folder / LOCK, "playground"), pytest.raises(Locked):
        container_up(short_folder, port=port, app_port=app_port)
    assert [path.name for path in short_folder.iterdir()] == [LOCK.name]


def test_without_nginx_it_goes_on_and_says_so(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name, **kw: None if name == "nginx" else which(name, **kw))
    port, app_port = containers.free_ports()
    with socket.create_server(("127.0.0.1", port)):  # nobody wants the front port then
        made = container_up(short_folder, port=port, app_port=app_port)
    assert [program.name for program in made.programs] == ["app"]
    assert "no nginx" in made.notes[0]
    assert "no nginx" in container_status(short_folder).notes[0]
    assert ask(app_port).status == 200

    monkeypatch.undo()
    needs.program("nginx")
    container_down(short_folder)
    again = container_up(short_folder)
    assert [program.name for program in again.programs] == ["app", "nginx"]
    assert ask(port).status == 200


def test_the_public_names_are_offered_by_the_package() -> None:
    assert set(playground.__all__) >= {"container_up", "container_down", "container_status", "switch_python"}


def test_a_link_to_the_folder_is_the_same_container(shared_container: Container, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(shared_container.root)
    assert container_status(link).folder == shared_container.root
    assert find_container(link).site_file.exists()
