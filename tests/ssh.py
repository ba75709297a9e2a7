"""Real SSH servers on the loopback, OpenSSH and dropbear, with one account whose home is a container's srv.

The account exists for the server alone: libnss-wrapper gives it another passwd file. It has the id of whoever runs the
tests, so the files of a playground are its own, as they are the customer's; a user made with useradd would need them
all given to it, the right to do so, and would stay behind after a killed test. It works for root and for a plain user.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from console.container import Container

from . import needs
from .containers import free_ports

ACCOUNT = "app"
SERVERS = ("openssh", "dropbear")
# A server that hears nothing for this long lets go of the connection.
SILENCE_SECONDS = 2
_START_SECONDS = 10.0


@dataclass(frozen=True)
class Server:
    """A running server; ``key`` opens its one account."""

    port: int
    key: Path

    def options(self, *, port: str = "-p") -> list[str]:
        """What every program of OpenSSH's takes; scp and sftp call the port -P."""
        settings = (
            "BatchMode=yes",
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "IdentitiesOnly=yes",
            "LogLevel=ERROR",
            "ControlPath=none",
        )
        told = [word for setting in settings for word in ("-o", setting)]
        return ["-F", "none", "-i", str(self.key), *told, port, str(self.port)]

    @property
    def host(self) -> str:
        return f"{ACCOUNT}@127.0.0.1"

    def ssh(self, *words: str) -> list[str]:
        """``ssh`` to the account; ``words`` that begin with - are its options, the others the command."""
        options = [word for word in words if word.startswith("-")]
        command = [word for word in words if not word.startswith("-")]
        return ["ssh", *self.options(), *options, self.host, *command]


@contextlib.contextmanager
def server(kind: str, container: Container, folder: Path) -> Iterator[Server]:
    """A server of ``kind``, its keys in ``folder``, during the block."""
    folder.mkdir(parents=True, exist_ok=True)
    key = _key(folder / "key")
    keys = container.srv / ".ssh" / "authorized_keys"  # where dropbear looks, and nowhere else
    keys.parent.mkdir(mode=0o700, exist_ok=True)
    keys.write_bytes(key.with_suffix(".pub").read_bytes())
    keys.chmod(0o600)
    port, _other = free_ports()
    command = _openssh(folder, port) if kind == "openssh" else _dropbear(folder, port)
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            command,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **_account(container, folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_for(port, running, folder / "log")
        yield Server(port, key)
    finally:
        running.terminate()
        running.wait()


def run(command: Sequence[str], *, given: bytes = b"", seconds: float = 30.0) -> subprocess.CompletedProcess[bytes]:
    """``command`` without a terminal, with ``given`` on its stdin; all that it printed."""
    return subprocess.run(command, input=given, capture_output=True, check=False, timeout=seconds)


def _openssh(folder: Path, port: int) -> list[str]:
    sshd = needs.program("sshd")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd does not start without it
    settings = (
        f"ListenAddress 127.0.0.1:{port}",
        f"HostKey {_key(folder / 'host')}",
        "PidFile none",
        "UsePAM no",
        "StrictModes no",
        "PermitRootLogin yes",
        "PasswordAuthentication no",
        "PrintMotd no",
        "PrintLastLog no",
        "AcceptEnv CONSOLE_SKIP TERM",
        "ClientAliveInterval 1",
        f"ClientAliveCountMax {SILENCE_SECONDS}",
        f"Subsystem sftp {_sftp_server()}",
    )
    (folder / "sshd_config").write_text("\n".join([*settings, ""]))
    return [str(sshd), "-D", "-e", "-f", str(folder / "sshd_config")]


def _dropbear(folder: Path, port: int) -> list[str]:
    dropbear, maker = needs.program("dropbear"), needs.program("dropbearkey")
    host = folder / "host.dropbear"
    if not host.exists():
        subprocess.run([maker, "-t", "ed25519", "-f", host], check=True, capture_output=True)
    return [str(dropbear), "-F", "-E", "-m", "-s", "-r", str(host), "-p", f"127.0.0.1:{port}", "-K", "1"]


def _key(path: Path) -> Path:
    if not path.exists():
        make = [str(needs.program("ssh-keygen")), "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
        subprocess.run(make, check=True, stdin=subprocess.DEVNULL)
    return path


def _sftp_server() -> Path:
    found = Path("/usr/lib/openssh/sftp-server")
    return found if found.exists() else needs.missing("the program sftp-server")


def _account(container: Container, folder: Path) -> dict[str, str]:
    """The environment in which the server knows the account."""
    wrapper = next(Path("/usr/lib").glob("*/libnss_wrapper.so"), None) or needs.missing("libnss-wrapper")
    passwd, group = folder / "passwd", folder / "group"
    line = f"{ACCOUNT}:x:{os.getuid()}:{os.getgid()}::{container.srv}:/bin/bash"
    passwd.write_text("\n".join([line, *(":".join(map(str, each)) for each in pwd.getpwall()), ""]))
    lines = (f"{each.gr_name}:{each.gr_passwd}:{each.gr_gid}:{','.join(each.gr_mem)}" for each in grp.getgrall())
    group.write_text("\n".join([*lines, ""]))
    return {"LD_PRELOAD": str(wrapper), "NSS_WRAPPER_PASSWD": str(passwd), "NSS_WRAPPER_GROUP": str(group)}


def _wait_for(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + _START_SECONDS
    while time.monotonic() < limit:
        if running.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise AssertionError(f"the server did not start:\n{log.read_text('utf-8', 'replace')}")
