"""Reading large logs: the last screen, memory, searches against grep, following a fast writer over rotations."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from console.container import Container
from console.logs.follow import Follower
from console.logs.pattern import make_pattern
from console.logs.search import count_wanted
from console.logs.timeline import Timeline
from console.logs.wanted import Errors, Matching
from tests.terminal import console

from .measures import Row, limit_row, medians, megabytes, milliseconds, ratio_row, time_until, told_row

SIZE = 1024**3
RUNS = 3
RATE = 100_000  # lines a second
SECONDS = 5
LAST = "GET /last"
EXPRESSION = r'" 50[0-9] |hay.*needle'

# What the process grows by that opens a log, goes through pages of it and searches it whole.
MEMORY = """
import sys
from pathlib import Path
from console.logs.pattern import make_pattern
from console.logs.search import count_wanted
from console.logs.timeline import Timeline
from console.logs.wanted import Matching

def bytes_of(name):
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields[name].split()[0]) * 1024

wanted = Matching(make_pattern("needle in the hay"))
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew: proc_pid_clear_refs(5)
before = bytes_of("VmRSS")
with Timeline(Path(sys.argv[1])) as timeline:
    for part in range(20):
        position = timeline.at_fraction(part / 20)
        for page in range(20):
            lines = timeline.before(position, 50) if part else timeline.after(position, 50)
            position = lines[0].position if lines else position
    count_wanted(timeline, wanted)
print(bytes_of("VmHWM") - before)
"""

# As a program behind supervisord: so many lines a second, its log rotated by renaming.
WRITER = """
import os, sys, time
path, rate, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
file = open(path, "ab", buffering=0)
number, begun = 0, time.monotonic()
rotate_at = [rate * seconds * share for share in (0.3, 0.6)]
while (passed := time.monotonic() - begun) < seconds:
    due = int(passed * rate)
    file.write(b"".join(b"%d a line like many others\\n" % one for one in range(number, due)))
    number = max(number, due)
    if rotate_at and number >= rotate_at[0]:
        del rotate_at[0]
        file.close()
        if os.path.exists(path + ".1"):
            os.replace(path + ".1", path + ".2")
        os.replace(path, path + ".1")
        file = open(path, "ab", buffering=0)
    time.sleep(0.005)
print(number)
"""


def run(container: Container) -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix="bench-logs-", dir=container.log_dir))
    try:
        large, small = folder / "large.log", folder / "small.log"
        _write_log(large, SIZE)
        _write_log(small, 1000)
        return [*_last_screen(container, large, small), _memory(large), *_searches(large), _following(folder)]
    finally:
        shutil.rmtree(folder)


def _write_log(path: Path, size: int) -> None:
    line = b'127.0.0.1 - - [25/Nov/2026:03:%02d:%02d +0000] "GET /shop/item/%d HTTP/1.1" 200 %d "-" "Mozilla/5.0"\n'
    block = b"".join(line % (n // 60 % 60, n % 60, n * 7919 % 99991, n * 31 % 9973) for n in range(20_000))
    last = b'127.0.0.1 - - [25/Nov/2026:23:59:59 +0000] "%s HTTP/1.1" 200 1 "-" "needle in the hay"\n'
    end = last % b"GET /first" + last % LAST.encode()
    with path.open("wb") as file:
        left = size - len(end)
        while left > 0:
            # Whole lines.
            piece = block if left >= len(block) else block[: block.rfind(b"\n", 0, max(left, 200)) + 1]
            file.write(piece)
            left -= len(block)
        file.write(end)


def _last_screen(container: Container, large: Path, small: Path) -> list[Row]:
    for path in (large, small):
        link = container.log_dir / path.name
        link.unlink(missing_ok=True)
        link.hardlink_to(path)
    try:
        commands = {
            "console": console(container.root, "logs", large.name),
            "console, 1 kB": console(container.root, "logs", small.name),
            "less +G": ["less", "+G", str(large)],
            "lnav": ["lnav", str(large)],
        }
        there = {name: command for name, command in commands.items() if shutil.which(command[0])}
        runs: dict[str, list[list[float]]] = {name: [] for name in there}
        for number in range(3 * RUNS):
            for name, command in there.items():
                if number < RUNS or name.startswith("console"):
                    runs[name].append(time_until(command, LAST))
    finally:
        for path in (large, small):
            (container.log_dir / path.name).unlink()
    times = {name: medians(found)[0] for name, found in runs.items()}
    ours = times["console"]
    small_one = times["console, 1 kB"]
    rows = [ratio_row("the last lines of 1 GiB, against those of 1 kB", ours, small_one, 1.1, milliseconds)]
    for peer in ("less +G", "lnav"):
        if peer in times:
            rows.append(told_row(f"the last lines of 1 GiB, against `{peer}`", ours, times[peer], milliseconds))
        else:
            print(f"{peer} is not installed: not measured.", file=sys.stderr)
    return rows


def _memory(large: Path) -> Row:
    done = subprocess.run([sys.executable, "-c", MEMORY, str(large)], capture_output=True, text=True, check=True)
    name = "memory for paging through 1 GiB and searching it"
    return limit_row(name, int(done.stdout), None, 4_000_000, megabytes)


def _searches(large: Path) -> list[Row]:
    def ours(wanted: Matching | Errors) -> Callable[[], object]:
        def count() -> int | None:
            with Timeline(large) as timeline:
                return count_wanted(timeline, wanted)

        return count

    def grep(*words: str) -> Callable[[], object]:
        def count() -> int:
            done = subprocess.run(["grep", "-c", *words, str(large)], capture_output=True, check=False)
            return int(done.stdout)

        return count

    text = "needle in the hay"
    pairs = {
        "literal": (ours(Matching(make_pattern(text))), grep("-F", text)),
        "blind": (ours(Matching(make_pattern(text.upper(), ignore_case=True))), grep("-iF", text.upper())),
        "regex": (ours(Matching(make_pattern(EXPRESSION, regex=True))), grep("-E", EXPRESSION)),
        "many": (ours(Matching(make_pattern("item/12345 "))), grep("-F", "item/12345 ")),
    }
    for name, (one, other) in pairs.items():
        if one() != other():  # warms the cache too
            raise AssertionError(f"{name}: the console and grep do not find the same")
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in pairs}
    errors: list[float] = []
    for _run in range(RUNS):
        for name, functions in pairs.items():
            for function, found in zip(functions, times[name], strict=True):
                found.append(_timed(function))
        errors.append(_timed(ours(Errors())))
    median = {name: (statistics.median(one), statistics.median(other)) for name, (one, other) in times.items()}
    in_a_table = EXPRESSION.replace("|", "\\|")
    return [
        ratio_row("search in 1 GiB for a text, against `grep -F`", *median["literal"], 1.3, milliseconds),
        told_row("the same where case does not matter, against `grep -iF`", *median["blind"], milliseconds),
        told_row(f"the same for `{in_a_table}`, against `grep -E`", *median["regex"], milliseconds),
        told_row("the same for an item's number, against `grep -F`", *median["many"], milliseconds),
        Row("all errors of 1 GiB", milliseconds(statistics.median(errors)), "–", None, "", True),
    ]


def _timed(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def _following(folder: Path) -> Row:
    path = folder / "followed.log"
    path.write_bytes(b"")
    got: list[bytes] = []
    with Follower(path) as follower:
        command = [sys.executable, "-c", WRITER, str(path), str(RATE), str(SECONDS)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            while writer.poll() is None:
                got += follower.poll().lines
                if not follower.behind:
                    time.sleep(0.25)
            assert writer.stdout is not None
            written = int(writer.stdout.read())
        while fresh := follower.poll().lines:
            got += fresh
    rotated = len(list(folder.glob("followed.log.*")))
    expected = [b"%d a line like many others" % number for number in range(written)]
    lost = len(set(expected) - set(got))
    right = got == expected and rotated == 2
    name = f"lines lost of {RATE:,} a second for {SECONDS} s over {rotated} rotations"
    return Row(name, f"{lost:,}", f"{written:,} written", None, "0, each once and in order", right)
