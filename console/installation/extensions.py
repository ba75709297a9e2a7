"""Compiled modules: which of them serve every Python, which may stay away, and which are in the way.

A wheel's compiled module is bound to one Python (``x.cpython-311-x86_64-linux-gnu.so``), to the stable ABI from one
Python on (``x.abi3.so``, PEP 384, the Python in the wheel's tag: PEP 425), or it is a plain library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from packaging.tags import Tag, parse_tag

_BOUND = re.compile(r"\.(?:cpython|pypy|graalpy)[\w-]*\.so$|\.(?:cp|pp)\d+[\w-]*\.so$")
_MYPYC = re.compile(r"__mypyc\.[^/]*\.so$")  # what the compiled modules of one mypyc wheel share


@dataclass(frozen=True)
class Sorted:
    """``left_out``: modules bound to one Python, whose source stands beside them. ``bound``: those without a source.
    ``oldest``: the Y of the Python 3.Y from which the others serve, 0 for any.
    """

    left_out: frozenset[str]
    bound: tuple[str, ...]
    oldest: int


def sort_extensions(files: Iterable[str], tags: Iterable[str]) -> Sorted:
    """Sort the compiled modules among ``files``, the paths of one distribution; ``tags`` are its wheel's."""
    names = set(files)
    wheel = [tag for text in tags for tag in parse_tag(text)]
    compiled = {name for name in names if re.search(r"\.so(?:\.[\d.]+)?$", name)}
    stable = {name for name in compiled if name.endswith(".abi3.so")}
    plain = {name for name in compiled - stable if not _BOUND.search(name) and not _serves_one_python(wheel)}
    bound = compiled - stable - plain
    shared = {name for name in bound if _MYPYC.search(name)}
    without_source = {name for name in bound - shared if not _has_source(name, names)}
    if without_source:
        without_source |= shared
    oldest = min((minor for tag in wheel if tag.abi == "abi3" and (minor := _minor(tag))), default=0) if stable else 0
    return Sorted(frozenset(bound - without_source), tuple(sorted(without_source)), oldest)


def _has_source(name: str, names: set[str]) -> bool:
    path = PurePath(name)
    module = path.name.partition(".")[0]
    return {str(path.with_name(f"{module}.py")), str(path.with_name(module) / "__init__.py")} & names != set()


def _serves_one_python(wheel: list[Tag]) -> bool:
    return bool(wheel) and all(tag.interpreter.startswith(("cp", "pp")) and tag.abi != "abi3" for tag in wheel)


def _minor(tag: Tag) -> int:
    told = re.fullmatch(r"cp3(\d+)", tag.interpreter)
    return int(told.group(1)) if told else 0
