"""Changes of a site file's bytes: the static block on, off, with another folder, or new. All other bytes stay.

Every change is checked before it is returned: the file must parse, and its tree must be the one before but for
the static block.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import ConsoleError
from ..text import _
from .block import Block, all_blocks, own, server_of
from .syntax import Site, every, outline, parse, quoted
from .tokens import SiteSyntaxError

_INDENT = b"    "


def turn_on(data: bytes, block: Block) -> bytes:
    """``data`` with the commented ``block`` made active: the comment signs of its lines are taken off.

    Raises ConsoleError, as all functions here do, when the outcome would not be what was meant.
    """
    if block.active or block.marker is None:
        return data
    lines = data[block.start : block.end].split(b"\n")
    return _checked(data, block.start, block.end, b"\n".join(map(block.marker.taken_off, lines)))


def turn_off(data: bytes, block: Block, earlier: Iterable[bytes] = ()) -> bytes:
    """``data`` with the active ``block`` commented out.

    Of ``earlier`` contents of the file, one that becomes ``data`` when its block is turned on comes back as it
    was: comments are written in many ways, and the active block does not tell in which.
    """
    if not block.active:
        return data
    _need_whole_lines(block)
    for old in earlier:
        if _turned_on(old, block) == data:
            return old
    region = data[block.start : block.end]
    column = len(region) - len(region.lstrip(b" \t"))
    commented = [_commented(line, column) for line in region.split(b"\n")]
    return _checked(data, block.start, block.end, b"\n".join(commented))


def set_paths(data: bytes, block: Block, location: str, alias: str) -> bytes:
    """``data`` with another location and alias in the active ``block``; a ``root`` becomes an alias."""
    directive = block.directive
    served = own(directive, "alias", "root") if directive is not None else None
    if directive is None or served is None:
        raise ConsoleError(
            _("The block for {location} has no alias that could be changed.").format(location=block.location),
            _("What it serves is said elsewhere in the file."),
            _("Change the file by hand."),
        )
    changes = []
    if location != block.location:
        glued = block.modifier if len(directive.args) == 1 else ""
        changes.append((directive.args[-1].start, directive.args[-1].end, _argument(glued + location)))
    if served.name == "root":
        changes.append((served.start, served.args[0].end, b"alias " + _argument(alias)))
    elif alias != block.alias:
        changes.append((served.args[0].start, served.args[0].end, _argument(alias)))
    region, end = b"", directive.start
    for begin, behind, written in sorted(changes):
        region += data[end:begin] + written
        end = behind
    return _checked(data, directive.start, directive.end, region + data[end : directive.end])


def set_modifier(data: bytes, block: Block, modifier: str) -> bytes:
    """``data`` with ``modifier`` before the path of the active ``block``, which has none."""
    directive = block.directive
    if directive is None or len(directive.args) != 1 or block.modifier:
        return data
    place = directive.args[0].start
    region = data[directive.start : place] + modifier.encode() + b" " + data[place : directive.end]
    return _checked(data, directive.start, directive.end, region)


def add_to_block(data: bytes, block: Block, line: bytes) -> bytes:
    """``data`` with the directive ``line`` in the active ``block``, behind the one that names its folder."""
    directive = block.directive
    served = own(directive, "alias", "root") if directive is not None else None
    if directive is None or served is None:
        raise ConsoleError(
            _("The block for {location} has no alias that could be changed.").format(location=block.location),
            _("What it serves is said elsewhere in the file."),
            _("Change the file by hand."),
        )
    begin = data.rfind(b"\n", 0, served.start) + 1
    if data[begin : served.start].strip():  # the line is shared
        lead = b" "
    else:
        lead = (b"\r\n" if b"\r\n" in data else b"\n") + data[begin : served.start]
    region = data[directive.start : served.end] + lead + line + data[served.end : directive.end]
    return _checked(data, directive.start, directive.end, region)


def insert(data: bytes, port: int, location: str, alias: str, wanted: str | None = None) -> bytes:
    """``data`` with a new active block at the end of the server that ``server_of`` finds for ``port`` and ``wanted``.

    A file without servers gets it at its end when it holds locations, as it is then included in a server.
    """
    site = _parsed(data)
    server = server_of(site, port, wanted)
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    words = b"location " + _argument(location) + b" {"
    inner = b"alias " + _argument(alias) + b";"
    if server is None:
        if not any(each.name == "location" for each in site.body):
            raise ConsoleError(
                _("There is no server in the site file that a static block could stand in."),
                "",
                _("Choose another file with --file, or write the server by hand."),
            )
        start = len(data)
        lead = newline if data and not data.endswith(b"\n") else b""
        return _checked(data, start, start, lead + _lines(newline, b"", _INDENT, words, inner))
    brace = server.end - 1
    start = data.rfind(b"\n", 0, brace) + 1
    if data[start:brace].strip():  # the brace shares its line; the block has to have lines of its own
        indent = _indent_of(data, server.start) + _step(data, site)
        return _checked(data, brace, brace, newline + _lines(newline, indent, _step(data, site), words, inner))
    indent = _indent_of(data, server.body[-1].start) if server.body else data[start:brace] + _INDENT
    return _checked(data, start, start, _lines(newline, indent, _step(data, site), words, inner))


def _checked(data: bytes, start: int, end: int, region: bytes) -> bytes:
    """``data`` with the bytes from ``start`` to ``end`` replaced, if nothing outside of them reads differently."""
    after = data[:start] + region + data[end:]
    before = outline(_parsed(data), start, end)
    if outline(_parsed(after), start, start + len(region)) != before:
        raise ConsoleError(
            _("The change of the site file would change more than the static block."),
            _("The block is written in a way that the console does not understand."),
            _("Change the file by hand."),
        )
    return after


def _parsed(data: bytes) -> Site:
    try:
        return parse(data)
    except SiteSyntaxError as error:
        raise _unreadable(error) from error


def _unreadable(error: SiteSyntaxError) -> ConsoleError:
    return ConsoleError(
        _("The site file cannot be read as nginx's: {reason}, line {line}.").format(
            reason=error.reason, line=error.line
        ),
        "",
        _("Correct it by hand: nginx would not start with it either."),
    )


def _turned_on(old: bytes, block: Block) -> bytes | None:
    """``old`` with the commented block turned on that stands where ``block`` does, None where there is none."""
    try:
        found = next((each for each in all_blocks(parse(old)) if each.start == block.start and not each.active), None)
        return turn_on(old, found) if found is not None else None
    except (SiteSyntaxError, ConsoleError):  # some other file that happens to lie there
        return None


def _commented(line: bytes, column: int) -> bytes:
    content = line.lstrip(b" \t")
    if not content.strip():
        return line
    at = min(column, len(line) - len(content))
    return line[:at] + b"#" + line[at:]


def _need_whole_lines(block: Block) -> None:
    if not block.whole_lines:
        raise ConsoleError(
            _("The block for {location} shares a line with something else.").format(location=block.location),
            _("Commenting that line out would comment out more than the block."),
            _("Put the block on lines of its own and try again."),
        )


def _argument(text: str) -> bytes:
    try:
        return quoted(text)
    except ValueError as error:
        raise ConsoleError(
            _("nginx cannot hold {text} as a path.").format(text=repr(text)),
            _("A $ begins a variable there, and a path cannot go over a line's end."),
        ) from error


def _lines(newline: bytes, indent: bytes, step: bytes, words: bytes, inner: bytes) -> bytes:
    return newline.join([indent + words, indent + step + inner, indent + b"}", b""])


def _indent_of(data: bytes, offset: int) -> bytes:
    line = data[data.rfind(b"\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip(b" \t"))]


def _step(data: bytes, site: Site) -> bytes:
    """How much deeper the file indents the body of a block."""
    for path in every(site.body):
        if len(path) > 1:
            outer, inner = _indent_of(data, path[-2].start), _indent_of(data, path[-1].start)
            if inner.startswith(outer) and inner != outer:
                return inner[len(outer) :]
    return _INDENT
