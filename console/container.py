"""Where everything is: the two generations of containers, found by looking, under one root.

The generations differ in the places of logs, interpreters and the site file; a container is recognised by
these, never by asking. supervisord's own configuration, where it can be read, has the last word on its
socket and its log.
"""

from __future__ import annotations

import configparser
import os
import re
from dataclasses import dataclass
from pathlib import Path

from .errors import NothingThere
from .results import Disk, Memory
from .text import _

APP_PORT = 8080
HTTP_PORT = 8000
_SITE_FILES = {"image": "python.conf", "runtime": "app.conf"}


@dataclass(frozen=True)
class Container:
    """The places of one container. Paths need not exist, except ``srv``.

    ``generation`` is "image" (Python in /opt/python, switched from outside) or "runtime" (several in
    /opt/techs, chosen by the symlink /srv/bin/primary_tech). ``interpreters`` are the image's Pythons, the
    chosen one first. ``http_port`` is where the load balancer asks, ``app_port`` where nginx passes on.
    """

    root: Path
    generation: str
    srv: Path
    app: Path
    venv: Path
    log_dir: Path
    site_file: Path
    requirements: Path
    supervisor_conf: Path
    supervisor_socket: Path
    supervisor_log: Path
    interpreters: tuple[Path, ...]
    http_port: int = HTTP_PORT
    app_port: int = APP_PORT

    @property
    def state_dir(self) -> Path:
        """The console's own folder: backups, the lock, saved settings."""
        return self.srv / ".console"

    @property
    def backups(self) -> Path:
        return self.state_dir / "backups"

    @property
    def lock(self) -> Path:
        return self.state_dir / "lock"

    @property
    def jobs(self) -> Path:
        """A folder for each rebuild: what was asked, its journal, its output."""
        return self.state_dir / "jobs"

    @property
    def venvs(self) -> Path:
        """Where rebuilt virtualenvs stand; ``venv`` is a symlink to one of them after the first rebuild."""
        return self.srv / ".venvs"

    @property
    def techs(self) -> Path:
        """Where the runtime generation has its interpreters: ``python-X.Y.Z/bin``, side by side."""
        return self.root / "opt" / "techs"

    @property
    def primary_tech(self) -> Path:
        """The symlink that chooses among them."""
        return self.srv / "bin" / "primary_tech"

    @property
    def python(self) -> Path | None:
        """The chosen interpreter of the image, None where it offers none."""
        return self.interpreters[0] if self.interpreters else None

    def under_root(self, path: str | Path) -> Path:
        """``path`` from a configuration file as it is to be opened here: moved under ``root`` when it is not."""
        found = Path(path)
        if self.root == Path("/") or found.is_relative_to(self.root):
            return found
        return self.root / found.relative_to("/") if found.is_absolute() else self.srv / found


def find_container(root: Path | str | None = None) -> Container:
    """The container under ``root`` (default: $CONSOLE_ROOT, else ``/``). Raises NothingThere when there is none."""
    # Without symlinks, so that paths in the container's configuration are recognised as lying under it.
    base = Path(os.path.realpath(root or os.environ.get("CONSOLE_ROOT") or "/"))
    srv = base / "srv"
    # os.path, here and below: to pathlib a folder that may not be looked into is an error, not something missing.
    if not os.path.isdir(srv / "conf" / "supervisor.d"):  # noqa: PTH112
        raise NothingThere(
            _("There is no container under {root}.").format(root=base),
            _("{folder} does not exist.").format(folder=srv / "conf" / "supervisor.d"),
            _("Try the console on a sample container with: console demo"),
        )
    generation = _generation(base)
    log_dir = srv / ("log" if generation == "runtime" else "logs")
    site_file = _site_file(srv / "conf" / "nginx.d", generation)
    conf = base / "etc" / "supervisor" / "supervisord.conf"
    socket, log = _supervisor_places(conf, srv, log_dir, base)
    http_port, app_port = _ports(site_file)
    return Container(
        root=base,
        generation=generation,
        srv=srv,
        app=srv / "app",
        venv=srv / "venv",
        log_dir=log_dir,
        site_file=site_file,
        requirements=srv / "app" / "requirements.txt",
        supervisor_conf=conf,
        supervisor_socket=socket,
        supervisor_log=log,
        interpreters=find_interpreters(base, generation),
        http_port=http_port,
        app_port=app_port,
    )


def _generation(base: Path) -> str:
    srv = base / "srv"
    if os.path.islink(srv / "bin" / "primary_tech") or os.path.isdir(base / "opt" / "techs"):  # noqa: PTH112, PTH114
        return "runtime"
    if os.path.exists(base / "opt" / "python") or os.path.isdir(srv / "logs"):  # noqa: PTH110, PTH112
        return "image"
    return "runtime" if os.path.isdir(srv / "log") else "image"  # noqa: PTH112


def _site_file(folder: Path, generation: str) -> Path:
    names = [_SITE_FILES[generation], *(name for name in _SITE_FILES.values())]
    return next((folder / name for name in names if os.path.isfile(folder / name)), folder / names[0])  # noqa: PTH113


def find_interpreters(base: Path, generation: str) -> tuple[Path, ...]:
    """The Pythons that the image under ``base`` has now, the chosen one first; those in a runtime by version."""
    if generation == "image":
        python = base / "opt" / "python" / "bin" / "python"
        return (python,) if os.path.exists(python) else ()  # noqa: PTH110
    found = [tech / "bin" / "python3" for tech in (base / "opt" / "techs").glob("python-*")]
    chosen = Path(os.path.realpath(base / "srv" / "bin" / "primary_tech"))

    def rank(python: Path) -> tuple[bool, list[int]]:
        version = [-int(part) for part in re.findall(r"\d+", python.parents[1].name)]
        return Path(os.path.realpath(python.parent)) != chosen, version

    return tuple(sorted((python for python in found if os.path.exists(python)), key=rank))  # noqa: PTH110


def _supervisor_places(conf: Path, srv: Path, log_dir: Path, base: Path) -> tuple[Path, Path]:
    """supervisord's socket and its own log: from its configuration, else where a container has them."""
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";",))
    try:
        parser.read_string(conf.read_text("utf-8", "replace"))
    except (OSError, configparser.Error):
        return srv / "run" / "supervisor.sock", log_dir / "supervisord.log"

    def place(section: str, option: str, default: Path) -> Path:
        value = parser.get(section, option, fallback="").replace("%(here)s", str(conf.parent)).strip()
        if not value.startswith("/"):
            return default
        return Path(value) if Path(value).is_relative_to(base) else base / value.lstrip("/")

    return (
        place("unix_http_server", "file", srv / "run" / "supervisor.sock"),
        place("supervisord", "logfile", log_dir / "supervisord.log"),
    )


def _ports(site_file: Path) -> tuple[int, int]:
    """The ports that nginx listens on and passes on to, as the site file has them, else the usual ones."""
    try:
        text = re.sub(r"#.*", "", site_file.read_text("utf-8", "replace"))
    except OSError:
        return HTTP_PORT, APP_PORT
    # An address without a port ("listen 127.0.0.1;") is none.
    listens = re.findall(r"\blisten\s+(?:[\w.*-]+:|\[[^\]]*\]:)?(\d+)(?=[\s;])", text)
    upstream = re.search(r"\bproxy_pass\s+http://(?:127\.0\.0\.1|localhost|\[::1\]):(\d+)", text)
    return (
        # Of several servers the load balancer asks the one on the usual port.
        int(listens[0]) if listens and str(HTTP_PORT) not in listens else HTTP_PORT,
        int(upstream.group(1)) if upstream else APP_PORT,
    )


def disk(container: Container, at: Path | None = None) -> Disk:
    """Used and free bytes of the file system that ``at`` is on, or /srv where that does not exist; free is what a
    plain user may still take.
    """
    stat = os.statvfs(at if at is not None and at.exists() else container.srv)
    return Disk(
        used_bytes=(stat.f_blocks - stat.f_bfree) * stat.f_frsize,
        free_bytes=stat.f_bavail * stat.f_frsize,
    )


def memory(cgroup: Path = Path("/sys/fs/cgroup"), proc: Path = Path("/proc")) -> Memory:
    """Memory used and its limit, from cgroup v2 or v1; without a limit the machine's own use.

    Used memory is the group's without inactive file cache, which the kernel gives back on demand (the
    same sum that ``docker stats`` shows). The limit is the lowest one on the way up to the root group.
    """
    try:
        lines = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        lines = []
    groups = [fields for line in lines if len(fields := line.split(":", 2)) == 3]
    v1 = next((group for _hierarchy, controllers, group in groups if "memory" in controllers.split(",")), None)
    v2 = next((group for hierarchy, controllers, group in groups if (hierarchy, controllers) == ("0", "")), None)
    if v1 is not None:
        found = _group_memory(
            cgroup / "memory", v1, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
        )
    elif v2 is not None:
        found = _group_memory(cgroup, v2, "memory.max", "memory.current", "inactive_file")
    else:
        found = None
    if found is not None and found.limit_bytes is not None:
        return found
    return Memory(used_bytes=_machine_used(proc), limit_bytes=None)


def _group_memory(base: Path, group: str, limit_name: str, used_name: str, cache_name: str) -> Memory | None:
    # Inside a container the group's own path is often not mounted; its files then lie at the mount's root.
    # A group outside of this cgroup namespace is named by a path with ".." (cgroup_namespaces(7)).
    start = base / group.lstrip("/")
    folder = start if ".." not in start.parts and start.is_dir() else base
    limits: list[tuple[int, Path]] = []
    while True:
        limit = _number(folder / limit_name)
        if limit is not None and limit < 1 << 60:  # v1 says "no limit" with a number near 2**63
            limits.append((limit, folder))
        if folder in (base, folder.parent):
            break
        folder = folder.parent
    if not limits:
        return None
    limit, folder = min(limits)
    used = _number(folder / used_name)
    if used is None:
        return None
    return Memory(used_bytes=max(0, used - _field(folder / "memory.stat", cache_name)), limit_bytes=limit)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # "max" is how v2 says that there is no limit
        return None


def _field(path: Path, name: str) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.split()[:1] == [name]), 0)


def _machine_used(proc: Path) -> int:
    try:
        fields = dict(line.split(":", 1) for line in (proc / "meminfo").read_text().splitlines())
        total, available = (int(fields[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    except (OSError, KeyError, ValueError):
        return 0
    return total - available
