"""The command line on a real container: its names, its JSON, its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from console import __version__
from console.container import Container
from console.lock import held
from tests.venv.wheels import make_wheel


def run(container: Container | Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    root = container.root if isinstance(container, Container) else container
    return subprocess.run(
        [sys.executable, "-m", "console", "--root", str(root), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LANG": "C.UTF-8", **environment},
    )


def document(container: Container, *words: str) -> Any:
    return json.loads(run(container, *words, "--json").stdout)


def test_status_json_has_the_contracts_names(shared_container: Container) -> None:
    told = document(shared_container, "status")
    assert told["container"]["root"] == str(shared_container.root)
    assert told["container"]["generation"] == "image"
    assert told["container"]["memory"].keys() == {"used_bytes", "limit_bytes"}
    assert told["container"]["disk"]["free_bytes"] > 0
    assert told["supervisor"]["reachable"] is True
    assert told["supervisor"]["state"] == "RUNNING"
    app = next(program for program in told["programs"] if program["name"] == "app")
    assert app["state"] == "RUNNING"
    assert app["memory_bytes"] > 1_000_000
    assert app["cpu_percent"] is not None
    assert {"group", "pid", "uptime_seconds", "description"} <= app.keys()
    assert [(hop["port"], hop["listening"], hop["process"]) for hop in told["request_path"]] == [
        (shared_container.http_port, True, "nginx"),
        (shared_container.app_port, True, "gunicorn"),
    ]
    assert told["static"]["state"] == "off"
    assert told["static"]["location"] == "/static/"
    assert told["venv"]["state"] == "ok"
    assert told["venv"]["rollback"] is False
    assert told["venv"]["packages"] >= 2
    assert told["job"] is None
    assert told["site_up"] is True


def test_status_for_people_says_it_in_the_first_line(shared_container: Container) -> None:
    done = run(shared_container, "status")
    assert done.returncode == 0
    first, *rest = done.stdout.splitlines()
    assert first.startswith("✓ The site is up: nginx :")
    assert any("app" in line and "RUNNING" in line for line in rest)
    assert "\x1b" not in done.stdout


def test_without_a_terminal_console_is_console_status(shared_container: Container) -> None:
    assert run(shared_container).stdout.startswith("✓ The site is up")


def test_no_container_is_exit_3_with_one_sentence_and_the_demo(tmp_path: Path) -> None:
    done = run(tmp_path, "status")
    assert done.returncode == 3
    assert f"There is no container under {tmp_path}." in done.stderr
    assert "console demo" in done.stderr
    assert "Traceback" not in done.stderr


def test_root_comes_from_the_environment_too(shared_container: Container) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console", "status", "--json"],
        capture_output=True,
        env={**os.environ, "CONSOLE_ROOT": str(shared_container.root)},
        check=True,
    )
    assert json.loads(done.stdout)["container"]["root"] == str(shared_container.root)


def test_supervisord_gone_is_exit_3_and_said(container: Container) -> None:
    from console.playground import container_down

    container_down(container.root)
    done = run(container, "status")
    assert done.returncode == 3
    assert "supervisord" in done.stdout
    restarted = run(container, "restart")
    assert restarted.returncode == 3
    assert "supervisord" in restarted.stderr


def test_restart_json_tells_state_and_answer(container: Container) -> None:
    done = run(container, "restart", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["program"] == "app"
    assert told["ok"] is True
    assert told["state"] == "RUNNING"
    assert told["http"] == {
        "port": container.app_port,
        "status": 200,
        "seconds": told["http"]["seconds"],
        "error": None,
    }
    assert told["verdict"] is None


def test_restart_of_a_broken_app_is_exit_1_with_a_verdict(container: Container) -> None:
    app = container.app / "app.py"
    app.write_text("def broken(:\n" + app.read_text())
    done = run(container, "restart", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["verdict"]["cause"] == "syntax-error"
    assert "app.py" in told["verdict"]["title"] + told["verdict"]["detail"]
    assert told["verdict"]["remedy"]
    assert any("SyntaxError" in line for line in told["verdict"]["traceback"])


def test_start_of_a_running_program_changes_nothing(shared_container: Container) -> None:
    done = run(shared_container, "start", "nginx")
    assert done.returncode == 0
    assert "RUNNING already" in done.stdout


def test_unknown_program_is_wrong_usage_and_names_those_that_are_there(shared_container: Container) -> None:
    done = run(shared_container, "restart", "nosuch")
    assert done.returncode == 2
    assert "app, nginx" in done.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("restart",), "restart app"),
        (("restart", "--graceful"), "signal HUP app"),
        (("stop", "nginx"), "stop nginx"),
        (("logs", "-f"), "tail -n 40 -F"),
        (("static", "on"), "nginx"),
        (("venv", "rebuild"), "pip install -r"),
        (("venv", "freeze"), "pip freeze"),
        (("status",), "supervisorctl"),
    ],
)
def test_explain_prints_shell_commands_and_changes_nothing(
    shared_container: Container, words: tuple[str, ...], expected: str
) -> None:
    before = document(shared_container, "status")["programs"]
    done = run(shared_container, *words, "--explain")
    assert done.returncode == 0
    assert expected in done.stdout
    after = document(shared_container, "status")["programs"]
    assert [program["pid"] for program in before] == [program["pid"] for program in after]


def test_logs_show_the_last_lines_and_grep_them(container: Container) -> None:
    log = container.log_dir / "python.log"
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(100)) + b"\x1b[31mred\x1b[0m [b]\n")
    assert run(container, "logs", "-n", "3").stdout.splitlines() == ["line 98", "line 99", "red [b]"]
    assert run(container, "logs", "python.log", "--grep", "^line 9[0-3]").stdout.splitlines() == [
        "line 90",
        "line 91",
        "line 92",
        "line 93",
    ]
    assert run(container, "logs", "nosuch").returncode == 1
    assert run(container, "logs", "--grep", "(").returncode == 2


def test_logs_follow_over_a_rotation(container: Container) -> None:
    log = container.log_dir / "extra.log"
    log.write_text("one\n")
    command = [sys.executable, "-m", "console", "--root", str(container.root), "logs", "extra.log", "-f"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "one\n"
        log.rename(log.with_name("extra.log.1"))
        log.write_text("two\n")
        assert process.stdout.readline() == "two\n"
        process.terminate()


def test_logs_quit_quietly_when_the_reader_leaves(container: Container) -> None:
    (container.log_dir / "big.log").write_text("x" * 200 + "\n" + "line\n" * 100_000)
    command = f"{sys.executable} -m console --root {container.root} logs big.log -n 100001 | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("x")
    assert done.stderr == ""


def test_static_on_is_proved_and_off_takes_it_back(container: Container) -> None:
    site = container.site_file.read_bytes()
    on = run(container, "static", "on")
    assert on.returncode == 0, on.stdout + on.stderr
    assert document(container, "static")["state"] == "on"
    assert run(container, "static", "check").returncode == 0
    assert run(container, "static", "off").returncode == 0
    assert container.site_file.read_bytes() == site


def test_static_dry_run_shows_the_diff_and_changes_nothing(shared_container: Container) -> None:
    site = shared_container.site_file.read_bytes()
    done = run(shared_container, "static", "on", "--dry-run")
    assert done.returncode == 0
    assert "+    location /static/ {" in done.stdout
    assert shared_container.site_file.read_bytes() == site


def test_venv_plan_json_has_the_contracts_names(shared_container: Container) -> None:
    told = document(shared_container, "venv", "plan")
    assert told["strategy"] == "beside"
    assert told["from"] == told["to"]
    assert told["ok"] is True
    assert told["problems"] == []
    assert told["bytes_needed"] > 0
    assert {"name", "from", "to", "how", "why", "nearest"} == told["packages"][0].keys()
    assert (told["warnings"], told["offers"]) == ([], [])


def test_an_offered_version_is_shown_and_written_only_when_accepted(container: Container) -> None:
    make_wheel(container.app / "near", "picky", "2.0")
    with container.requirements.open("a") as file:
        file.write("--find-links near\npicky==1.0\n")
    before = container.requirements.read_bytes()
    told = document(container, "venv", "plan")
    assert [offer.keys() for offer in told["offers"]] == [{"path", "diff", "reason"}]
    shown = run(container, "venv", "rebuild", "--yes")
    assert shown.returncode == 1
    assert "+picky==2.0" in shown.stdout
    assert container.requirements.read_bytes() == before
    assert run(container, "venv", "plan", "--accept-offer").returncode == 1
    assert container.requirements.read_bytes() == before
    done = run(container, "venv", "rebuild", "--yes", "--accept-offer")
    assert done.returncode == 0, done.stdout
    assert container.requirements.read_bytes() == before.replace(b"picky==1.0", b"picky==2.0")
    assert list(container.backups.glob("requirements.txt.*"))


def test_venv_rebuild_json_is_a_line_per_event_and_ends_with_done(container: Container) -> None:
    done = run(container, "venv", "rebuild", "--yes", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert events[-1]["event"] == "done"
    assert events[-1]["ok"] is True
    assert events[-1]["downtime_seconds"] > 0
    assert {"step", "step-done", "progress"} <= {event["event"] for event in events}
    fractions = [event["fraction"] for event in events if event["event"] == "progress"]
    assert fractions == sorted(fractions)
    assert run(container, "venv", "rollback", "--yes").returncode == 0


def test_venv_rebuild_without_anybody_to_ask_changes_nothing(shared_container: Container) -> None:
    done = run(shared_container, "venv", "rebuild")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert not shared_container.venv.is_symlink()


def test_a_job_that_holds_the_lock_is_exit_4(shared_container: Container) -> None:
    with held(shared_container.lock, "rebuild"):
        done = run(shared_container, "venv", "rebuild", "--yes")
        assert done.returncode == 4
        assert f"process {os.getpid()}" in done.stderr
        assert document(shared_container, "status")["job"]["kind"] == "rebuild"


def test_error_with_json_is_a_document_too(tmp_path: Path) -> None:
    told = json.loads(run(tmp_path, "status", "--json").stdout)
    assert told["error"].keys() == {"title", "cause", "remedy"}


def test_version_and_help() -> None:
    assert __version__ in run(Path("/"), "--version").stdout
    told = run(Path("/"), "--help").stdout
    for command in ("status", "restart", "logs", "static", "venv", "playground", "demo"):
        assert command in told


def test_wrong_usage_is_exit_2(shared_container: Container) -> None:
    assert run(shared_container, "static", "sideways").returncode == 2
    assert run(shared_container, "nosuch").returncode == 2


def test_interrupt_while_following_is_exit_130(container: Container) -> None:
    import signal

    command = [sys.executable, "-m", "console", "--root", str(container.root), "logs", "-f", "-n", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_a_fault_of_ours_is_a_sentence_and_its_traceback_a_file(shared_container: Container, tmp_path: Path) -> None:
    code = (
        "import sys, console.health.status as status\n"
        "def broken(container): raise ValueError('no such thing')\n"
        "status.read_status = broken\n"
        f"sys.argv = ['console', '--root', {str(shared_container.root)!r}, 'status']\n"
        "from console.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(tmp_path), "LANG": "C.UTF-8"},
    )
    assert done.returncode == 1
    assert "The console itself failed: ValueError: no such thing" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in (tmp_path / ".console" / "crash.log").read_text()
