"""Where a git checkout came from: real repositories of git, read without it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from console.venv.checkout import checkout_link
from tests import needs


def _git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    command = [str(needs.program("git")), "-C", str(folder), *who, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "tool"
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://h/u/tool.git", "git+https://h/u/tool.git"),
        ("git@h:u/tool.git", "git+ssh://git@h/u/tool.git"),
        ("ssh://git@h:22/u/tool.git", "git+ssh://git@h:22/u/tool.git"),
        ("/srv/tool.git", None),
        ("file:///srv/tool.git", None),
    ],
)
def test_its_origin_and_its_commit_are_told(repository: Path, url: str, link: str | None) -> None:
    assert checkout_link(repository) is None
    _git(repository, "remote", "add", "upstream", "https://h/other.git")
    _git(repository, "remote", "add", "origin", url)
    expected = link and f"{link}@{_git(repository, 'rev-parse', 'HEAD')}"
    assert checkout_link(repository) == expected
    _git(repository, "pack-refs", "--all")
    assert checkout_link(repository) == expected
    _git(repository, "checkout", "-q", "--detach")
    assert checkout_link(repository) == expected


def test_what_is_none_has_none(tmp_path: Path, repository: Path) -> None:
    assert checkout_link(tmp_path) is None
    _git(repository, "remote", "add", "origin", "https://h/u/tool.git")
    for head in ("ref: ../../secret", "ref: a\0b", "", "x" * 40):
        (repository / ".git" / "HEAD").write_text(head)
        assert checkout_link(repository) is None
