"""The folders and files of a new container, as the hosting's image has them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from ..atomic import write_file
from ..errors import ConsoleError
from ..own_python import own_command
from ..text import _
from .record import LOCK
from .templates import filled

LOG_FOLDERS = {"image": "logs", "runtime": "log"}
SITE_FILES = {"image": "python.conf", "runtime": "app.conf"}
IMAGE_TOOLS = {"image": "opt/python/bin", "runtime": "srv/bin/primary_tech"}
SOCKET = Path("srv/run/supervisor.sock")
_SOCKET_BYTES = 107  # sun_path holds 108 with the closing zero (unix(7))
_FOLDERS = ("app", "bin", "conf/supervisor.d", "conf/nginx.d", "run", "static", "var/nginx")


@dataclass(frozen=True)
class Choice:
    """What a new container is to be: its generation ("image", "runtime") and the ports of nginx and the app."""

    generation: str
    port: int
    app_port: int


def refuse_folder(root: Path, *, ours: bool) -> None:
    """Raise ConsoleError where a container cannot be made in ``root``. ``ours``: a playground was begun there."""
    if not ours and root.exists() and not (root.is_dir() and set(root.iterdir()) <= {root / LOCK}):
        raise ConsoleError(
            _("{folder} holds something else than a playground.").format(folder=root),
            _("Its files are not touched."),
            _("Give an empty folder, or one that does not exist yet."),
        )
    if len(os.fsencode(root / SOCKET)) > _SOCKET_BYTES:
        raise ConsoleError(
            _("The path {path} is too long for a container.").format(path=root),
            _("supervisord's socket would have a path of {n} bytes; the kernel takes {limit}.").format(
                n=len(os.fsencode(root / SOCKET)), limit=_SOCKET_BYTES
            ),
            _("Take a folder with a shorter path, for example in /tmp."),
        )
    if re.search(r"[^\w./+@:,=~-]", str(root)):
        raise ConsoleError(
            _("The path {path} has a character that configuration files cannot hold.").format(path=root),
            _("Spaces, quotes, %, ;, # and the like have a meaning of their own there."),
            _("Take a folder whose path has only letters, digits and . _ - + in it."),
        )


def lay_out(root: Path, choice: Choice) -> None:
    """Make the folders and files of a container under ``root``."""
    srv = root / "srv"
    log_folder = LOG_FOLDERS[choice.generation]
    for name in (*_FOLDERS, log_folder):
        (srv / name).mkdir(parents=True, exist_ok=True)
    values = {
        "ROOT": str(root),
        "SRV": str(srv),
        "LOGS": str(srv / log_folder),
        "PORT": str(choice.port),
        "APP_PORT": str(choice.app_port),
        "IPV6_LINE": f"    listen       [::]:{choice.port};\n" if has_ipv6() else "",
        "SUPERVISORCTL": shlex.join(own_command("supervisor.supervisorctl")),
        "IMAGE_BIN": str(root / IMAGE_TOOLS[choice.generation]),
    }
    account, group = _account()
    places = {
        root / "etc/supervisor/supervisord.conf": ("supervisord.conf", f"user={account}\n" if account else ""),
        # As root nginx's workers would become "nobody" and could not read a home folder.
        root / "etc/nginx/nginx.conf": ("nginx.conf", f"user  {account} {group};\n" if account else ""),
        srv / "conf/nginx.d" / SITE_FILES[choice.generation]: ("site.conf", ""),
        srv / "conf/supervisor.d/python.conf": ("program-app.conf", ""),
        srv / "app/app.py": ("app.py", ""),
        srv / "app/requirements.txt": ("requirements.txt", ""),
        srv / "static/app.css": ("app.css", ""),
        srv / "static/logo.svg": ("logo.svg", ""),
        srv / "static/robots.txt": ("robots.txt", ""),
        srv / ".bash_profile": ("bash_profile", ""),
        srv / ".bashrc": ("bashrc", ""),
    }
    for path, (name, user_line) in places.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, filled(name, {**values, "USER_LINE": user_line}))
    write_file(srv / "bin/supervisorctl", filled("supervisorctl", values), mode=0o755)


def add_nginx(root: Path) -> bool:
    """Give the container its program ``nginx``; False, and nothing done, where this machine has none."""
    nginx = find_nginx()
    if nginx is None:
        return False
    values = {"ROOT": str(root), "SRV": str(root / "srv"), "NGINX": str(nginx)}
    log_folder = next(name for name in LOG_FOLDERS.values() if (root / "srv" / name).is_dir())
    values["LOGS"] = str(root / "srv" / log_folder)
    write_file(_nginx_program(root), filled("program-nginx.conf", values))
    return True


def has_nginx(root: Path) -> bool:
    """Whether the container has a program ``nginx``."""
    return _nginx_program(root).exists()


def _nginx_program(root: Path) -> Path:
    return root / "srv/conf/supervisor.d/nginx.conf"


def find_nginx() -> Path | None:
    """nginx of this machine; a plain user's PATH often lacks its folder."""
    found = shutil.which("nginx", path=os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin")
    return Path(found) if found else None


def has_ipv6() -> bool:
    """Whether a server here can listen on IPv6."""
    import socket

    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True


def _account() -> tuple[str, str]:
    """User and group that root's programs are to run as: root's own. Empty for anybody else, who cannot choose."""
    if os.geteuid() != 0:
        return "", ""
    import grp
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
