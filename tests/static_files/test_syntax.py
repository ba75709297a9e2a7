"""The tree of an nginx file knows where everything stands, and refuses what nginx refuses."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.static_files.syntax import every, outline, parse, quoted
from console.static_files.tokens import SiteSyntaxError, line_of

from .site_files import Written, site_files


def test_a_tree_with_places() -> None:
    data = b'a  "b c" {\n  d e; # f\n}\n'
    (block,) = parse(data).body
    (inner,) = block.body
    assert (block.name, block.texts, block.start, block.end, block.opened) == ("a", ("b c",), 0, 23, 9)
    assert (inner.name, inner.texts) == ("d", ("e",))
    assert data[inner.start : inner.end] == b"d e;"
    assert data[block.args[0].start : block.args[0].end] == b'"b c"'
    assert parse(data).comments == (18,)
    assert [[each.name for each in path] for path in every(parse(data).body)] == [["a"], ["a", "d"]]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a b;", "b"),
        (b'a "";', ""),
        (b"a 'x;} {#';", "x;} {#"),
        (b'a "say \\"x\\"";', 'say "x"'),
        (b'a "don\'t";', "don't"),
        (b"a back\\\\slash;", "back\\slash"),
        (b"a \\.(png)$;", "\\.(png)$"),
        ("a Šárka\u00a0š;".encode(), "Šárka\u00a0š"),
        ("a 'č\u0085';".encode(), "č\u0085"),
        (b"a \xff\xfe;", "\udcff\udcfe"),
        (b"a ${x}/y;", "${x}/y"),
        (b"a b#c;", "b#c"),
        (b"a\r\n\tb\r\n;", "b"),
    ],
)
def test_an_argument_is_read_as_nginx_reads_it(data: bytes, text: str) -> None:
    (directive,) = parse(data).body
    assert directive.texts == (text,)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"a", 1),
        (b"a;\nb c }", 2),
        (b"a {\n", 1),
        (b"\n}", 2),
        (b";", 1),
        (b"a;\n{ }", 2),
        (b'a "b;', 1),
        (b"a { b }", 1),
    ],
)
def test_what_nginx_cannot_read_is_an_error_with_its_line(data: bytes, line: int) -> None:
    with pytest.raises(SiteSyntaxError) as raised:
        parse(data)
    assert raised.value.line == line
    assert raised.value.reason


def test_a_comment_at_the_end_needs_no_line_end() -> None:
    assert parse(b"a;# b").comments == (2,)


@given(st.binary(max_size=60) | st.text(st.sampled_from("ab \t\r\n{};#\"'\\$\x85\xa0š"), max_size=40).map(str.encode))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        site = parse(data)
    except SiteSyntaxError:
        return
    for path in every(site.body):
        for outer, inner in itertools.pairwise(path):
            assert outer.opened is not None
            assert outer.opened < inner.start < inner.end < outer.end
        assert data[path[-1].end - 1 : path[-1].end] in (b";", b"}")
    assert all(data[comment : comment + 1] == b"#" for comment in site.comments)


@given(site_files())
@settings(deadline=None)
def test_places_go_up_with_the_file(site: Written) -> None:
    starts = [path[-1].start for path in every(parse(site.data).body)]
    assert starts == sorted(starts)
    assert line_of(site.data, len(site.data)) == site.data.count(b"\n") + 1


@given(st.text(max_size=20))
@settings(deadline=None)
def test_what_is_quoted_is_read_back(text: str) -> None:
    try:
        data = quoted(text)
    except (ValueError, UnicodeEncodeError):
        return
    (directive,) = parse(b"alias " + data + b";").body
    assert directive.texts == (text,)


def test_the_outline_leaves_a_part_out() -> None:
    one, other = b"a; b { c; } d;", b"a; b { c x; } d;"
    assert outline(parse(one), 0, 0) != outline(parse(other), 0, 0)
    assert outline(parse(one), 7, 10) == outline(parse(other), 7, 11)
