"""The listening TCP sockets of this network namespace, by port.

The kernel is asked by sock_diag(7), which walks only the listening ones. Where it is not offered, /proc/net/tcp
(proc(5)) says the same, but walks the whole table of connections: 4 ms on a machine with much memory, against
0.05 ms, and this is asked every 10 ms while a program starts.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_TCP_LISTEN = 10
_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port id
_REQUEST = struct.Struct("=BBBBI48x")  # inet_diag_req_v2: family, protocol, extensions, padding, states, socket
_PORT = struct.Struct("!H")
_INODE = struct.Struct("=I")
_PORT_AT, _INODE_AT, _MESSAGE_BYTES = 4, 68, 72  # inet_diag_msg, linux/inet_diag.h

_PROC_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_PROC_LISTEN = b"0A"

Found = Iterator[tuple[int, int]]


def listening_sockets(ports: Sequence[int] | None = None) -> dict[int, tuple[int, ...]] | None:
    """The inodes of the sockets that listen on each of ``ports`` (all of them), or on any port where none are given.

    Over IPv4 and IPv6. None where both ways to know are shut.
    """
    found: dict[int, tuple[int, ...]] = dict.fromkeys(ports or (), ())
    try:
        pairs = [*_by_netlink(socket.AF_INET), *_by_netlink(socket.AF_INET6)]
    except OSError:
        tables = [table for table in map(_table, _PROC_TABLES) if table is not None]
        if not tables:
            return None
        pairs = [pair for table in tables for pair in parse_table(table)]
    for port, inode in pairs:
        if ports is None or port in found:
            found[port] = (*found.get(port, ()), inode)
    return found


def _by_netlink(family: int) -> Found:
    request = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, 1 << _TCP_LISTEN)
    header = _HEADER.pack(_HEADER.size + len(request), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
        netlink.settimeout(1.0)
        netlink.sendto(header + request, (0, 0))
        while True:
            for kind, message in parse_messages(netlink.recv(65536)):
                if kind == _NLMSG_DONE:
                    return
                if kind == _NLMSG_ERROR:
                    raise OSError("sock_diag refused")
                if len(message) >= _MESSAGE_BYTES:
                    yield _PORT.unpack_from(message, _PORT_AT)[0], _INODE.unpack_from(message, _INODE_AT)[0]


def parse_messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The netlink messages in one datagram, as type and payload; what is cut off at the end is left out."""
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, _flags, _sequence, _port_id = _HEADER.unpack_from(data, at)
        if length < _HEADER.size or at + length > len(data):
            return
        yield kind, data[at + _HEADER.size : at + length]
        at += (length + 3) & ~3


def _table(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # without IPv6 there is no tcp6; a hardened /proc has neither
        return None


def parse_table(table: bytes) -> Found:
    """Port and inode of every listening socket in the text of /proc/net/tcp or tcp6."""
    for line in table.splitlines()[1:]:
        fields = line.split(None, 10)
        if len(fields) < 10 or fields[3] != _PROC_LISTEN:
            continue
        try:
            yield int(fields[1].rpartition(b":")[2], 16), int(fields[9])
        except ValueError:
            continue
