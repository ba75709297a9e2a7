"""The kernel's count of processes killed for want of memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.programs.oom import oom_kills

V1 = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"
V2 = "low 0\nhigh 0\nmax 17\noom 4\noom_kill 5\noom_group_kill 0\n"


def tree(root: Path, groups: str, files: dict[str, str]) -> int | None:
    """The count in a file system like /sys/fs/cgroup, for a process whose /proc/self/cgroup is ``groups``."""
    proc = root / "proc" / "self"
    proc.mkdir(parents=True)
    (proc / "cgroup").write_text(groups)
    for name, text in files.items():
        path = root / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return oom_kills(root / "cgroup", root / "proc")


@pytest.mark.parametrize(
    ("groups", "files", "count"),
    [
        ("0::/app\n", {"app/memory.events": V2}, 5),
        ("0::/docker/abc\n", {"memory.events": V2}, 5),  # a container sees its own group at the root
        ("9:name=systemd:/\n4:memory:/app\n0::/\n", {"memory/app/memory.oom_control": V1}, 3),
        ("4:cpu,memory:/docker/abc\n", {"memory/memory.oom_control": V1}, 3),
        ("4:memory:/\n", {"memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\n"}, None),  # before 4.13
        ("0::/app\n", {}, None),
        ("nonsense\n", {}, None),
        ("0::/app\n", {"app/memory.events": "oom_kill many\n"}, None),
    ],
)
def test_the_own_groups_count(tmp_path: Path, groups: str, files: dict[str, str], count: int | None) -> None:
    assert tree(tmp_path, groups, files) == count


def test_without_cgroups_nothing_is_known(tmp_path: Path) -> None:
    assert oom_kills(tmp_path, tmp_path) is None
