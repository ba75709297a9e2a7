"""Which files the log folder has, and which one a name means."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.errors import ConsoleError
from console.logs.files import find_log, log_files, readable
from console.results import Program


@pytest.fixture
def here(tmp_path: Path) -> Container:
    (tmp_path / "srv/conf/supervisor.d").mkdir(parents=True)
    (tmp_path / "srv/logs").mkdir()
    (tmp_path / "srv/app").mkdir()
    return find_container(tmp_path)


def put(path: Path, data: bytes = b"line\n", age: int = 0) -> Path:
    path.write_bytes(data)
    os.utime(path, (1_700_000_000 - age,) * 2)
    return path


def program(name: str, log: Path | None, *, group: str | None = None, errors: Path | None = None) -> Program:
    return Program(name, group or name, "RUNNING", 1, 1.0, None, None, "", log_file=log, error_log_file=errors)


def test_newest_first_with_size_age_and_program(here: Container) -> None:
    put(here.log_dir / "nginx.log", b"12345", age=60)
    put(here.log_dir / "python.log", b"1", age=10)
    put(here.log_dir / "python.log.1", b"123", age=3600)
    put(here.log_dir / "python.log.2.gz", b"12", age=7200)
    put(here.log_dir / "other.txt", b"", age=0)
    programs = [program("app", here.log_dir / "python.log"), program("nginx", here.log_dir / "nginx.log")]
    assert [(log.path.name, log.bytes, log.program) for log in log_files(here, programs)] == [
        ("other.txt", 0, None),
        ("python.log", 1, "app"),
        ("nginx.log", 5, "nginx"),
        ("python.log.1", 3, "app"),
        ("python.log.2.gz", 2, "app"),
    ]
    assert log_files(here)[0].modified.timestamp() == 1_700_000_000


def test_a_programs_log_elsewhere_and_its_error_log_are_there(here: Container) -> None:
    elsewhere = put(here.app / "worker.log")
    errors = put(here.log_dir / "worker-errors.log")
    logs = log_files(here, [program("worker", elsewhere, errors=errors)])
    assert {(log.path, log.program) for log in logs} == {(elsewhere, "worker"), (errors, "worker")}


def test_only_regular_files_count(here: Container) -> None:
    os.mkfifo(here.log_dir / "pipe")
    (here.log_dir / "folder").mkdir()
    assert log_files(here, [program("app", Path("/dev/null"))]) == ()


def test_symlinks_count_where_they_lead_to_a_file_under_srv(here: Container, tmp_path: Path) -> None:
    (here.log_dir / "inside.log").symlink_to(put(here.app / "real.log", b"12"))
    (here.log_dir / "outside.log").symlink_to(put(tmp_path / "secret"))
    (here.log_dir / "broken.log").symlink_to("nowhere")
    (here.log_dir / "loop.log").symlink_to("loop.log")
    assert [(log.path.name, log.bytes) for log in log_files(here)] == [("inside.log", 2)]


def test_a_missing_folder_has_no_files(here: Container) -> None:
    here.log_dir.rmdir()
    assert log_files(here) == ()


def test_a_program_means_its_log_even_before_it_exists(here: Container) -> None:
    programs = [program("app", here.log_dir / "python.log"), program("w_00", here.log_dir / "w0.log", group="w")]
    assert find_log(here, "app", programs) == here.log_dir / "python.log"
    assert find_log(here, "w:w_00", programs) == here.log_dir / "w0.log"


def test_a_file_of_the_folder_is_found_by_name_with_or_without_log(here: Container) -> None:
    put(here.log_dir / "cron.log")
    put(here.log_dir / "python.log.1")
    assert find_log(here, "cron.log") == here.log_dir / "cron.log"
    assert find_log(here, "cron") == here.log_dir / "cron.log"
    assert find_log(here, str(here.log_dir / "python.log.1")) == here.log_dir / "python.log.1"


def test_the_usual_programs_are_known_without_supervisord(here: Container) -> None:
    assert find_log(here, "app") == here.log_dir / "python.log"
    assert find_log(here, "nginx") == here.log_dir / "nginx.log"
    assert find_log(here, "supervisord") == here.supervisor_log


def test_an_unknown_name_says_what_there_is(here: Container) -> None:
    put(here.log_dir / "cron.log")
    with pytest.raises(ConsoleError) as raised:
        find_log(here, "nothing", [program("worker", here.log_dir / "worker.log")])
    assert "nothing" in raised.value.title
    assert "worker" in raised.value.cause
    assert "cron.log" in raised.value.cause


@pytest.mark.parametrize(
    "name", ["../app/settings.py", "/etc/passwd", "../logs/../app/settings.py", "..", ".", "a/../../x"]
)
def test_a_path_that_leaves_the_folder_is_refused(here: Container, name: str) -> None:
    put(here.app / "settings.py")
    with pytest.raises(ConsoleError):
        find_log(here, name)


def test_a_symlink_out_of_srv_is_refused(here: Container, tmp_path: Path) -> None:
    (here.log_dir / "outside.log").symlink_to(put(tmp_path / "secret"))
    with pytest.raises(ConsoleError):
        find_log(here, "outside.log")


def test_logs_that_cannot_be_read_are_left_out_and_named(here: Container) -> None:
    (here.log_dir / "nginx.log").mkdir()
    logs = {
        "app": put(here.log_dir / "python.log"),
        "nginx": here.log_dir / "nginx.log",
        "later": here.log_dir / "later.log",
    }

    found, said = readable(logs)

    assert found == {"app": logs["app"], "later": logs["later"]}
    assert said == f"Left out, as it cannot be read: nginx ({logs['nginx']} is no regular file.)."


def test_nothing_is_said_where_all_can_be_read(here: Container) -> None:
    logs = {"app": put(here.log_dir / "python.log"), "later": here.log_dir / "later.log"}
    assert readable(logs) == (logs, "")


def test_where_no_log_can_be_read_the_reason_is_an_error(here: Container) -> None:
    (here.log_dir / "python.log").mkdir()
    with pytest.raises(ConsoleError, match="is no regular file"):
        readable({"app": here.log_dir / "python.log"})
