"""One XML-RPC call to supervisord over its unix socket.

Written by hand because ``xmlrpc.client`` takes 40 ms to import, a third of what ``console status`` may take;
supervisord speaks a small part of XML-RPC (int, boolean, string, double, array, struct, nil). The format:
http://xmlrpc.com/spec.md.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.parsers import expat

# A table of programs takes some 700 bytes per program; more than this is no answer of supervisord.
MAX_ANSWER = 16 * 1024 * 1024
# Not allowed in XML, and yet sent by supervisord when they are part of a name or a message.
_CONTROL = bytes(set(range(32)) - {9, 10, 13})


class Fault(Exception):
    """supervisord understood the call and refused it with ``code`` and ``text``."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class Garbage(Exception):
    """The answer is none of XML-RPC; the message says what it was."""


class Closed(Exception):
    """The connection was closed before a whole answer had come."""


def call(
    path: Path, method: str, params: tuple[str | int | bool, ...], connect_timeout: float, read_timeout: float
) -> Any:
    """What ``method`` returns: int, bool, float, str, None, list or dict of these.

    ``connect_timeout`` bounds the connection, ``read_timeout`` everything after it, also against an answer that
    comes in drops. Raises Fault, Garbage, Closed, or the OSError of the socket (TimeoutError past a limit).
    """
    body = encode(method, params)
    head = f"POST /RPC2 HTTP/1.0\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    with _connect(path, connect_timeout) as connection:
        deadline = time.monotonic() + read_timeout
        connection.settimeout(read_timeout)
        connection.sendall(head.encode() + body)
        return decode(_receive(connection, deadline))


def _connect(path: Path, timeout: float) -> socket.socket:
    deadline = time.monotonic() + timeout
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            connection.connect(str(path))
        except BlockingIOError:
            # A full queue of waiting connections answers EAGAIN at once instead of making a timed caller wait.
            connection.close()
            if time.monotonic() >= deadline:
                raise TimeoutError from None
            time.sleep(0.01)
        except BaseException:
            connection.close()
            raise
        else:
            return connection


def _receive(connection: socket.socket, deadline: float) -> bytes:
    """The body of the HTTP answer that comes over ``connection``."""
    received = bytearray()
    body_at = length = None
    while body_at is None or length is None or len(received) < body_at + length:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        part = connection.recv(65536)
        if not part:
            break
        received += part
        if len(received) > MAX_ANSWER:
            raise Garbage("endless")
        if body_at is None and (end := received.find(b"\r\n\r\n")) >= 0:
            body_at, length = end + 4, _content_length(bytes(received[:end]))
    return _checked(bytes(received), body_at, length)


def _content_length(head: bytes) -> int | None:
    for line in head.split(b"\r\n")[1:]:
        name, _colon, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None


def _checked(answer: bytes, body_at: int | None, length: int | None) -> bytes:
    if not answer:
        raise Closed
    if not answer.startswith(b"HTTP/1."):
        raise Garbage(answer[:60].decode("utf-8", "replace"))
    if body_at is None:
        raise Closed
    status = answer.split(b"\r\n", 1)[0].split(b" ", 1)[-1].decode("latin-1")
    if not status.startswith("200"):
        raise Garbage(f"HTTP {status}")
    if length is not None and len(answer) < body_at + length:
        raise Closed
    return answer[body_at:]


def encode(method: str, params: tuple[str | int | bool, ...]) -> bytes:
    """The call as XML."""
    values = "".join(f"<param><value>{_value(param)}</value></param>" for param in params)
    call = f"<methodCall><methodName>{method}</methodName><params>{values}</params></methodCall>"
    return ("<?xml version='1.0'?>" + call).encode()


def _value(param: str | int | bool) -> str:
    if isinstance(param, bool):
        return f"<boolean>{int(param)}</boolean>"
    if isinstance(param, int):
        return f"<int>{param}</int>"
    return "<string>" + param.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + "</string>"


def decode(body: bytes) -> Any:
    """The value in a method's answer. Raises Fault for a fault, Garbage for anything else."""
    # supervisord under Python 2 sends the bytes of a name as they are, whatever their encoding.
    text = body.translate(None, _CONTROL).decode("utf-8", "replace")
    reader = _Reader()
    try:
        reader.parse(text)
        (value,) = reader.values
    except (expat.ExpatError, ValueError, LookupError, TypeError) as error:
        raise Garbage(str(error)) from error
    if reader.is_fault:
        try:
            raise Fault(int(value["faultCode"]), str(value["faultString"]))
        except (LookupError, TypeError, ValueError) as error:
            raise Garbage(str(error)) from error
    return value


class _Reader:
    """Builds the value of an answer while expat walks through it.

    ``values`` holds finished values; an open array or struct remembers in ``_marks`` where its items begin.
    """

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.is_fault = False
        self._marks: list[int] = []
        self._text: list[str] = []
        self._untyped = False  # a <value> without a type inside is a string

    def parse(self, text: str) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text_came
        parser.StartDoctypeDeclHandler = self._doctype
        parser.Parse(text, True)

    def _doctype(self, *_declaration: object) -> None:
        raise ValueError("document type")  # only there to blow up memory with its entities

    def _text_came(self, text: str) -> None:
        self._text.append(text)

    def _start(self, tag: str, _attributes: object) -> None:
        if tag in ("array", "struct"):
            self._marks.append(len(self.values))
        self._text = []
        self._untyped = tag == "value"

    def _end(self, tag: str) -> None:
        if tag == "value":
            if self._untyped:
                self.values.append("".join(self._text))
        elif tag in _SCALARS:
            self.values.append(_SCALARS[tag]("".join(self._text)))
        elif tag in ("array", "struct"):
            mark = self._marks.pop()
            items = self.values[mark:]
            self.values[mark:] = [items if tag == "array" else _struct(items)]
        elif tag == "fault":
            self.is_fault = True
        elif tag not in _WRAPPERS:
            raise ValueError(tag)
        self._untyped = False


def _struct(items: list[Any]) -> dict[str, Any]:
    if len(items) % 2:
        raise ValueError("struct")
    return dict(zip(items[::2], items[1::2], strict=True))


_SCALARS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "name": str,
    "int": int,
    "i4": int,
    "i8": int,
    "double": float,
    "boolean": lambda text: bool(int(text)),
    "nil": lambda _text: None,
}
_WRAPPERS = ("methodResponse", "params", "param", "data", "member")
