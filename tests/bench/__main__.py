"""`make bench`: runs the benchmarks, prints their table and writes it to docs/benchmarks.md.

With arguments only the named ones (start, idle, restart, rebuild), printed and not written.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from console.container import Container
from tests import containers

from . import idle, rebuild, restart, start
from .measures import Row

BENCHMARKS: dict[str, Callable[[Container], list[Row]]] = {
    "start": start.run,
    "idle": idle.run,
    "restart": restart.run,
    "rebuild": rebuild.run,
}
REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main(names: list[str]) -> int:
    chosen = {name: BENCHMARKS[name] for name in names} if names else BENCHMARKS
    container = containers.make()
    rows: list[Row] = []
    try:
        for name, run in chosen.items():
            print(f"{name} …", file=sys.stderr, flush=True)
            rows += run(container)
    finally:
        containers.remove(container.root)
    table = as_table(rows)
    print(table)
    if not names:
        REPORT.write_text(as_report(table))
    return 0


def as_table(rows: list[Row]) -> str:
    lines = ["| what | console | peer | ratio | goal | |", "|---|--:|--:|--:|---|---|"]
    for row in rows:
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
        met = "met" if row.ok else "**missed**"
        lines.append(f"| {row.name} | {row.console} | {row.peer} | {ratio} | {row.goal} | {met} |")
    return "\n".join(lines)


def as_report(table: str) -> str:
    when = datetime.now().astimezone().strftime("%Y-%m-%d")
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"""# Benchmarks

Made by `make bench` on {when} ({machine}).

The console and its peers take turns in one run, on a playground container with the sample app, in a terminal of 80x24
with TERM=xterm; times and ratios are medians.

{table}

The empty app is a Textual app with one word on its screen. The rewritten table is a Textual DataTable whose rows
are written anew every second. The sources are in `tests/bench`.
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
