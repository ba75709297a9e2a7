"""Verdicts on programs that are really broken."""

from __future__ import annotations

import dataclasses
import os
import socket
import venv

import pytest

from console.programs.control import restart, start, stop
from console.programs.evidence import mark
from console.programs.table import read_programs
from console.programs.verdict import find_verdict
from console.results import HttpAnswer, Program, Verdict

from .sandbox import Sandbox
from .waiting import wait_for


def verdict_on_start(sandbox: Sandbox, name: str = "app") -> Verdict:
    """Start a program that cannot run, and take the verdict; the status must come to the same one afterwards."""
    sandbox.up()
    result = start(sandbox.container, name, timeout=20)
    assert not result.ok
    assert result.verdict is not None
    later = find_verdict(sandbox.container, program(sandbox, name))
    if result.state in ("FATAL", "BACKOFF", "STOPPED"):
        assert later is not None
        assert later.cause == result.verdict.cause
    return result.verdict


def program(sandbox: Sandbox, name: str = "app") -> Program:
    return next(one for one in read_programs(sandbox.container)[1] if one.full_name == name)


def add(sandbox: Sandbox, command: str, **options: object) -> None:
    sandbox.add("app", command, **({"autostart": "false", "startsecs": 1, "startretries": 0} | options))


def test_a_missing_module_that_is_required_means_a_rebuild(sandbox: Sandbox) -> None:
    add(sandbox, sandbox.script("def load():\n    import flask_babel\nload()"))
    sandbox.container.requirements.write_text("Flask==3.0\nflask-babel>=4\n")
    found = verdict_on_start(sandbox)
    assert (found.cause, found.action) == ("import-error", "rebuild")
    assert "ModuleNotFoundError: No module named 'flask_babel'" in found.title
    assert "is in requirements.txt" in found.remedy
    assert "line 2" in found.detail
    assert found.traceback[0] == "Traceback (most recent call last):"
    assert found.traceback[-1].startswith("ModuleNotFoundError")


def test_a_missing_module_that_is_not_required_has_to_be_added(sandbox: Sandbox) -> None:
    add(sandbox, sandbox.script("import flask_babel"))
    sandbox.container.requirements.write_text("flask\n")
    found = verdict_on_start(sandbox)
    assert (found.cause, found.action) == ("import-error", "rebuild")
    assert "Add the package" in found.remedy


def test_a_wrong_import_of_the_own_code_is_not_the_virtualenvs_fault(sandbox: Sandbox) -> None:
    (sandbox.container.app / "shop").mkdir()
    add(sandbox, sandbox.script("import sys\nsys.path.insert(0, '.')\nimport shop.nothing"))
    found = verdict_on_start(sandbox)
    assert (found.cause, found.action) == ("import-error", "logs")


def test_a_syntax_error_names_file_and_line(sandbox: Sandbox) -> None:
    add(sandbox, sandbox.script("a = 1\ndef (:\n"))
    found = verdict_on_start(sandbox)
    assert found.cause == "syntax-error"
    assert found.detail == f"{sandbox.container.app}/app.py:2"
    assert "SyntaxError" in found.title


def test_a_taken_port_names_the_process_that_has_it(sandbox: Sandbox) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", sandbox.container.app_port))
        other.listen()
        add(sandbox, sandbox.server())
        found = verdict_on_start(sandbox)
    assert found.cause == "port-in-use"
    assert str(sandbox.container.app_port) in found.title
    assert f"process {os.getpid()}" in found.detail
    assert found.traceback


def test_a_missing_command(any_sandbox: Sandbox) -> None:
    add(any_sandbox, "/no/such/program --flag")
    found = verdict_on_start(any_sandbox)
    assert found.cause == "command-not-found"
    assert "/no/such/program" in found.detail


def test_a_command_missing_in_the_shell(sandbox: Sandbox) -> None:
    add(sandbox, "/bin/sh -c nosuchcommand")
    found = verdict_on_start(sandbox)
    assert found.cause == "command-not-found"
    assert "nosuchcommand" in found.title


def test_a_virtualenv_whose_interpreter_is_gone(any_sandbox: Sandbox) -> None:
    place = any_sandbox.container.venv
    venv.EnvBuilder(symlinks=True).create(place)
    command = place / "bin" / "serve"
    command.write_text(f"#!{place}/bin/python\n")
    command.chmod(0o755)
    for python in place.glob("bin/python*"):
        python.unlink()
        python.symlink_to("/opt/gone/bin/python")
    add(any_sandbox, str(command))  # the file exists: supervisord only sees that it cannot be executed
    found = verdict_on_start(any_sandbox)
    assert (found.cause, found.action) == ("dead-virtualenv", "rebuild")
    assert "/opt/gone/bin/python" in found.detail


def test_a_virtualenv_that_is_gone_altogether(any_sandbox: Sandbox) -> None:
    add(any_sandbox, f"{any_sandbox.container.venv}/bin/gunicorn app:app")
    found = verdict_on_start(any_sandbox)
    assert (found.cause, found.action) == ("dead-virtualenv", "rebuild")


def test_a_virtualenv_for_another_python_is_told_from_a_missing_package(sandbox: Sandbox) -> None:
    place = sandbox.container.venv
    venv.EnvBuilder(symlinks=True).create(place)
    (library,) = place.glob("lib/python3*")
    library.rename(library.with_name("python3.1"))
    add(sandbox, f"{place}/bin/python -c 'import gunicorn_of_the_old_python'")
    found = verdict_on_start(sandbox)
    assert (found.cause, found.action) == ("dead-virtualenv", "rebuild")


def test_a_file_that_may_not_be_executed(sandbox: Sandbox) -> None:
    path = sandbox.container.app / "run"
    path.write_text("#!/bin/sh\nsleep 1000\n")
    add(sandbox, str(path))
    found = verdict_on_start(sandbox)
    assert found.cause == "permission"
    assert f"chmod +x {path}" in found.remedy


def test_a_permission_that_the_app_lacks(sandbox: Sandbox) -> None:
    add(sandbox, sandbox.script("raise PermissionError(13, 'Permission denied', '/srv/app/db.sqlite3')"))
    found = verdict_on_start(sandbox)
    assert found.cause == "permission"
    assert "/srv/app/db.sqlite3" in found.remedy


def test_a_folder_that_does_not_exist(sandbox: Sandbox) -> None:
    add(sandbox, "/bin/sleep 1000", directory="/no/such/folder")
    found = verdict_on_start(sandbox)
    assert "/no/such/folder" in found.title


def test_memory_that_python_did_not_get(sandbox: Sandbox) -> None:
    add(sandbox, sandbox.script("raise MemoryError"))
    assert verdict_on_start(sandbox).cause == "out-of-memory"


def test_a_program_that_was_killed(any_sandbox: Sandbox) -> None:
    add(any_sandbox, any_sandbox.script("import os\nos.kill(os.getpid(), 9)"))
    found = verdict_on_start(any_sandbox)
    assert found.cause == "out-of-memory"
    assert "SIGKILL" in found.detail


def test_a_kill_that_only_the_kernel_counted(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """gunicorn's master outlives its worker, and ends with a status of its own."""
    counts = iter([4, 5])
    monkeypatch.setattr("console.programs.evidence.oom_kills", lambda: next(counts, 5))
    add(sandbox, sandbox.script("raise SystemExit(1)"))
    sandbox.up()
    found = start(sandbox.container, "app").verdict
    assert found is not None
    assert found.cause == "out-of-memory"


def test_any_other_exception_is_named(sandbox: Sandbox) -> None:
    add(sandbox, sandbox.script("raise LookupError('SECRET_KEY is not set.')"))
    found = verdict_on_start(sandbox)
    assert found.cause == "exited-too-quickly"
    assert found.title == "app does not start: LookupError: SECRET_KEY is not set."
    assert found.traceback[-1] == "LookupError: SECRET_KEY is not set."
    assert found.detail == "exit status 1; not expected"


def test_an_end_without_a_reason_shows_the_last_lines(sandbox: Sandbox) -> None:
    add(sandbox, sandbox.script("for number in range(50): print('line', number)\nraise SystemExit(4)"))
    found = verdict_on_start(sandbox)
    assert found.cause == "exited-too-quickly"
    assert found.log == tuple(f"line {number}" for number in range(30, 50))
    assert "exit status 4" in found.detail


def test_a_separate_error_log_is_read_first(sandbox: Sandbox) -> None:
    add(
        sandbox,
        sandbox.script("print('hello')\nimport nosuchmodule"),
        redirect_stderr="false",
        stderr_logfile=sandbox.container.log_dir / "app.err",
    )
    found = verdict_on_start(sandbox)
    assert found.cause == "import-error"
    assert "hello" not in found.log


def test_an_old_traceback_is_not_todays_reason(sandbox: Sandbox) -> None:
    log = sandbox.container.log_dir / "app.log"
    log.write_text('Traceback (most recent call last):\n  File "a", line 1, in <module>\nImportError: old\n')
    add(sandbox, sandbox.script("raise SystemExit(4)"))
    sandbox.up()
    result = start(sandbox.container, "app")
    assert result.verdict is not None
    assert result.verdict.cause == "exited-too-quickly"
    wait_for(lambda: program(sandbox).state == "FATAL")
    os.utime(log, (0, 0))
    later = find_verdict(sandbox.container, program(sandbox))
    assert later is not None
    assert later.cause == "exited-too-quickly"


def test_a_log_that_was_rotated_meanwhile_is_read_over_both_files(sandbox: Sandbox) -> None:
    add(sandbox, sandbox.script("import nosuchmodule"))
    sandbox.up()
    log = sandbox.container.log_dir / "app.log"
    log.write_text("before\n")
    since = mark(sandbox.container, [program(sandbox)])
    with log.open("a") as file:
        file.write('Traceback (most recent call last):\n  File "a", line 1, in <module>\n')
    log.rename(log.with_name("app.log.1"))
    log.write_text("ImportError: No module named x\n")
    failed = dataclasses.replace(program(sandbox), state="FATAL")
    found = find_verdict(sandbox.container, failed, since=since)
    assert found is not None
    assert found.cause == "import-error"


def test_a_stopped_program_is_stopped_on_purpose(any_sandbox: Sandbox) -> None:
    any_sandbox.add("app", "/bin/sleep 1000")
    any_sandbox.up()
    stop(any_sandbox.container, "app")
    found = find_verdict(any_sandbox.container, program(any_sandbox))
    assert found is not None
    assert (found.cause, found.action) == ("stopped", "start")


def test_a_stopped_program_that_could_not_start_says_so(any_sandbox: Sandbox) -> None:
    command = any_sandbox.container.app / "run"
    command.write_text("#!/bin/sh\nexec sleep 1000\n")
    command.chmod(0o755)
    any_sandbox.add("app", str(command))
    any_sandbox.up()
    stop(any_sandbox.container, "app")
    command.unlink()
    found = find_verdict(any_sandbox.container, program(any_sandbox))
    assert found is not None
    assert found.cause == "command-not-found"


def test_nothing_is_wrong_with_a_program_that_runs(sandbox: Sandbox) -> None:
    sandbox.add("app", sandbox.server())
    sandbox.up()
    assert find_verdict(sandbox.container, program(sandbox)) is None
    fine = HttpAnswer(sandbox.container.app_port, 404, 0.1)
    assert find_verdict(sandbox.container, program(sandbox), http=fine) is None


@pytest.fixture
def served(sandbox: Sandbox) -> Sandbox:
    """A sandbox whose app answers, as nginx would see it."""
    sandbox.add("app", sandbox.server())
    sandbox.up()
    assert restart(sandbox.container, "app").ok
    return sandbox


def answered(sandbox: Sandbox, status: int | None, port: int) -> Verdict:
    found = find_verdict(sandbox.container, program(sandbox), http=HttpAnswer(port, status, 0.1, None))
    assert found is not None
    return found


def test_nginxs_502_is_explained_by_the_app_behind_it(served: Sandbox) -> None:
    container = served.container
    assert answered(served, 502, container.http_port).cause == "no-answer"
    elsewhere = dataclasses.replace(container, app_port=container.app_port + 1)
    served.container = elsewhere
    found = answered(served, 502, container.http_port)
    assert found.cause == "no-answer"
    assert str(container.app_port) in found.detail


def test_the_apps_own_500_through_nginx_is_the_apps(served: Sandbox) -> None:
    assert answered(served, 500, served.container.http_port).cause == "http-error"


def test_503_on_the_apps_own_port_is_the_apps(served: Sandbox) -> None:
    assert answered(served, 503, served.container.app_port).cause == "http-error"


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("unknown error making dispatchers for 'app': EACCES", "permission"),
        ("unknown error during fork for 'app': ENOMEM", "out-of-memory"),
        ("Too many processes in process table to spawn 'app'", "out-of-memory"),
        ("too many open files to spawn 'app'", "exited-too-quickly"),
        ("can't parse command '\"': No closing quotation", "exited-too-quickly"),
    ],
)
def test_supervisords_own_trouble_is_told_in_its_words(sandbox: Sandbox, error: str, cause: str) -> None:
    failed = Program("app", "app", "FATAL", None, None, None, None, "", spawn_error=error)
    found = find_verdict(sandbox.container, failed)
    assert found is not None
    assert found.cause == cause
    assert error in found.title


def test_a_program_of_no_known_log_still_gets_a_verdict(sandbox: Sandbox) -> None:
    failed = Program("app", "app", "FATAL", None, None, None, None, "", spawn_error="Exited too quickly")
    found = find_verdict(sandbox.container, failed)
    assert found is not None
    assert found.cause == "exited-too-quickly"
