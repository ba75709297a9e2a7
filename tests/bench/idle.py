"""What the console costs while nobody touches it: bytes over the line and CPU, in a minute."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

from console.container import Container
from tests.terminal import console

from .measures import Row, at_rest, kilobytes, limit_row, percent
from .peers import REWRITTEN_TABLE

MINUTE = 60.0
SETTLE = 65.0  # programs younger than a minute tell their age in seconds


def run(container: Container) -> list[Row]:
    commands = {
        "console": (console(container.root), r"The site is up"),
        "rewritten table": (REWRITTEN_TABLE, "READY"),
    }
    if shutil.which("htop"):
        commands["htop"] = (["htop"], r"F10|Quit")
    with ThreadPoolExecutor() as pool:
        futures = {
            name: pool.submit(at_rest, command, ready, settle=SETTLE, seconds=MINUTE)
            for name, (command, ready) in commands.items()
        }
        rest = {name: future.result() for name, future in futures.items()}
    rows = []
    for name, peer in rest.items():
        if name == "console":
            continue
        ours = rest["console"]
        rows.append(
            limit_row(f"bytes in an idle minute, beside {name}", ours.bytes_sent, peer.bytes_sent, 30_000, kilobytes)
        )
        rows.append(
            limit_row(
                f"share of a core while idle, beside {name}",
                ours.cpu_seconds / MINUTE,
                peer.cpu_seconds / MINUTE,
                0.005,
                percent,
            )
        )
    return rows
