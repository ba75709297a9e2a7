"""Whether a login shell comes to .bashrc: our reading of its files against a real bash."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from console.login.startup_files import reading_problem

PLAIN = "[ -f ~/.bashrc ] && . ~/.bashrc\n"
DEBIAN = """\
if [ -n "$BASH_VERSION" ]; then
    if [ -f "$HOME/.bashrc" ]; then
\t. "$HOME/.bashrc"
    fi
fi
"""
CASES: dict[str, tuple[dict[str, str], bool]] = {
    "the container's": ({".bash_profile": PLAIN}, True),
    "nothing": ({}, False),
    "only .profile": ({".profile": PLAIN}, True),
    "a profile that does not": ({".bash_profile": "export A=1\n"}, False),
    "a profile before a good .profile": ({".bash_profile": "export A=1\n", ".profile": PLAIN}, False),
    "a .bash_login before a good .profile": ({".bash_login": "export A=1\n", ".profile": PLAIN}, False),
    "by way of .profile": ({".bash_profile": ". ~/.profile\n", ".profile": PLAIN}, True),
    "in a circle": ({".bash_profile": "[ $A ] || A=1 . ~/.bash_profile\n"}, False),
    "in a comment": ({".bash_profile": "# . ~/.bashrc\ntrue # . ~/.bashrc\n"}, False),
    "source, quotes and braces": ({".bash_profile": 'if true; then source "${HOME}/.bashrc"; fi\n'}, True),
    "Debian's": ({".profile": DEBIAN}, True),
    "other bytes": ({".bash_profile": "export A='\udcff'\n" + PLAIN}, True),
}


@pytest.mark.parametrize(("files", "reads"), CASES.values(), ids=CASES)
def test_it_says_what_bash_does(tmp_path: Path, files: dict[str, str], reads: bool) -> None:
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    (tmp_path / ".bashrc").write_text("echo was read\n")
    done = subprocess.run(
        ["bash", "--login", "-c", "true"],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("was read" in done.stdout) is reads
    problem = reading_problem(tmp_path)
    assert (problem is None) is reads
    if problem is not None:
        assert ". ~/.bashrc" in problem.remedy
