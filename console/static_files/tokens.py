"""nginx's words, signs and comments with their places, as nginx itself divides a file.

The rules are those of ``ngx_conf_read_token`` in nginx's src/core/ngx_conf_file.c; of a ``*_by_lua_block`` those that
lua-nginx-module's documentation gives: its braces have to match, but for those in Lua's texts and comments.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..text import _

_SPACE = re.compile(rb"[ \t\r\n]*")  # nginx knows no other white space
_COMMENT = re.compile(rb"#[^\n]*")
# A brace is a part of the word behind a "$", as in ${name}; a "}", a quote or a "#" is in the midst of any word.
_PLAIN = re.compile(rb"(?:\\.|\$\{*|[^ \t\r\n;{\\$])+", re.DOTALL)
_QUOTED = re.compile(rb'"((?:\\.|[^"\\])*)"' rb"|'((?:\\.|[^'\\])*)'", re.DOTALL)
_ESCAPED = re.compile(rb"\\([\"'\\trn])")
_ENDS_PLAIN = b" \t\r\n;{"
_FOLLOWS_QUOTED = b" \t\r\n;{)"
_MEANT = {b"t": b"\t", b"r": b"\r", b"n": b"\n"}
_LUA = re.compile(
    rb"--\[(=*)\[.*?\]\1\]|--[^\n]*|\[(=*)\[.*?\]\2\]"
    rb"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[^{}\"'\[-]+|(?P<brace>[{}])|.",
    re.DOTALL,
)


class SiteSyntaxError(ValueError):
    """nginx cannot read this either: ``reason`` on ``line`` (the first is 1)."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Word:
    """A name or an argument: its text without quotes, and its bytes with them."""

    text: str
    start: int
    end: int


def tokens(data: bytes) -> Iterator[tuple[Word, str]]:
    """Each token with its kind: "word", "#" (a comment, to the end of its line) or the sign itself: "{", "}" or ";".

    What stands in a Lua block is left out. Raises SiteSyntaxError for a word that does not end, or ends in what nginx
    does not take there; the order of the tokens is the caller's matter.
    """
    position, first = _space_end(data, 0), ""
    while position < len(data):
        sign = data[position : position + 1]
        if sign in (b";", b"{", b"}"):
            yield Word(sign.decode(), position, position + 1), sign.decode()
            position += 1
            if sign == b"{" and first.endswith("_by_lua_block"):
                position = _lua_end(data, position)
            first = ""
        elif sign == b"#":
            end = _end(_COMMENT, data, position)
            yield Word(os.fsdecode(data[position:end]), position, end), "#"
            position = end
        else:
            word = _word(data, position)
            first = first or word.text
            yield word, "word"
            position = word.end
        position = _space_end(data, position)


def line_of(data: bytes, offset: int) -> int:
    """The number of the line that the byte at ``offset`` is on; the first is 1."""
    return data.count(b"\n", 0, offset) + 1


def _word(data: bytes, start: int) -> Word:
    quote = data[start : start + 1] in (b'"', b"'")
    end = _end(_QUOTED if quote else _PLAIN, data, start)
    after = data[end : end + 1]
    if not after or end == start:
        raise SiteSyntaxError(_('unexpected end of file, expecting ";"'), line_of(data, start))
    if after not in (_FOLLOWS_QUOTED if quote else _ENDS_PLAIN):
        sign = chr(after[0]) if after.isascii() else f"\\x{after[0]:02x}"
        raise SiteSyntaxError(_('unexpected "{sign}"').format(sign=sign), line_of(data, end))
    inner = data[start + 1 : end - 1] if quote else data[start:end]
    text = _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), inner)
    return Word(os.fsdecode(text), start, end)


def _lua_end(data: bytes, position: int) -> int:
    """Where the "}" of a Lua block stands that begins at ``position``; the end of ``data`` where there is none."""
    depth = 0
    for found in _LUA.finditer(data, position):
        brace = found["brace"]
        if brace == b"}" and depth == 0:
            return found.start()
        depth += {b"{": 1, b"}": -1}.get(brace, 0)
    return len(data)


def _space_end(data: bytes, position: int) -> int:
    return _end(_SPACE, data, position)


def _end(pattern: re.Pattern[bytes], data: bytes, position: int) -> int:
    found = pattern.match(data, position)
    return found.end() if found else position
