"""What is imported when: the quick commands must not pay for what they do not use."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from console.container import Container

# Loaded modules after a whole command has run in a process of its own.
PROBE = """
import sys
from console.__main__ import main
sys.argv = ["console", *{words!r}]
try:
    main()
except SystemExit:
    pass
print("MODULES", *sorted(sys.modules), file=sys.stderr)
"""


def modules_after(container: Container, *words: str) -> set[str]:
    code = PROBE.format(words=["--root", str(container.root), *words])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.rsplit("MODULES", 1)[1].split())


@pytest.mark.parametrize("words", [("status",), ("status", "--json"), ("logs",), ("restart", "--explain"), ("static",)])
def test_textual_and_rich_are_never_imported(shared_container: Container, words: tuple[str, ...]) -> None:
    assert not modules_after(shared_container, *words) & {"textual", "rich"}


def test_the_notice_at_a_login_loads_nothing_heavy(shared_container: Container) -> None:
    code = PROBE.format(words=["login", "notice"])
    environment = {**os.environ, "CONSOLE_ROOT": str(shared_container.root)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert "The site is up" in done.stdout
    modules = set(done.stderr.rsplit("MODULES", 1)[1].split())
    assert not modules & {"textual", "rich", "click", "psutil", "asyncio", "http.client", "subprocess"}


def test_the_plain_line_stands_before_anything_heavy_is_loaded(shared_container: Container) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from console.container import find_container\n"
        "from console.cli.full_screen import plain_line\n"
        f"print(plain_line(find_container(Path({str(shared_container.root)!r}))))\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    line, modules = done.stdout.splitlines()
    assert "app RUNNING" in line
    assert not set(modules.split()) & {
        "textual",
        "rich",
        "psutil",
        "asyncio",
        "http.client",
        "subprocess",
    }
