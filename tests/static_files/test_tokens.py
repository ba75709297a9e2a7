"""Words are divided as nginx divides them: asked of a real one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from console.static_files.probe import fetch
from console.static_files.syntax import parse
from console.static_files.tokens import SiteSyntaxError, tokens

from .real_nginx import nginx, takes

WORDS = 40  # for one nginx: its start is what takes time


def _location(number: int, raw: str) -> str:
    return f"location = /{number} {{ return 200 {raw} ; }}\n"


def _answers(raw: str) -> str | None:
    """What nginx has to answer with ``raw`` as the text of a "return", by our reading; None where it refuses it."""
    try:
        (location,) = parse(_location(0, raw).encode()).body
        (answer,) = location.body
    except (SiteSyntaxError, ValueError):
        return None
    return "".join(answer.texts[1:]) if answer.opened is None and len(answer.texts) <= 2 else None


def _server(locations: str) -> str:
    return f"server {{ listen 127.0.0.1:{{port}}; {locations} }}\n"


# No "$": what follows one would have to be a variable that there is.
ODD = [
    "a}b",
    "a}",
    "a#b",
    r"a\\b",
    "'a'",
    '"a}b"',
    r"a\"b",
    r"\;",
    r"\ ",
    r"\{",
    r'"\"',
    '"a"b',
    "'a')",
    r"\n",
    r"a\tb",
]
raw_words = st.text(st.sampled_from("abntr\\\\\"'{}#;() \t\nčž"), min_size=1, max_size=8).filter(str.strip)


@given(st.lists(raw_words, min_size=WORDS, max_size=WORDS))
@example(ODD)
@settings(
    deadline=None,
    max_examples=10,
    # A smaller example would be nice to have, but each try is many starts of nginx.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_each_word_is_read_as_nginx_reads_it_or_refused_as_nginx_refuses_it(words: list[str]) -> None:
    expected = {number: (raw, _answers(raw)) for number, raw in enumerate(words)}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number, (raw, text) in expected.items():
            if text is None:
                assert not takes(_server(_location(number, raw)).replace("{port}", "8000"), folder), raw
        locations = "".join(_location(number, raw) for number, (raw, text) in expected.items() if text is not None)
        with nginx(_server(locations), folder) as port:
            for number, (raw, text) in expected.items():
                if text is not None:
                    answer = fetch(port, f"/{number}")
                    assert (raw, answer.status, answer.body.decode()) == (raw, 200, text)


@pytest.mark.parametrize("raw", ["a${x}b", "${x}", '"${x} y"', "a$x}", "${x}}"])
def test_a_brace_behind_a_dollar_is_a_part_of_the_word(raw: str, tmp_path: Path) -> None:
    (block,) = parse(f"location / {{ set $x v; return 200 {raw}; }}".encode()).body
    assert block.body[1].texts[1] == raw.strip('"')
    with nginx(_server(f"set $x v; return 200 {raw};"), tmp_path) as port:
        wanted = raw.strip('"').replace("${x}", "v").replace("$x", "v")
        assert fetch(port, "/").body.decode() == wanted


def test_a_bracket_may_follow_a_quoted_word_and_a_brace_end_a_regex(tmp_path: Path) -> None:
    text = 'if ($uri = "/a") { return 403; }\nif ($uri ~ ^/[b}]}) { return 402; }'
    first, second = parse(text.encode()).body
    assert (first.texts, second.texts) == (("($uri", "=", "/a", ")"), ("($uri", "~", "^/[b}]})"))
    with nginx(_server(text + " return 200 x;"), tmp_path) as port:
        assert [fetch(port, path).status for path in ("/", "/a", "/}}")] == [200, 403, 402]


@pytest.mark.parametrize(
    "lua",
    [
        "",
        "ngx.say('}')",
        'ngx.say("{ \\" }")',
        "local t = {1, {2}}",
        "-- a comment with }\n",
        "--[[ one\n} ]] x = 1",
        "--[==[ } ]] } ]==]",
        "x = [[ } ]]",
        "x = t[1] - 2",
        "x = 'don\\'t }'",
    ],
)
def test_lua_is_left_out(lua: str) -> None:
    site = parse(f"location / {{ content_by_lua_block {{ {lua} }} root /srv; }} a;".encode())
    outer, last = site.body
    block, root = outer.body
    assert (block.name, block.body, root.texts, last.name) == ("content_by_lua_block", (), ("/srv",), "a")
    assert site.data[block.start : block.end].endswith(f"{lua} }}".encode())


def test_lua_without_an_end_is_an_error() -> None:
    with pytest.raises(SiteSyntaxError, match='expecting "}"'):
        parse(b"content_by_lua_block { x = '}'")


@given(st.binary(max_size=60) | st.text(st.sampled_from("ab \t\r\n{};#\"'\\$š"), max_size=40).map(str.encode))
@settings(deadline=None)
def test_nothing_is_between_tokens_but_white_space(data: bytes) -> None:
    end = 0
    found = tokens(data)
    while True:
        try:
            word, kind = next(found)
        except StopIteration:
            assert data[end:].strip(b" \t\r\n") == b""
            return
        except SiteSyntaxError:
            return
        assert data[end : word.start].strip(b" \t\r\n") == b""
        assert word.start < word.end
        assert kind == "word" or data[word.start : word.start + 1] == kind.encode()
        end = word.end
