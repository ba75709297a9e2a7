"""`make bench`: runs the benchmarks, prints their table and writes it to docs/benchmarks.md.

With arguments only the named ones (start, launcher, idle, restart, static, login, rebuild, small, logs, logscreen),
which are printed and not written.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from console.container import Container
from console.venv.installer import SPARE_DISK
from tests import containers

from . import idle, launcher, login, logs, logscreen, rebuild, restart, small, start, static
from .measures import Row
from .tree_memory import SAMPLE_SECONDS

BENCHMARKS: dict[str, Callable[[Container], list[Row]]] = {
    "start": start.run,
    "launcher": launcher.run,
    "idle": idle.run,
    "restart": restart.run,
    "static": static.run,
    "login": login.run,
    "rebuild": rebuild.run,
    "small": small.run,
    "logs": logs.run,
    "logscreen": logscreen.run,
}
REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main(names: list[str]) -> int:
    os.environ.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # a customer's Python keeps its byte code, whatever this shell's does
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
        met = "" if not row.goal else "met" if row.ok else "**missed**"
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

The launcher's rows are the time until the first byte of output of a console that `console install` has put there. Its
peer is the same tree, started by the interpreter that the launcher chooses.

The large log is of 1 GiB with lines of nginx's access log, in the page cache; the searches count the lines that match
and are checked against grep's number. Followed lines are compared with what was written, one by one. The logs' screen
follows a program that writes in bursts of 5 ms and rotates its log twice; each run ends at another moment between two
of its four looks a second, and the slowest counts. tail shows every line, which takes a terminal longer.

The file of 10 kB is asked for on the load balancer's port, over connections that are kept open (one for the times,
{static.CONNECTIONS} for the rates), by a client in Python on the same cores: nginx alone would be quicker still. The
app is the sample app with its framework's own way to serve files, behind gunicorn and nginx, as in a container with
static files off. The guide's way to turn them on or off is the edit, `nginx -t` and `supervisorctl restart nginx`; the
visitors ask for a page of the app and for the file, which both are served before and after, every 10 ms.

The rebuilds are of a Django site with ten requirements, all of them wheels, in a container of its own. The guide's
commands run as a shell script: stop, `rm -rf`, `virtualenv`, `pip install`, start. The console's are those of
`console venv rebuild --yes`, from its start to its end, with its plan and its worker; both have installed the same
before. Where a virtualenv that a rebuild made for this Python is kept, its byte code is linked, not compiled again;
where there is none, a row of its own measures. (After a new start of the machine it is read once before it is linked.)
Where the virtualenv cannot run, as after an image switch, the app is down until the new one is in place, and what its
start does not need is compiled afterwards: counted is the time to its first answer, for both without byte code of that
Python. Downtime is the longest time without a good answer in a loop of requests, 10 ms after one another.
Restarts without byte code show what a switch would cost if the new virtualenv were not compiled beforehand.

Their container is on an ext4 with a journal, as the hosts of containers have: it is made for this, in a file, where the
machine lets one mount it. Without a journal ext4 passes over the inodes that were freed in the last minutes, which
slows down whoever removes and makes anew: the guide's commands more than a rebuild.

Memory is the largest sum of what each process has for itself (USS) over the console and all that it starts, looked at
every {SAMPLE_SECONDS * 1000:.0f} ms. That counts the code of uv too, which the kernel could drop.
The container of 128 MB is a memory cgroup (134.2 MB) that holds supervisord, nginx, the Django site and the command
that is measured, in turns the guide's and the console's; counted is what the kernel says that the group holds in no
file.

Disk is counted in blocks, each file once: uv links what it installs out of its cache in `/srv/.cache`, where that is
on the same file system, so two virtualenvs and the cache share one copy; the virtualenv before is what `rollback` goes
back to. Where less than {SPARE_DISK:g} times of what a rebuild needs is free, the cache is in the new virtualenv, and
removed after the install.
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
