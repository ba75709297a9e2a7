"""The static block is found wherever and however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from console.static_files.block import Block, all_blocks, find_block, half_commented, half_commented_text
from console.static_files.syntax import parse

from .site_files import Written, site_files


def find(text: str, location: str = "/static/", port: int = 8000) -> Block | None:
    return find_block(parse(text.encode()), location, port)


@given(site_files())
@settings(deadline=None)
def test_the_block_is_found_in_every_shape(site: Written) -> None:
    block = find_block(parse(site.data), "/static/", 8000)
    assert block is not None
    assert block.active is (site.style is None)
    assert block.location.rstrip("/") == "/static"
    assert block.uses == "alias"
    lines = site.data[block.start : block.end]
    assert b"location" in lines.split(b"\n")[0]
    assert b"}" in lines.rstrip(b"\r\n").split(b"\n")[-1]


@pytest.mark.parametrize("marker", ["#", "# ", "##", "\t# ", "    #   ", "#\t"])
def test_comment_signs_of_all_kinds(marker: str) -> None:
    block = find(f"server {{\n{marker}location /static/ {{\n{marker}  alias /s/;\n\n{marker}}}\n}}\n")
    assert block is not None
    assert (block.active, block.location, block.alias, block.line) == (False, "/static/", "/s/", 2)


@pytest.mark.parametrize(
    "text",
    [
        "server { }",
        "server {\n # location /static/ is served by nginx {\n # maybe }\n}",
        "server {\n #location /static/ {\n #  proxy_pass http://x;\n #}\n}",
        "server {\n #location /static/ {\n #  alias /s/;\n}",
        "server {\n #location a b /static/ {\n #  alias /s/;\n #}\n}",
        "server {\n location ~ ^/static/ { alias /s/; }\n}",
        "server {\n location = /static { return 301 /static/; }\n}",
        "server {\n location /static-old/ { alias /s/; }\n}",
        "server { }\n#server {\n#  location /static/ {\n#    alias /s/;\n#  }\n#}",
    ],
)
def test_what_is_no_static_block(text: str) -> None:
    assert find(text) is None


def test_an_active_block_wins_over_a_commented_one() -> None:
    block = find("server {\n#location /static/ { alias /a/; }\nlocation /static/ { alias /b/; }\n}")
    assert block is not None
    assert block.alias == "/b/"


def test_the_slash_at_the_end_does_not_hide_a_block() -> None:
    block = find("server { location /static { alias /a/; } }")
    assert block is not None
    assert block.location == "/static"
    both = find("server { location /static { alias /a; } location /static/ { alias /b/; } }")
    assert both is not None
    assert both.alias == "/b/"


def test_the_server_of_the_port_counts() -> None:
    text = """
    server { listen 9000; location /static/ { alias /a/; } }
    server { listen 127.0.0.1:8000; location /static/ { alias /b/; } }
    """
    block, other, neither = find(text), find(text, port=9000), find(text, port=1)
    assert block is not None
    assert other is not None
    assert neither is not None
    assert (block.alias, other.alias, neither.alias) == ("/b/", "/a/", "/a/")


def test_a_file_without_servers_is_searched_whole() -> None:
    block = find("#location /static/ {\n#alias /a/;\n#}")
    assert block is not None
    assert not block.active


def test_a_nested_location_is_found() -> None:
    block = find("server { location / { location ^~ /static/ { alias /a/; } } }")
    assert block is not None
    assert (block.modifier, block.alias) == ("^~", "/a/")


@pytest.mark.parametrize(
    ("body", "uses", "alias"),
    [
        ("alias /s/;", "alias", "/s/"),
        ("root /srv;", "root", "/srv/static/"),
        ("root /srv/;", "root", "/srv/static/"),
        ("expires 1d;", "inherited", "/outer/static/"),
        ("proxy_pass http://x;", "", ""),
    ],
)
def test_where_the_files_come_from(body: str, uses: str, alias: str) -> None:
    block = find(f"server {{ root /outer; location /static/ {{ {body} }} }}")
    assert block is not None
    assert (block.uses, block.alias) == (uses, alias)


def test_a_commented_block_inherits_too() -> None:
    block = find("server { root /outer;\n#location /static/ {\n#  expires 1d;\n#}\n}")
    assert block is not None
    assert (block.active, block.uses, block.alias) == (False, "inherited", "/outer/static/")
    assert find("server { root /outer;\n#location /static/ {\n#  proxy_pass http://x;\n#}\n}") is None


def test_an_exact_location_is_found_by_its_own_path_only() -> None:
    block = find("server { location = /favicon.ico { alias /f.ico; } }", "/favicon.ico")
    assert block is not None
    assert (block.modifier, block.alias) == ("=", "/f.ico")


def test_all_blocks_of_a_file() -> None:
    text = "server {\nlocation / { proxy_pass http://x; }\n#location /a/ { alias /a/; }\nlocation /b/ { root /b; }\n}"
    assert {(block.location, block.active) for block in all_blocks(parse(text.encode()))} == {
        ("/", True),
        ("/a/", False),
        ("/b/", True),
    }


def test_a_half_commented_block_is_recognised() -> None:
    outer = b"server {\n#location /static/ {\n    alias /s/;\n#}\n}"
    assert half_commented(parse(outer)) == 3
    assert half_commented_text(b"server {\n#location /static/ {\n    alias /s/;\n}\n}")
    assert half_commented(parse(b"server { location /static/ { alias /s/; } }")) is None
    assert not half_commented_text(b"server {\n#location /static/ {\n#    alias /s/;\n#}\n")
