"""An nginx file as a tree in which everything knows its bytes, so that an edit can leave all others alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..text import _
from .tokens import SiteSyntaxError, Word, line_of, tokens

_NEEDS_QUOTES = re.compile(rb"[\s;{}\"'#\\]")


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
    for word, kind in tokens(data):
        if kind == "#":
            comments.append(word.start)
        elif kind == "word":
            words.append(word)
        elif kind == "}":
            if words:
                raise SiteSyntaxError(_('unexpected "}", expecting ";"'), line_of(data, word.start))
            if not open_blocks:
                raise SiteSyntaxError(_('unexpected "{sign}"').format(sign=kind), line_of(data, word.start))
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
    if open_blocks:
        raise SiteSyntaxError(_('unexpected end of file, expecting "}"'), line_of(data, open_blocks[-1][1]))
    return Site(data, tuple(body), tuple(comments))


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
    if data and not _NEEDS_QUOTES.search(data):
        return data
    return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
