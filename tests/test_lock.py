"""One job at a time, and everybody else is told whose turn it is."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest

from console.errors import ConsoleError, Locked
from console.lock import held, holder

HOLDER = """
import sys, time
from pathlib import Path
from console.lock import held
with held(Path(sys.argv[1]), "rebuild"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".console" / "lock"


def holding(path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], cwd=Path(__file__).parents[1], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_nobody_holds_a_lock_that_was_never_taken(path: Path) -> None:
    assert holder(path) is None


def test_the_holder_is_told(path: Path) -> None:
    with held(path, "static"):
        told = holder(path)
        assert told is not None
        assert (told["kind"], told["pid"]) == ("static", os.getpid())
        since = datetime.fromisoformat(str(told["since"]))
        assert since.tzinfo is not None
        began = datetime.fromtimestamp(psutil.Process().create_time()).astimezone()
        assert abs(datetime.fromisoformat(str(told["started"])) - began) < timedelta(seconds=3)
    assert holder(path) is None


def test_the_second_job_is_refused_and_told_who_holds_it(path: Path) -> None:
    with holding(path) as process:
        with pytest.raises(Locked) as raised, held(path, "static"):
            pass
        process.kill()
    assert "rebuild" in raised.value.title
    assert str(process.pid) in raised.value.title
    assert raised.value.exit_code == 4


def test_a_killed_holder_holds_nothing(path: Path) -> None:
    with holding(path) as process:
        process.kill()
    assert holder(path) is None
    with held(path, "static"):
        pass


def test_two_threads_cannot_hold_it_either(path: Path) -> None:
    with held(path, "static"), pytest.raises(Locked), held(path, "static"):
        pass


def test_the_lock_ends_with_an_exception(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), held(path, "static"):
        raise ZeroDivisionError
    assert holder(path) is None


def test_a_program_started_by_the_holder_does_not_inherit_it(path: Path) -> None:
    with held(path, "static"):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        assert holder(path) is None
    finally:
        child.kill()
        child.wait()


def test_looking_at_the_holder_never_refuses_a_job(path: Path) -> None:
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            holder(path)

    lookers = [threading.Thread(target=look) for _number in range(3)]
    for each in lookers:
        each.start()
    try:
        for _number in range(300):
            with held(path, "static"):
                pass
    finally:
        stop.set()
        for each in lookers:
            each.join()


def test_a_shorter_text_leaves_nothing_of_a_longer_one(path: Path) -> None:
    with held(path, "a very long kind of job"):
        pass
    with held(path, "x"):
        told = holder(path)
    assert told is not None
    assert told["kind"] == "x"


def test_the_refused_are_told_the_time_of_day_and_another_day_s_date(path: Path) -> None:
    now = datetime.now().astimezone()
    with held(path, "static"):
        for since, words in (
            (now, rf"since {now:%H:%M}\)\.$"),
            (now - timedelta(days=2), rf"since {now - timedelta(days=2):%Y-%m-%d %H:%M}\)\.$"),
            ("soon", r"since \?\)\.$"),
        ):
            told = since if isinstance(since, str) else since.isoformat(timespec="seconds")
            path.write_text(json.dumps({"kind": "static", "pid": 1, "since": told}))
            with pytest.raises(Locked) as raised, held(path, "rebuild"):
                pass
            assert re.search(words, raised.value.title)


@pytest.mark.parametrize(("seconds", "taken"), [(0.3, True), (30.0, False)])
def test_a_child_that_has_not_begun_its_program_keeps_nobody_waiting_for_long(
    path: Path, seconds: float, taken: bool
) -> None:
    """A holder that is killed between fork and exec: its lock lives on in the child."""
    code = HOLDER.replace(
        '    print("held", flush=True)\n',
        f"    import os\n    if os.fork() == 0:\n        time.sleep({seconds})\n        os._exit(0)\n"
        '    print("held", flush=True)\n',
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    process.kill()
    process.wait()
    try:
        if taken:
            with held(path, "recover"):
                told = holder(path)
            assert told is not None
            assert told["pid"] == os.getpid()
        else:
            with pytest.raises(Locked), held(path, "recover"):
                pass
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()


@pytest.mark.parametrize("text", ["", "no json", "[]"])
def test_a_damaged_text_does_not_hide_the_holder(path: Path, text: str) -> None:
    with held(path, "static"):
        path.write_text(text)
        assert holder(path) == {}
        with pytest.raises(Locked, match=r"\?"), held(path, "rebuild"):
            pass


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConsoleError), held(tmp_path / "file" / "lock", "static"):
        pass
