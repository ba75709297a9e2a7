"""The texts of which every match of an expression holds one: what a log can be looked through for first."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

_SHORTEST = 2  # a text of one letter is everywhere
_MOST = 12  # texts


class Literals(NamedTuple):
    """Every match holds one of ``texts``; with ``fold`` in small or capital letters."""

    texts: frozenset[str]
    fold: bool


def literals_of(expression: str, *, ignore_case: bool = False) -> Literals | None:
    """What every match of ``expression`` holds; None where that cannot be told, or is no help.

    The expression is taken apart by the parser of ``re`` itself, which is not public: whatever it gives that is not
    known here ends the text, and without it nothing is known.
    """
    try:
        parsed: Any = _parser().parse(expression, re.MULTILINE | (re.IGNORECASE if ignore_case else 0))
        fold = bool(parsed.state.flags & re.IGNORECASE)
        best = _best(parsed)
    except (ImportError, AttributeError, TypeError, ValueError, RecursionError):
        return None
    if best is None or len(best) > _MOST or min(map(len, best)) < _SHORTEST:
        return None
    # What is no UTF-8 is read as U+FFFD; and of letters beyond ASCII two small ones may have one capital.
    if "\ufffd" in "".join(best) or (fold and not expression.isascii()):
        return None
    return Literals(best, fold)


def _parser() -> Any:
    try:
        return importlib.import_module("re._parser")
    except ModuleNotFoundError:  # before Python 3.11
        return importlib.import_module("sre_parse")


def _best(items: Iterable[tuple[Any, Any]]) -> frozenset[str] | None:
    """Of what stands in a row, the set of texts that is most help: whose shortest one is longest."""
    sets: list[frozenset[str]] = []
    run = ""
    for operation, value in items:
        name = str(operation)
        if name == "LITERAL" and chr(value) != "\n":
            run += chr(value)
            continue
        if name == "AT":  # takes no room: what is before and behind it stands together
            continue
        if run:
            sets.append(frozenset([run]))
            run = ""
        found = _within(name, value)
        if found is not None:
            sets.append(found)
    if run:
        sets.append(frozenset([run]))
    return max(sets, key=lambda texts: (min(map(len, texts)), -len(texts)), default=None)


def _within(name: str, value: Any) -> frozenset[str] | None:
    if name == "SUBPATTERN":
        _group, added, removed, items = value
        return None if added or removed else _best(items)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, _most, items = value
        return _best(items) if least else None
    if name == "ATOMIC_GROUP":
        return _best(value)
    if name == "BRANCH":
        texts: frozenset[str] = frozenset()
        for items in value[1]:
            found = _best(items)
            if found is None:
                return None
            texts |= found
        return texts
    return None
