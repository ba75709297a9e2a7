"""Whether C code could be built: looked for, not tried."""

from __future__ import annotations

from pathlib import Path

from console.venv.build_tools import read_build_tools
from tests import needs


def test_a_compiler_is_found_on_the_path_or_by_its_variable(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python3.11"
    tools = read_build_tools(python, "3.11.7", {"PATH": str(tmp_path)})
    assert (tools.compiler, tools.headers, tools.complete) == (None, None, False)
    assert "C compiler" in tools.lacking
    assert "Python.h" in tools.lacking
    for name in ("cc", "special"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert read_build_tools(python, "3.11.7", {"PATH": str(tmp_path)}).compiler == tmp_path / "cc"
    tools = read_build_tools(python, "3.11.7", {"PATH": str(tmp_path), "CC": "special -pthread"})
    assert tools.compiler == tmp_path / "special"
    assert "compiler" not in tools.lacking


def test_the_headers_are_those_of_the_very_python(tmp_path: Path) -> None:
    (tmp_path / "include" / "python3.6m").mkdir(parents=True)
    header = tmp_path / "include" / "python3.6m" / "Python.h"
    header.touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3.6").touch()
    link = tmp_path / "python"
    link.symlink_to("bin/python3.6")
    assert read_build_tools(link, "3.6.15").headers == header
    assert read_build_tools(link, "3.7.1").headers is None


def test_a_real_pythons_headers_are_found() -> None:
    for python in needs.interpreters(2):
        assert read_build_tools(python.path, python.version).headers is not None
