"""`console logs` on a real container: which lines come, as text and as JSON."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.container import Container
from tests.logs.logging_program import append, rotate
from tests.programs import log_samples as samples

from .test_commands import run


def lines(container: Container, *words: str) -> list[str]:
    done = run(container, "logs", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def log(shared_container: Container) -> Iterator[Path]:
    """A log of three files, the oldest packed, of lines a minute apart."""
    path = shared_container.log_dir / "worker.log"
    for old in path.parent.glob("worker.log*"):
        old.unlink()
    path.write_bytes(b"".join(b"2026-11-24T10:%02d:00Z line %d\n" % (number, number) for number in range(20)))
    rotate(path)
    first = path.with_name("worker.log.1")
    path.with_name("worker.log.2.gz").write_bytes(gzip.compress(first.read_bytes()))
    first.unlink()
    append(path, b"".join(b"2026-11-24T10:%02d:00Z line %d\n" % (number, number) for number in range(20, 40)))
    rotate(path)
    append(path, b"2026-11-24T10:40:00Z \x1b[31mline\x1b[0m 40\n")
    append(path, b"2026-11-24T10:41:00Z [ERROR] line 41 \x9b2J\n" + samples.SYNTAX_ERROR_IN_A_MODULE.encode())
    yield path
    for file in path.parent.glob("worker.log*"):
        file.unlink()


def test_the_last_lines_come_from_the_rotated_files_too(shared_container: Container, log: Path) -> None:
    found = lines(shared_container, "worker.log", "-n", "40")
    assert len(found) == 40
    assert found[0].endswith(" line 9")
    assert found[-9].endswith(" line 40")


def test_grep_and_errors_give_the_lines_of_errors_that_match(shared_container: Container, log: Path) -> None:
    errors = lines(shared_container, "worker.log", "--errors")
    (found,) = lines(shared_container, "worker.log", "--errors", "--grep", "Syntax.*:")
    assert found.startswith("SyntaxError: ")
    assert found in errors
    assert lines(shared_container, "worker.log", "--errors", "--grep", "line 39") == []


def test_grep_gives_the_last_lines_that_match_not_matches_in_the_last_lines(
    shared_container: Container, log: Path
) -> None:
    assert [line[-7:] for line in lines(shared_container, "worker.log", "-n", "3", "--grep", "Z line [0-9]$")] == [
        " line 7",
        " line 8",
        " line 9",
    ]
    assert lines(shared_container, "worker.log", "--grep", "Z LINE 3$") == []
    assert len(lines(shared_container, "worker.log", "--grep", "Z LINE 3$", "-i")) == 1


def test_errors_are_error_lines_and_whole_tracebacks(shared_container: Container, log: Path) -> None:
    found = lines(shared_container, "worker.log", "--errors")
    assert "[ERROR] line 41" in found[0]
    assert found[1:] == samples.SYNTAX_ERROR_IN_A_MODULE.splitlines()


def test_since_and_until_give_all_lines_between(shared_container: Container, log: Path) -> None:
    found = lines(shared_container, "worker.log", "--since", "2026-11-24T10:15:00Z", "--until", "2026-11-24T10:25:00Z")
    assert [line.rsplit(" ", 1)[1] for line in found] == [str(number) for number in range(15, 25)]
    found = lines(shared_container, "worker.log", "--since", "2026-11-24T10:15:00Z", "-n", "2", "--grep", "Z line [12]")
    assert [line.rsplit(" ", 1)[1] for line in found] == ["28", "29"]
    assert run(shared_container, "logs", "worker.log", "--since", "soon").returncode == 2


def test_a_log_without_times_says_so(shared_container: Container) -> None:
    plain = shared_container.log_dir / "plain.log"
    plain.write_text("no time\n")
    done = run(shared_container, "logs", "plain.log", "--since", "-1h")
    plain.unlink()
    assert done.returncode == 1
    assert "no times" in done.stderr


def test_json_is_one_document_and_holds_no_raw_control_byte(shared_container: Container, log: Path) -> None:
    done = run(shared_container, "logs", "worker.log", "--json", "-n", "9")
    told = json.loads(done.stdout)
    assert told["log"] == str(log)
    assert told["lines"][0] == {
        "time": told["lines"][0]["time"],
        "level": None,
        "text": "2026-11-24T10:40:00Z \x1b[31mline\x1b[0m 40",
    }
    assert told["lines"][1]["level"] == "error"
    assert not any((ord(char) < 0x20 and char != "\n") or 0x7F <= ord(char) < 0xA0 for char in done.stdout)
    assert json.loads(run(shared_container, "logs", "worker.log", "--json", "--grep", "nowhere").stdout)["lines"] == []


def test_merged_has_all_logs_and_the_restarts_between(container: Container) -> None:
    assert run(container, "restart").returncode == 0
    found = lines(container, "--merged")
    assert any(line.startswith("app ") and "Booting worker" in line for line in found)
    assert any(line.startswith("nginx ") for line in found)
    assert any(line.startswith("── ") and "app stopped" in line for line in found)
    told = json.loads(run(container, "logs", "--merged", "--json", "--since", "-1h").stdout)
    assert {"app", "nginx", "supervisord"} <= {line["source"] for line in told["lines"]}
    assert {"program": "app", "what": "stopped", "detail": "exit status 0"} in [line["event"] for line in told["lines"]]
    assert all("Booting" in line for line in lines(container, "--merged", "--grep", "Booting"))
    errors = lines(container, "--merged", "--errors")
    assert not any("Booting" in line for line in errors)


def test_merged_leaves_out_what_cannot_be_read_and_says_so(container: Container) -> None:
    log = container.log_dir / "nginx.log"
    aside = log.rename(log.with_suffix(".aside"))
    log.mkdir()
    try:
        done = run(container, "logs", "--merged")
    finally:
        log.rmdir()
        aside.rename(log)
    assert done.returncode == 0
    assert "Left out, as it cannot be read: nginx (" in done.stderr
    assert "Booting worker" in done.stdout
    assert not any(line.startswith("nginx ") for line in done.stdout.splitlines())


def test_following_goes_on_with_the_same_choice(shared_container: Container, log: Path) -> None:
    command = [sys.executable, "-m", "console", "--root", str(shared_container.root)]
    command += ["logs", "worker.log", "-f", "--json", "--grep", "wanted", "-n", "1"]
    append(log, b"wanted 0\nother\n")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["text"] == "wanted 0"
        append(log, b"other\nwanted 1\n")
        rotate(log)
        append(log, b"other\nwanted 2\n")
        assert [json.loads(process.stdout.readline())["text"] for _each in range(2)] == ["wanted 1", "wanted 2"]
        process.terminate()


def test_clear_asks_and_empties_the_log_of_a_program_that_runs(container: Container) -> None:
    path = container.log_dir / "python.log"
    refused = run(container, "logs", "--clear")
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert path.stat().st_size
    assert "clear app" in run(container, "logs", "--clear", "--explain").stdout
    done = run(container, "logs", "--clear", "--yes", "--json")
    assert json.loads(done.stdout)["program"] == "app"
    assert json.loads(done.stdout)["bytes"] > 0
    assert path.stat().st_size < json.loads(done.stdout)["bytes"]
    assert run(container, "logs", "python.log", "--clear", "--yes").returncode == 1
    assert run(container, "stop", "nginx").returncode == 0
    log = container.log_dir / "nginx.log"
    append(log, b"something\n")
    kept = run(container, "logs", "nginx", "--clear", "--yes")
    assert kept.returncode == 1
    assert "programs that run" in kept.stderr
    assert log.read_bytes().endswith(b"something\n")


@pytest.mark.parametrize(
    "words",
    [
        ("--until", "-1h", "-f"),
        ("--merged", "app"),
        ("--clear", "-f"),
        ("--grep", "(x"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(shared_container: Container, words: tuple[str, ...]) -> None:
    assert run(shared_container, "logs", *words).returncode == 2


def test_a_reader_that_leaves_is_no_error(shared_container: Container, log: Path) -> None:
    append(log, b"a line\n" * 200_000)
    for options in ("-n 200000", "--since 2026-11-24T10:00:00Z", "--json -n 200000", "--merged -n 100000"):
        name = "" if "merged" in options else "worker.log"
        command = f"{sys.executable} -m console --root {shared_container.root} logs {name} {options} | head -n 1"
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
        assert done.stdout
        assert done.stderr == ""


def test_an_interrupt_ends_a_search_at_once(shared_container: Container) -> None:
    import signal

    big = shared_container.log_dir / "big.log"
    with big.open("wb") as file:
        file.truncate(20 * 1024**3)  # a hole: as large as one likes, and on no disk
    command = [sys.executable, "-m", "console", "--root", str(shared_container.root), "logs", "big.log", "--grep", "x"]
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            time.sleep(1.5)
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            assert process.wait(5) == 130
            assert process.stderr is not None
            assert "Traceback" not in process.stderr.read()
    finally:
        big.unlink()
