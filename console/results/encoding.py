"""Results and events as JSON and back: for ``--json``, and for the journal that one process writes and others read."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def as_json(value: Any) -> Any:
    """``value`` as what ``json.dumps`` takes: dataclasses become objects, paths strings, times ISO 8601, bytes text
    in UTF-8 with surrogates for what is none.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [as_json(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value


def from_json(kind: type[T], told: Any) -> T:
    """The ``kind`` (a dataclass of results or events) that ``as_json`` made ``told`` of.

    Names that ``kind`` does not have are left out, those that are missing get their default: another version of the
    console may have written it. Raises ValueError where the two do not fit otherwise.
    """
    value: T = _read(kind, told)
    return value


def _read(kind: Any, told: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _read_union(typing.get_args(kind), told)
    if origin is tuple:
        inner = typing.get_args(kind)
        if not isinstance(told, list) or len(inner) != 2 or inner[1] is not Ellipsis:
            raise ValueError(f"no {kind}: {told!r}")
        return tuple(_read(inner[0], item) for item in told)
    if dataclasses.is_dataclass(kind):
        return _read_object(kind, told)
    if kind in (Path, bytes, datetime):
        if not isinstance(told, str):
            raise ValueError(f"no {kind.__name__}: {told!r}")
        return told.encode("utf-8", "surrogateescape") if kind is bytes else _from_text(kind, told)
    if kind is float and isinstance(told, int) and not isinstance(told, bool):
        return float(told)
    if kind is not Any and not (isinstance(told, kind) and isinstance(told, bool) == (kind is bool)):
        raise ValueError(f"no {kind.__name__}: {told!r}")
    return told


def _from_text(kind: Any, told: str) -> Any:
    return datetime.fromisoformat(told) if kind is datetime else kind(told)


def _read_union(kinds: tuple[Any, ...], told: Any) -> Any:
    if told is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is not type(None):
            try:
                return _read(kind, told)
            except ValueError:
                continue
    raise ValueError(f"none of {kinds}: {told!r}")


def _read_object(kind: Any, told: Any) -> Any:
    if not isinstance(told, dict):
        raise ValueError(f"no {kind.__name__}: {told!r}")
    hints = _hints(kind)
    try:
        return kind(**{name: _read(hints[name], value) for name, value in told.items() if name in hints})
    except TypeError as error:
        raise ValueError(str(error)) from error


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
