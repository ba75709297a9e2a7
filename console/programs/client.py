"""The console's way to supervisord: its XML-RPC interface on the unix socket, with time limits.

The methods and their structs: http://supervisord.org/api.html. Only what 3.3.5 has too is relied upon.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from ..errors import ConsoleError, NothingThere
from ..text import _
from . import rpc
from .faults import fault_error

Info = dict[str, Any]
_LONGEST_PATH = 107  # sizeof(sockaddr_un.sun_path) without the closing zero, unix(7)


class Supervisor:
    """supervisord behind ``socket``; ``connect_timeout`` and ``read_timeout`` in seconds bound every call.

    Each call makes a connection of its own (a tenth of a millisecond on a unix socket), so there is no
    connection to go stale and nothing that threads would share: one object may be used by all of them.

    Every method raises NothingThere when supervisord cannot be reached, does not answer in time or is shutting
    down, and SupervisorFault when it refuses. Program names are those of ``supervisorctl``: ``name`` or
    ``group:name``.
    """

    def __init__(self, socket: Path, connect_timeout: float = 1.0, read_timeout: float = 5.0) -> None:
        self.socket = socket
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout

    def state(self) -> str:
        """supervisord's own state: RUNNING, FATAL, RESTARTING or SHUTDOWN."""
        return str(self._struct("getState")["statename"])

    def version(self) -> str:
        return str(self._call("getSupervisorVersion"))

    def pid(self) -> int:
        """supervisord's process id."""
        return self._int("getPID")

    def all_processes(self) -> list[Info]:
        """getProcessInfo's struct of every process, ordered by group and name."""
        return self._structs("getAllProcessInfo")

    def process(self, name: str) -> Info:
        """getProcessInfo's struct: name, group, state (a number), statename, pid (0 when it does not run), start,
        stop and now (whole seconds since 1970, 0 for never), spawnerr, stdout_logfile, stderr_logfile, description.
        """
        return self._struct("getProcessInfo", name)

    def start(self, name: str, wait: bool = False) -> None:
        """Start a program. With ``wait`` supervisord answers when it is RUNNING, startsecs later: mind the limit."""
        self._call("startProcess", name, wait)

    def stop(self, name: str, wait: bool = False) -> None:
        """Stop a program. With ``wait`` supervisord answers when it has ended, and spins a core until then."""
        self._call("stopProcess", name, wait)

    def signal(self, name: str, signal: str) -> None:
        """Send ``signal`` ("HUP" or "1") to a program. supervisord has this since 3.2."""
        self._call("signalProcess", name, signal)

    def clear_logs(self, name: str) -> None:
        """Empty the logs of a program that runs; for one that does not, supervisord does nothing."""
        self._call("clearProcessLogs", name)

    def configs(self) -> list[Info]:
        """getAllConfigInfo's structs. Before supervisord 4.0 they hold little more than the names."""
        return self._structs("getAllConfigInfo")

    def _int(self, method: str) -> int:
        value = self._call(method)
        if not isinstance(value, int):
            raise self._garbage(method)
        return value

    def _struct(self, method: str, *params: str) -> Info:
        value = self._call(method, *params)
        if not isinstance(value, dict):
            raise self._garbage(method)
        return value

    def _structs(self, method: str) -> list[Info]:
        value = self._call(method)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._garbage(method)
        return value

    def _call(self, method: str, *params: str | bool) -> Any:
        try:
            return rpc.call(self.socket, f"supervisor.{method}", params, self.connect_timeout, self.read_timeout)
        except rpc.Fault as fault:
            name = params[0] if params and isinstance(params[0], str) else ""
            raise fault_error(fault.code, fault.text, name) from fault
        except rpc.Garbage as error:
            raise self._garbage(str(error)) from error
        except rpc.Closed as error:
            raise NothingThere(
                _("supervisord closed the connection without an answer."),
                _("It is shutting down, or starting anew."),
                _("Try again in a few seconds."),
            ) from error
        except OSError as error:
            raise unreachable(self.socket, error) from error

    def _garbage(self, what: str) -> ConsoleError:
        return NothingThere(
            _("What answers on supervisord's socket is not supervisord."),
            _("{socket} gave: {what}").format(socket=self.socket, what=what),
            _("See which program has the socket with: fuser -v {socket}").format(socket=self.socket),
        )


def unreachable(socket: Path, error: OSError) -> NothingThere:
    """The error for a supervisord that could not be talked to over ``socket`` because of ``error``."""
    not_running = _("supervisord does not run.")
    start_it = _("It is the container's main process: restart the container in the hosting's administration.")
    if isinstance(error, TimeoutError):
        return NothingThere(
            _("supervisord does not answer."),
            _("It has its socket {socket} open, but gave no answer in time.").format(socket=socket),
            _("Try again in a few seconds; if it lasts, restart the container in the hosting's administration."),
        )
    if isinstance(error, FileNotFoundError):
        return NothingThere(not_running, _("Its socket {socket} does not exist.").format(socket=socket), start_it)
    if isinstance(error, ConnectionRefusedError):
        if _is_socket(socket):
            cause = _("Nobody listens on its socket {socket}; it was left behind.").format(socket=socket)
        else:
            cause = _("{socket} is no socket.").format(socket=socket)
        return NothingThere(not_running, cause, start_it)
    if isinstance(error, PermissionError):
        return NothingThere(
            _("You may not talk to supervisord."),
            _("Its socket {socket} belongs to {owner} and is closed to others.").format(
                socket=socket, owner=_owner(socket)
            ),
            _("Log in as the user that the programs run as."),
        )
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return NothingThere(
            _("supervisord closed the connection."),
            _("It is shutting down, or starting anew."),
            _("Try again in a few seconds."),
        )
    too_long = len(bytes(socket)) > _LONGEST_PATH
    return NothingThere(
        _("supervisord cannot be reached."),
        _("{socket}: {reason}").format(socket=socket, reason=error.strerror or error),
        _("The path of a socket must be shorter than 108 bytes: use a shorter folder.") if too_long else "",
    )


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.stat().st_mode)
    except OSError:
        return False


def _owner(path: Path) -> str:
    """The owner of the nearest thing on the way to ``path`` that may be looked at."""
    import pwd

    for place in (path, *path.parents):
        try:
            uid = place.stat().st_uid
        except OSError:
            continue
        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:
            return str(uid)
    return "?"
