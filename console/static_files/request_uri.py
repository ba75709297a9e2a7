"""What nginx makes of a request's path before it looks for a location (ngx_http_parse_complex_uri).

Percent-signs are decoded once, double slashes become one, ``.`` and ``..`` are resolved, and the query is cut off.
An encoded slash or dot counts like a plain one.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import quote

_WHOLE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::\d*)?(.*)", re.DOTALL)
# Sent as they are; all else has to be encoded, as browsers and curl do it.
_SENT = "/~!$&'()*+,;=:@%?#.-_[]|"
_HEX = re.compile(rb"[0-9a-fA-F]{2}")
_LITERAL = b"%#?"  # never read again once they are decoded


@dataclass(frozen=True)
class RequestUri:
    """``sent`` is the path and query as they go over the line, ``path`` what locations are compared with.

    ``path`` is None for what nginx answers with 400, and ``refused`` says why: "encoding" (a percent-sign without
    two digits, or a zero byte), "above-root" (more ``..`` than folders). ``host`` is that of a whole URL.
    """

    sent: str
    path: bytes | None
    query: str
    host: str = ""
    refused: str = ""


def request_uri(text: str, *, merge_slashes: bool = True) -> RequestUri:
    """The request that a path (``/static/a.txt?v=1``) or a whole URL stands for."""
    whole = _WHOLE.fullmatch(text)
    host, text = (whole.group(1), whole.group(2)) if whole else ("", text)
    sent = quote(os.fsencode(text if text.startswith("/") else f"/{text}"), safe=_SENT).partition("#")[0]
    raw, _sign, query = sent.partition("?")
    try:
        path = _normalized(raw.encode("ascii"), merge_slashes)
    except _Refused as refused:
        return RequestUri(sent, None, query, host, str(refused))
    return RequestUri(sent, path, query, host)


class _Refused(Exception):
    """nginx answers 400; the text is the stable word for why."""


def _normalized(raw: bytes, merge_slashes: bool) -> bytes:
    made, state, place = bytearray(), "usual", 0
    while place < len(raw):
        sign = raw[place : place + 1]
        place += 1
        if sign == b"%":
            if not _HEX.match(raw, place) or raw[place : place + 2] == b"00":
                raise _Refused("encoding")
            sign = bytes((int(raw[place : place + 2], 16),))
            place += 2
            if sign in _LITERAL:
                made += sign
                state = "usual"
                continue
        if sign == b"/" and state == "dot":
            made.pop()
            state = "slash"
        elif sign == b"/" and state == "dots":
            _up(made)
            state = "slash"
        elif sign == b"/":
            if state != "slash" or not merge_slashes:
                made += sign
            state = "slash"
        else:
            made += sign
            after = {"slash": "dot", "dot": "dots"}
            state = after.get(state, "usual") if sign == b"." else "usual"
    if state == "dot":
        made.pop()
    elif state == "dots":
        _up(made)
    return bytes(made)


def _up(made: bytearray) -> None:
    """Take the ``..`` at the end away, and the folder before it."""
    slash = made.rfind(b"/", 0, max(0, len(made) - 3))
    if slash < 0:
        raise _Refused("above-root")
    del made[slash + 1 :]
