"""supervisord's configuration, read from the disk and compared with what a real supervisord made of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.errors import ConsoleError
from console.programs.config import program_config, read_configs, supervisor_environment

from .sandbox import Sandbox

FOLDER = "conf/supervisor.d"


def test_reads_what_supervisord_read(sandbox: Sandbox) -> None:
    sandbox.add(
        "app", '/bin/sh -c "sleep 1000"  ; a comment', stopwaitsecs=3, startsecs=7, autostart="false", priority=5
    )
    sandbox.add(
        "worker", "/bin/sleep %(process_num)d000", process_name="w%(process_num)s", numprocs=2, numprocs_start=1
    )
    sandbox.add("mail", "/bin/sleep 1000")
    (sandbox.container.srv / FOLDER / "z-group").write_text("[group:jobs]\nprograms=worker, mail\n")
    sandbox.up()
    ours = {
        (each.group, each.name, each.command, each.startsecs, each.stopwaitsecs, each.priority, str(each.log_file))
        for each in read_configs(sandbox.container)
    }
    its = {
        (
            each["group"],
            each["name"],
            each["command"],
            each["startsecs"],
            each["stopwaitsecs"],
            each["process_prio"],
            each["stdout_logfile"],
        )
        for each in sandbox.client.configs()
    }
    assert ours == its
    assert len(ours) == 4


def test_the_command_is_taken_apart_and_the_environment_expanded(sandbox: Sandbox) -> None:
    sandbox.add("app", '/bin/echo "a b" %(ENV_COLOUR)s', environment='COLOUR="red,blue",PATH="/srv/bin:%(ENV_PATH)s"')
    found = program_config(sandbox.container, "app")
    assert found is not None
    assert found.arguments == ("/bin/echo", "a b", "red,blue")
    assert found.environment["COLOUR"] == "red,blue"
    assert found.environment["PATH"] == "/srv/bin:" + os.environ["PATH"]
    assert found.directory == sandbox.container.app
    assert found.error_log_file is None
    assert found.file == sandbox.container.srv / FOLDER / "app.conf"


def test_the_environment_is_that_of_supervisord_itself(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLY_THERE", "yes")
    sandbox.up()
    monkeypatch.delenv("ONLY_THERE")
    assert supervisor_environment(sandbox.container)["ONLY_THERE"] == "yes"
    sandbox.add("app", "/bin/echo %(ENV_ONLY_THERE)s")
    found = program_config(sandbox.container, "app")
    assert found is not None
    assert found.command == "/bin/echo yes"


def test_a_process_is_found_by_its_full_name_its_name_and_its_group(sandbox: Sandbox) -> None:
    sandbox.add("worker", "/bin/sleep 1", process_name="w%(process_num)s", numprocs=2)
    names = {
        name: found.full_name if (found := program_config(sandbox.container, name)) else None
        for name in ("worker:w1", "w1", "worker", "nobody")
    }
    assert names == {"worker:w1": "worker:w1", "w1": "worker:w1", "worker": "worker:w0", "nobody": None}


def test_paths_of_another_root_are_moved_under_it(sandbox: Sandbox) -> None:
    sandbox.add("app", "/srv/venv/bin/gunicorn", directory="/srv/app", stdout_logfile="/srv/logs/python.log")
    found = program_config(sandbox.container, "app")
    assert found is not None
    assert found.directory == sandbox.root / "srv/app"
    assert found.log_file == sandbox.root / "srv/logs/python.log"


def test_comments_in_any_encoding_are_no_obstacle(sandbox: Sandbox) -> None:
    (sandbox.container.srv / FOLDER / "a").write_bytes(b"; p\xf8\xedklad\n[program:app]\ncommand=/bin/true\n")
    assert [each.name for each in read_configs(sandbox.container)] == ["app"]


@pytest.mark.parametrize(
    "text",
    [
        "[program:app]\n",
        "[program:app\ncommand=/bin/true\n",
        "command=/bin/true\n",
        "[program:app]\ncommand=/bin/true %(nothing)s\n",
        "[program:app]\ncommand=/bin/true\nnumprocs=many\n",
        '[program:app]\ncommand=/bin/echo "open\n',
        "[program:app]\ncommand=/bin/true\nenvironment=A\n",
    ],
)
def test_an_error_names_the_file(sandbox: Sandbox, text: str) -> None:
    file = sandbox.container.srv / FOLDER / "broken.conf"
    file.write_text(text)
    with pytest.raises(ConsoleError) as caught:
        read_configs(sandbox.container)
    assert str(file) in caught.value.cause
    assert caught.value.remedy


def test_a_missing_configuration_is_an_error(sandbox: Sandbox) -> None:
    sandbox.container.supervisor_conf.unlink()
    with pytest.raises(ConsoleError) as caught:
        read_configs(sandbox.container)
    assert str(Path("supervisord.conf")) in caught.value.cause
