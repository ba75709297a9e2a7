"""requirements.txt with the files that it includes."""

from __future__ import annotations

from pathlib import Path

from console.venv.requirements import read_requirements


def test_a_file_that_includes_itself_or_a_missing_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r requirements.txt\n-r gone.txt\nfoo bar\n-r https://h/r.txt\n")
    found = read_requirements(tmp_path / "requirements.txt")
    assert len(found.problems) == 3
    assert "includes itself" in found.problems[0]
    assert "gone.txt" in found.problems[1]
    assert "line 3" in found.problems[2]
