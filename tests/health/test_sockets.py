"""The two tables of listening sockets, and their parsers on anything."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.health import sockets
from console.health.sockets import listening_sockets, parse_messages, parse_table

TABLE = b"""\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000
   1: 0100007F:1F91 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0000000000000000
   2: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 \
00000000  1000        0 4713 1 0000000000000000
"""


def test_listening_lines_of_both_families_are_taken() -> None:
    assert list(parse_table(TABLE)) == [(8080, 4711), (8080, 4713)]


def test_the_kernel_and_proc_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, inode = listener.getsockname()[1], os.fstat(listener.fileno()).st_ino
        by_netlink = listening_sockets([port])
        assert by_netlink == {port: (inode,)}
        everything = listening_sockets()
        assert everything is not None
        assert everything[port] == (inode,)

        def refuse(_family: int) -> list[tuple[int, int]]:
            raise OSError("sock_diag refused")

        monkeypatch.setattr(sockets, "_by_netlink", refuse)
        assert listening_sockets([port]) == by_netlink


def test_with_both_ways_shut_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_family: int) -> list[tuple[int, int]]:
        raise OSError("sock_diag refused")

    monkeypatch.setattr(sockets, "_by_netlink", refuse)
    monkeypatch.setattr(sockets, "_PROC_TABLES", (Path("/no/such/file"),))
    assert listening_sockets([80]) is None


def test_a_port_that_nobody_has_is_listed_empty() -> None:
    assert listening_sockets([1]) == {1: ()}


@given(st.binary(max_size=400))
def test_any_bytes_as_a_table(data: bytes) -> None:
    list(parse_table(data))


@given(st.lists(st.sampled_from(TABLE.split()) | st.binary(max_size=5), max_size=60))
def test_any_words_as_a_table(words: list[bytes]) -> None:
    for port, inode in parse_table(b"head\n" + b" ".join(words)):
        assert port >= 0
        assert inode >= 0


@given(st.binary(max_size=400))
def test_any_bytes_as_messages(data: bytes) -> None:
    for kind, message in parse_messages(data):
        assert kind >= 0
        assert len(message) < len(data)
