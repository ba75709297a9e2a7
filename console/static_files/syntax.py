"""An nginx file as a tree in which everything knows its bytes.

crossplane's lexer knows nginx's words, quotes and comments, but tells only lines. Its tokens come in order and
as they are written, so each one's place is found by going along; an edit can then leave all other bytes alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..text import _

# For the lexer every byte must be one character, and white space only what nginx takes for it: what is neither
# ASCII nor visible becomes a letter, a carriage return a space. Texts are read from the original bytes.
_PLAIN = bytes(
    0x20 if byte == 0x0D else byte if byte in b"\t\n" or 0x20 <= byte < 0x7F else ord("x") for byte in range(256)
)
_SPACE = re.compile(rb"\s*")
_ESCAPED = re.compile(rb"""\\(["'\\])""")


class SiteSyntaxError(ValueError):
    """nginx could not read this either: ``reason`` on ``line`` (the first is 1)."""

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


@dataclass(frozen=True)
class Directive:
    """``name args;`` or ``name args { body }``, from its first byte to behind its ``;`` or ``}``.

    ``opened`` is the place of ``{``, None for a simple directive, whose ``body`` is empty.
    """

    word: Word
    args: tuple[Word, ...]
    start: int
    end: int
    opened: int | None = None
    body: tuple[Directive, ...] = ()

    @property
    def name(self) -> str:
        return self.word.text

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(arg.text for arg in self.args)


@dataclass(frozen=True)
class Site:
    """What a file holds: its directives, and where its comments begin (each goes on to the end of its line)."""

    data: bytes
    body: tuple[Directive, ...]
    comments: tuple[int, ...]


def parse(data: bytes) -> Site:
    """The tree of a file's bytes. Raises SiteSyntaxError."""
    comments: list[int] = []
    open_blocks: list[tuple[list[Word], int, list[Directive]]] = []
    body: list[Directive] = []
    words: list[Word] = []
    for word, kind in _tokens(data):
        if kind == "#":
            comments.append(word.start)
        elif kind == "word":
            words.append(word)
        elif kind == "}":
            if words:
                raise SiteSyntaxError(_('unexpected "}", expecting ";"'), line_of(data, word.start))
            head, opened, outer = open_blocks.pop()
            outer.append(Directive(head[0], tuple(head[1:]), head[0].start, word.end, opened, tuple(body)))
            body = outer
        elif not words:
            raise SiteSyntaxError(_('unexpected "{sign}"').format(sign=kind), line_of(data, word.start))
        elif kind == "{":
            open_blocks.append((words, word.start, body))
            body, words = [], []
        else:
            body.append(Directive(words[0], tuple(words[1:]), words[0].start, word.end))
            words = []
    if words:
        raise SiteSyntaxError(_('unexpected end of file, expecting ";"'), line_of(data, words[0].start))
    return Site(data, tuple(body), tuple(comments))


def line_of(data: bytes, offset: int) -> int:
    """The number of the line that the byte at ``offset`` is on; the first is 1."""
    return data.count(b"\n", 0, offset) + 1


def every(body: tuple[Directive, ...], parents: tuple[Directive, ...] = ()) -> Iterator[tuple[Directive, ...]]:
    """Each directive of the tree in the file's order, as the path that leads to it: outermost first, itself last."""
    for directive in body:
        path = (*parents, directive)
        yield path
        yield from every(directive.body, path)


def outline(site: Site, start: int, end: int) -> object:
    """The tree without places, and without what lies between the bytes ``start`` and ``end``; for comparing."""

    def plain(body: tuple[Directive, ...]) -> tuple[object, ...]:
        return tuple(
            (each.name, each.texts, each.opened is not None, plain(each.body))
            for each in body
            if not start <= each.start < end
        )

    return plain(site.body)


def quoted(text: str) -> bytes:
    """``text`` as an argument, in quotes where nginx needs them. Raises ValueError for what it cannot hold."""
    if "$" in text or "\n" in text or "\0" in text or text.endswith("\\"):
        raise ValueError(text)
    data = os.fsencode(text)
    if not re.search(rb"[\s;{}\"'#\\]", data) and data:
        return data
    return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _tokens(data: bytes) -> Iterator[tuple[Word, str]]:
    """Each token with its kind: "word", "#" or the sign itself."""
    # Not at import: 20 ms, and the first screen imports this module.
    from crossplane.errors import NgxParserSyntaxError
    from crossplane.lexer import lex

    plain = data.translate(_PLAIN) + b"\n"
    fd = os.memfd_create("site")
    os.write(fd, plain)
    os.lseek(fd, 0, os.SEEK_SET)
    position = 0
    try:
        for token, line, is_quoted in lex(fd):  # it opens by name or descriptor, and closes it
            start = position = _space_end(plain, position)
            raw = token.encode()
            if is_quoted:
                quote = plain[start : start + 1]
                raw = quote + raw.replace(quote, b"\\" + quote) + quote
            if not plain.startswith(raw, start):
                raise SiteSyntaxError(_("not understood"), line)
            position = start + len(raw)
            kind = "word" if is_quoted or token[0] not in "#;{}" else token[0]
            inner = data[start + 1 : position - 1] if is_quoted else data[start:position]
            yield Word(os.fsdecode(_ESCAPED.sub(rb"\1", inner)), start, position), kind
    except NgxParserSyntaxError as error:
        raise SiteSyntaxError(error.strerror, error.lineno) from error


def _space_end(plain: bytes, position: int) -> int:
    found = _SPACE.match(plain, position)
    return found.end() if found else position
