"""One file's lines by pip's rules."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.venv.needs import holds
from console.venv.requirement_lines import Line, decode, encode, parse_lines


def one(text: str, **variables: str) -> Line:
    (line,) = parse_lines(text, variables)
    return line


_SIGNS = st.sampled_from(["\\\n", "\n", "\r\n", "#", " ", "\x0c", "\u2028", "'", '"', "@", "--", "==", "[a,b]", "${X}"])
_WORDS = st.sampled_from(
    ["django", "==1.0", " ; python_version<'3'", " # c", "-r ", "-e .", "--hash=sha256:aa", "../p"]
)
_PIECES = _SIGNS | _WORDS | st.just("git+https://h/x.git#egg=x")


@given(st.one_of(st.text(), st.lists(_PIECES).map("".join)))
def test_any_text_is_read_and_its_lines_make_it_again(text: str) -> None:
    lines = parse_lines(text)
    assert "".join(line.raw for line in lines) == text
    assert all(line.problem for line in lines if line.kind == "invalid")


@given(st.binary())
def test_any_bytes_without_a_windows_mark_survive(data: bytes) -> None:
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        assert encode(decode(data), like=data) == data


@given(st.text(), st.sampled_from([("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)]))
def test_a_text_from_windows_is_written_as_it_was_read(text: str, encoding: tuple[str, bytes]) -> None:
    data = encoding[1] + text.encode(encoding[0])
    assert decode(data) == text
    assert encode(text, like=data) == data


@given(
    st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True),
    st.sets(st.sampled_from(["async", "dev", "tests"])),
    st.sampled_from(["", "==1.0", ">=1,<2", "~=1.4.2", "!=3.*"]),
    st.sampled_from(["", ' ; python_version < "3.9"', " # comment", "   ", " --hash=sha256:ab"]),
)
def test_what_is_put_together_is_taken_apart(name: str, extras: set[str], version: str, rest: str) -> None:
    line = one(f"{name}[{','.join(extras)}]{version}{rest}\n" if extras else f"{name}{version}{rest}\n")
    assert line.kind == "requirement"
    assert line.requirement is not None
    assert line.requirement.name == name
    assert line.extras == extras
    assert {str(each) for each in line.requirement.specifier} == set(version.split(",")) - {""}
    assert (line.marker is not None) == ("python_version" in rest)
    assert line.hashed == ("--hash" in rest)


def test_comments_and_empty_lines_are_blank() -> None:
    assert [line.kind for line in parse_lines("\n# a\n   # b\n   \n")] == ["blank"] * 4


def test_a_comment_needs_a_space_before_it() -> None:
    assert one("foo==1 # why").requirement is not None
    assert one("foo==1#why").kind == "invalid"


def test_a_backslash_joins_lines_and_a_comment_line_ends_them() -> None:
    lines = parse_lines("flask==3.0 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\nnext\n")
    assert [(line.number, line.name, line.hashed) for line in lines] == [(1, "flask", True), (4, "next", False)]
    lines = parse_lines("foo \\\n# a comment\nbar\n")
    assert [line.name for line in lines] == ["foo", "bar"]
    assert [line.name for line in parse_lines("# a comment \\\nbar\n")] == [None, "bar"]


def test_environment_variables_are_put_in_where_they_are_set() -> None:
    assert one("foo @ https://${TOKEN}@h/foo.zip", TOKEN="s3").target == "https://s3@h/foo.zip"
    assert one("--index-url https://${OTHER}@h/", TOKEN="s3").kind == "option"


@pytest.mark.parametrize("text", ["-r a.txt", "-ra.txt", "--requirement a.txt", "--requirement=a.txt"])
def test_an_included_file_is_recognised_in_each_way_of_writing(text: str) -> None:
    line = one(text)
    assert (line.kind, line.target) == ("include", "a.txt")


def test_constraints_are_no_requirements() -> None:
    assert (one("-c limits.txt").kind, one("--constraint=limits.txt").target) == ("constraints", "limits.txt")


@pytest.mark.parametrize(
    ("text", "name", "target"),
    [
        ("git+https://h/u/proj.git@v1#egg=Proj&subdirectory=x", "proj", None),
        ("git+ssh://git@h/u/proj.git", None, None),
        ("https://h/Foo_Bar-1.0-py3-none-any.whl", "foo-bar", None),
        ("./wheels/foo-1.0.tar.gz", "foo", None),
        ("foo-1.0-py3-none-any.whl", "foo", None),
        ("../lib", None, "../lib"),
        (".", None, "."),
        ("./lib[dev]", None, "./lib"),
    ],
)
def test_links_are_told_from_names(text: str, name: str | None, target: str | None) -> None:
    line = one(text)
    assert (line.kind, line.name, line.target, line.editable) == ("link", name, target or text, False)


def test_editable_lines_are_links() -> None:
    line = one("-e ./lib[dev]")
    assert (line.kind, line.target, line.editable, line.extras) == ("link", "./lib", True, frozenset({"dev"}))
    line = one("--editable=git+https://h/p.git#egg=p[x]")
    assert (line.name, line.extras, line.editable) == ("p", frozenset({"x"}), True)
    assert one('-e "p @ git+https://h/p.git"').name == "p"


def test_a_name_with_a_url_is_a_requirement() -> None:
    line = one("foo[x] @ https://h/foo.zip ; python_version < '3'")
    assert (line.kind, line.name, line.target, line.extras) == (
        "requirement",
        "foo",
        "https://h/foo.zip",
        frozenset("x"),
    )
    assert not holds(line.marker, {"python_version": "3.12"})


def test_the_marker_of_a_url_needs_a_space_before_its_semicolon() -> None:
    line = one("https://h/foo-1.0-py3-none-any.whl?a;b ; python_version < '3'")
    assert line.target == "https://h/foo-1.0-py3-none-any.whl?a;b"
    assert not holds(line.marker, {"python_version": "3.12"})


@pytest.mark.parametrize("text", ["foo bar", "pytz==2004d", "--no-such-option", "foo ; no_marker", "--hash='", "-r"])
def test_what_pip_refuses_is_invalid_with_a_reason(text: str) -> None:
    line = one(text)
    assert line.kind == "invalid"
    assert line.problem


def test_pips_own_options_are_options() -> None:
    for text in ("-i https://h/simple", "--extra-index-url=https://h", "--no-binary :all:", "--pre", "-f ./wheels"):
        assert one(text).kind == "option"


def test_files_from_windows_are_read() -> None:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF8, "utf-8")):
        assert decode(mark + "django==1\r\n".encode(encoding)) == "django==1\r\n"
