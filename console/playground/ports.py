"""Ports that a container needs: free ones, and who has them when they are not."""

from __future__ import annotations

import errno
import socket

from ..errors import ConsoleError, WrongUsage
from ..text import _


def refuse_taken_ports(port: int, app_port: int, *, nginx: bool) -> None:
    """Raise ConsoleError, naming port and process, when one of the two cannot be listened on.

    ``port`` only counts with ``nginx``, which listens on it on all addresses.
    """
    for each in (port, app_port):
        if not 0 < each < 65536:
            raise WrongUsage(_("{port} is no port.").format(port=each), _("Ports go from 1 to 65535."))
    if port == app_port:
        raise WrongUsage(
            _("nginx and the app cannot both listen on port {port}.").format(port=port),
            "",
            _("Choose another one with --port or --app-port."),
        )
    if nginx:
        _refuse_taken(port, "--port", [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")])
    _refuse_taken(app_port, "--app-port", [(socket.AF_INET, "127.0.0.1")])


def _refuse_taken(port: int, option: str, addresses: list[tuple[socket.AddressFamily, str]]) -> None:
    for family, address in addresses:
        try:
            _listen(family, address, port)
        except OSError as error:
            if error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):  # no IPv6 here
                continue
            raise _not_free(port, option, error) from error


def _listen(family: socket.AddressFamily, address: str, port: int) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind((address, port))
        probe.listen(1)


def _not_free(port: int, option: str, error: OSError) -> ConsoleError:
    remedy = _("Choose another one with {option}.").format(option=option)
    if error.errno == errno.EADDRINUSE:
        title = _("Port {port} is in use.").format(port=port)
        return ConsoleError(title, _listener(port), remedy)
    title = _("Port {port} cannot be listened on.").format(port=port)
    return ConsoleError(title, error.strerror or str(error), remedy)


def _listener(port: int) -> str:
    """Who listens on it, as far as /proc tells this user."""
    from ..health.request_path import listeners

    (found,) = listeners([port])
    if found.pid is None:
        return _("A process of another user listens on it.")
    return _("{process} (process {pid}) listens on it.").format(process=found.process or "?", pid=found.pid)
