"""How often the kernel has killed a process of this container because its memory was used up."""

from __future__ import annotations

from pathlib import Path


def oom_kills(cgroup: Path = Path("/sys/fs/cgroup"), proc: Path = Path("/proc")) -> int | None:
    """The count of the own cgroup, v1 or v2, since it was made; None where the kernel does not tell.

    Fields ``oom_kill`` of memory.events (v2) and memory.oom_control (v1), Documentation/admin-guide/cgroup-v*.
    """
    try:
        lines = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return None
    groups = [line.split(":", 2) for line in lines if line.count(":") >= 2]
    places = [
        (cgroup / "memory", path, "memory.oom_control") for _n, names, path in groups if "memory" in names.split(",")
    ]
    places += [(cgroup, path, "memory.events") for _n, names, path in groups if not names]
    for base, path, name in places:
        # Inside a container the group's own path is often not mounted; its files then lie at the mount's root.
        for folder in (base / path.lstrip("/"), base):
            count = _field(folder / name)
            if count is not None:
                return count
    return None


def _field(path: Path) -> int | None:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    counts = [line.split()[1] for line in lines if line.startswith("oom_kill ")]
    return int(counts[0]) if counts and counts[0].isdigit() else None
