"""The command by which the console starts itself again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from console import own_python
from console.own_python import own_command, own_tree, own_variables

PACKAGE = Path(own_python.__file__).parent


def test_from_an_environment_it_is_a_module_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert own_tree() is None
    assert own_command("console.venv.worker", "a", "b") == [sys.executable, "-m", "console.venv.worker", "a", "b"]
    assert own_variables() == {"PYTHONPATH": f"{PACKAGE.parent}:/elsewhere"}


def test_from_a_tree_it_is_the_tree_and_no_variable_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / own_python.TREE_FACTS).write_text("{}")
    (tmp_path / "__main__.py").write_bytes((PACKAGE / "installation" / "entry.py").read_bytes())
    (tmp_path / "telling.py").write_text("import sys; print(__name__, sys.argv[1:])")
    (tmp_path / "json.py").write_text("raise SystemExit('not the library')")
    monkeypatch.setattr(own_python, "_PACKAGES", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert own_tree() == str(tmp_path)
    assert own_variables() == {}
    run = subprocess.run(own_command("telling", "-m", "a b"), capture_output=True, text=True, check=True)
    assert run.stdout == "__main__ ['-m', 'a b']\n"
    run = subprocess.run(own_command("json.tool"), input="[1]", capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["[", "1", "]"]  # Python's own library comes before the tree


def test_nothing_else_starts_a_module_by_itself() -> None:
    """A tree's modules are not found by `python -m`."""
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "sys.executable" in path.read_text("utf-8") and path.name != "own_python.py"
    }
    assert found == {"playground/interpreters.py"}  # the machine's Pythons, this one among them
