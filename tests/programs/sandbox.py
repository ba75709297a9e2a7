"""A small container: a real supervisord whose programs are written by the test, without nginx or a virtualenv."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

from console.container import Container
from console.errors import ConsoleError
from console.programs.client import Supervisor
from console.programs.processes import tree

from .. import containers
from .supervisord_versions import Supervisord
from .waiting import wait_for

# A web server in a few lines that starts in 20 ms. {port}, {status} and what to do {before} it listens.
SERVER = """\
import os, socket, sys, time
{before}
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", {port}))
listener.listen(16)
while True:
    connection, _ = listener.accept()
    connection.recv(65536)
    {work}
    body = b"pid %d" % os.getpid()
    head = b"HTTP/1.1 {status}\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n" % len(body)
    connection.sendall(head + body)
    connection.close()
"""

_CONF = """\
[unix_http_server]
file={root}/srv/run/supervisor.sock
chmod=0700
[supervisord]
logfile={root}/srv/logs/supervisord.log
pidfile={root}/srv/run/supervisord.pid
childlogdir={root}/srv/logs
{user}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[include]
files = {root}/srv/conf/supervisor.d/*
"""


class Sandbox:
    """``root`` is a short folder; ``programs`` are added before ``up``, or while it runs with ``add``."""

    def __init__(self, supervisord: Supervisord) -> None:
        self.supervisord = supervisord
        self.root = containers.new_folder()
        srv = self.root / "srv"
        for folder in ("run", "logs", "app", "conf/supervisor.d", "conf/nginx.d"):
            (srv / folder).mkdir(parents=True)
        conf = self.root / "etc" / "supervisor" / "supervisord.conf"
        conf.parent.mkdir(parents=True)
        user = "user=root" if os.geteuid() == 0 else ""
        conf.write_text(_CONF.format(root=self.root, user=user))
        http_port, app_port = containers.free_ports()
        self.container = Container(
            root=self.root,
            generation="image",
            srv=srv,
            app=srv / "app",
            venv=srv / "venv",
            log_dir=srv / "logs",
            site_file=srv / "conf" / "nginx.d" / "python.conf",
            requirements=srv / "app" / "requirements.txt",
            supervisor_conf=conf,
            supervisor_socket=srv / "run" / "supervisor.sock",
            supervisor_log=srv / "logs" / "supervisord.log",
            interpreters=(),
            http_port=http_port,
            app_port=app_port,
        )
        self.client = Supervisor(self.container.supervisor_socket)
        self._process: subprocess.Popen[bytes] | None = None

    def script(self, text: str, name: str = "app") -> str:
        """Write a script of the app and return the command that runs it, quickly."""
        path = self.container.app / f"{name}.py"
        path.write_text(text)
        return f"{sys.executable} -I -S {path}"

    def server(self, *, port: int | None = None, before: str = "", work: str = "", status: str = "200 OK") -> str:
        """Write the web server as app.py and return its command."""
        port = self.container.app_port if port is None else port
        return self.script(SERVER.format(port=port, before=before, work=work, status=status))

    def add(self, name: str, command: str, **options: object) -> None:
        """Add a program; ``options`` go into its section. supervisord, where it runs, takes it up at once."""
        settings: dict[str, object] = {
            "command": command,
            "directory": self.container.app,
            "autorestart": "true",
            "startsecs": 0,
            "redirect_stderr": "true",
            "stdout_logfile": self.container.log_dir / f"{name}.log",
        }
        lines = [f"{key}={value}" for key, value in (settings | options).items()]
        text = "\n".join([f"[program:{name}]", *lines, ""])
        (self.container.srv / "conf" / "supervisor.d" / f"{name}.conf").write_text(text)

    def up(self) -> Sandbox:
        """Start supervisord; return when it answers and no program is STARTING."""
        conf = str(self.container.supervisor_conf)
        self._process = subprocess.Popen(
            [*self.supervisord.command, "-n", "-c", conf],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for(lambda: self.container.supervisor_socket.exists())
        wait_for(lambda: self.states() is not None and "STARTING" not in (self.states() or {}).values())
        return self

    def states(self) -> dict[str, str] | None:
        """Every program's state, None while supervisord does not answer."""
        try:
            return {info["name"]: info["statename"] for info in self.client.all_processes()}
        except ConsoleError:
            return None

    def pid(self, name: str) -> int:
        return int(self.client.process(name)["pid"])

    def log(self, name: str) -> str:
        return (self.container.log_dir / f"{name}.log").read_text()

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to supervisord itself; after SIGKILL its socket stays behind."""
        assert self._process is not None
        self._process.send_signal(number)
        if number == signal.SIGKILL:
            self._process.wait()

    def down(self) -> None:
        """End supervisord and all that it started, and remove the folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGSTOP)  # so that it starts nothing anew meanwhile
            for pid in reversed(tree(self._process.pid)):
                os.kill(pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.root)
