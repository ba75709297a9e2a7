"""Ports that a container needs, and who has them."""

from __future__ import annotations

import errno
import os
import socket

import pytest

from console.errors import ConsoleError, WrongUsage
from console.playground.layout import has_ipv6
from console.playground.ports import refuse_taken_ports

from .. import containers


def test_free_ports_are_let_through_and_left_free() -> None:
    port, app_port = containers.free_ports()
    refuse_taken_ports(port, app_port, nginx=True)
    refuse_taken_ports(port, app_port, nginx=True)


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
@pytest.mark.parametrize("option", ["--port", "--app-port"])
def test_a_listener_on_any_address_is_named(address: str, option: str) -> None:
    ports = dict(zip(("--port", "--app-port"), containers.free_ports(), strict=True))
    with socket.create_server((address, ports[option])), pytest.raises(ConsoleError) as caught:
        refuse_taken_ports(ports["--port"], ports["--app-port"], nginx=True)
    assert str(ports[option]) in caught.value.title
    assert str(os.getpid()) in caught.value.cause
    assert caught.value.remedy.endswith(f"{option}.")


def test_a_listener_on_ipv6_alone_is_named() -> None:
    if not has_ipv6():
        pytest.skip("this machine has no IPv6")
    port, app_port = containers.free_ports()
    with (
        socket.create_server(("::1", port), family=socket.AF_INET6),
        pytest.raises(ConsoleError, match="in use"),
    ):
        refuse_taken_ports(port, app_port, nginx=True)


def test_a_port_whose_server_has_just_gone_is_free() -> None:
    port, app_port = containers.free_ports()
    with socket.create_server(("127.0.0.1", port)) as server:
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _address = server.accept()
        accepted.close()  # the side that closes first stays in TIME_WAIT
        client.close()
    refuse_taken_ports(port, app_port, nginx=True)


def test_without_nginx_the_front_port_may_be_anybodys() -> None:
    port, app_port = containers.free_ports()
    with socket.create_server(("127.0.0.1", port)):
        refuse_taken_ports(port, app_port, nginx=False)


@pytest.mark.parametrize("ports", [(0, 8080), (8000, 65536), (8000, -1), (8000, 8000)])
def test_numbers_that_are_no_two_ports_are_wrong_usage(ports: tuple[int, int]) -> None:
    with pytest.raises(WrongUsage):
        refuse_taken_ports(*ports, nginx=True)


def test_a_port_that_one_may_not_listen_on_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: socket.socket, address: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(ConsoleError, match="cannot be listened on") as caught:
        refuse_taken_ports(80, 8080, nginx=True)
    assert caught.value.cause == "Permission denied"
