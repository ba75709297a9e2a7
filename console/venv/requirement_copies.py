"""A requirements file with other versions in it, somewhere else, to ask what would come of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count
from pathlib import Path

from .line_versions import with_version
from .requirement_lines import Line, Options, decode, parse_lines
from .requirements import Entry, beside, fits

# The text to put for a line that asks for something (with its line end), None to leave it out. The flag: it stands
# in a file of constraints.
Edit = Callable[[Path, Line, bool], str | None]


def write_copy(path: Path, folder: Path, edit: Edit) -> Path:
    """Write ``path`` and the files that it includes into ``folder``, with the lines that ``edit`` gives.

    What they name by a path relative to themselves is named by its whole path. Returns the copy of ``path``.
    """
    return _copy(path, folder, edit, constraint=False, above=(), numbers=count())


def with_versions(named: Mapping[str, Sequence[Entry]], versions: Mapping[str, str]) -> Edit:
    """All lines; those of ``named`` that do not allow the one of ``versions`` ask for it, without their hashes."""

    def edit(_path: Path, line: Line, _constraint: bool) -> str | None:
        version = versions.get(line.name or "")
        if version is None or line.requirement is None or line not in _lines(named, line.name):
            return line.raw
        if fits(line.requirement, version):
            return line.raw
        return _bare(line, f"=={version}") if line.hashed else with_version(line, line.requirement, version)

    return edit


def alone(
    named: Mapping[str, Sequence[Entry]],
    names: Collection[str],
    *,
    at_least: Mapping[str, str] | None = None,
    exactly: str = "",
) -> Edit:
    """Only the lines of ``names``, with what they want, with any version from the one of ``at_least`` on, or exactly
    with one.
    """

    def edit(_path: Path, line: Line, constraint: bool) -> str | None:
        if line.name not in names or line not in _lines(named, line.name):
            # A limit on what others bring counts; one on a name that is asked for elsewhere would be in the way.
            return line.raw if constraint and line.name not in named else None
        if exactly:
            return _bare(line, f"=={exactly}")
        if at_least is None or line.requirement is None or not line.requirement.specifier:
            return line.raw
        return _bare(line, f">={at_least[line.name or '']}")

    return edit


def _lines(named: Mapping[str, Sequence[Entry]], name: str | None) -> list[Line]:
    return [entry.line for entry in named.get(name or "", ())]


def _bare(line: Line, wanted: str) -> str:
    requirement = line.requirement
    if requirement is None:
        return line.raw
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker is not None else ""
    return f"{requirement.name}{extras}{wanted}{marker}"


def _copy(
    path: Path, folder: Path, edit: Edit, *, constraint: bool, above: tuple[Path, ...], numbers: count[int]
) -> Path:
    copy = folder / f"{next(numbers)}.txt"
    real = Path(os.path.realpath(path))
    try:
        lines = parse_lines(decode(path.read_bytes())) if real not in above else ()
    except OSError:  # told as a problem of the file already
        lines = ()
    written = []
    for line in lines:
        if line.kind in ("requirement", "link"):
            text = edit(path, line, constraint)
            if text is not None:
                written.append(_whole(path, line) if text == line.raw and line.kind == "link" else text)
        elif line.kind in ("include", "constraints") and "://" not in line.target:
            limits = constraint or line.kind == "constraints"
            included = _copy(
                path.parent / line.target, folder, edit, constraint=limits, above=(*above, real), numbers=numbers
            )
            written.append(f"{'-c' if limits else '-r'} {included}")
        elif line.options is not None:
            written.append(_options(path, line.options) or line.raw)
        elif line.kind != "blank":
            written.append(line.raw)
    copy.write_text("".join(f"{text.rstrip()}\n" for text in written), "utf-8", errors="surrogateescape")
    return copy


def _whole(path: Path, line: Line) -> str:
    target = beside(path, line.target)
    if target == line.target:
        return line.raw
    extras = f"[{','.join(sorted(line.extras))}]" if line.extras else ""
    marker = f" ; {line.marker}" if line.marker is not None else ""
    return f"{'-e ' if line.editable else ''}{target}{extras}{marker}"


def _options(path: Path, options: Options) -> str | None:
    """The line again where it names a folder beside its file; None where it can stay as it is."""
    links = [beside(path, link) for link in options.find_links]
    if links == list(options.find_links):
        return None
    words = [f"--index-url {options.index_url}"] if options.index_url else []
    for option, values in (
        ("--extra-index-url", options.extra_index_urls),
        ("--find-links", links),
        ("--no-binary", options.no_binary),
        ("--only-binary", options.only_binary),
    ):
        words += [f"{option} {value}" for value in values]
    words += [word for word, said in (("--no-index", options.no_index), ("--pre", options.pre)) if said]
    return "\n".join(words)
