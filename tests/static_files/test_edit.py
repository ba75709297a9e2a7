"""Turning on and off changes the static block and not one byte more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.static_files.block import Block, find_block
from console.static_files.edit import insert, set_paths, turn_off, turn_on
from console.static_files.syntax import outline, parse

from .site_files import Written, site_files

PORT = 8000

GUIDE = b"""server {
    listen       0.0.0.0:8000;
    listen       [::]:8000;
    location / {
        proxy_pass         http://127.0.0.1:8080/;
        proxy_redirect     default;
        proxy_set_header   X-Real-IP  $remote_addr;
        proxy_set_header   Host       $host;
    }
    #location /static/ {
    #    alias /srv/static/;
    #}
}
"""

GUIDE_ON = GUIDE.replace(b"    #location", b"    location").replace(b"    #    alias", b"        alias")
GUIDE_ON = GUIDE_ON.replace(b"    #}", b"    }")

# Found in the wild or made up from complaints: each has a commented static block.
ODD = [
    GUIDE,
    GUIDE.replace(b"\n", b"\r\n"),
    GUIDE.removesuffix(b"\n"),
    GUIDE.replace(b"    #", b"#    "),
    GUIDE.replace(b"    #", b"    # "),
    GUIDE.replace(b"    #", b"\t##"),
    GUIDE.replace(b"    #}\n", b"    #}   # the end\n"),
    GUIDE.replace(b"    #    alias", b"\n    #    # pictures\n    #    alias"),
    GUIDE.replace(b"    #    alias", b"    #    expires 7d; # don't cache { longer\n    #    alias"),
    GUIDE.replace(b"{\n    #    alias /srv/static/;\n    #}", b"{ alias /srv/static/; }"),
    GUIDE.replace(b"    #location", "    # Statické soubory:\n    #\n    #location".encode("iso8859-2")),
    b"# upstream x { server y; }\n" + GUIDE + b"#location /static/ {\n#  alias /nowhere/;\n#}\n",
    b"#location /static/ {\n#    alias /srv/static/;\n#}\n",
]


def found(data: bytes) -> Block:
    block = find_block(parse(data), "/static/", PORT)
    assert block is not None
    return block


def test_the_guides_block_is_turned_on_as_by_hand() -> None:
    assert turn_on(GUIDE, found(GUIDE)) == GUIDE_ON


def test_the_guides_block_is_turned_off_as_it_was() -> None:
    assert turn_off(GUIDE_ON, found(GUIDE_ON)) == GUIDE


@pytest.mark.parametrize("data", ODD)
def test_on_then_off_is_the_identity_for_odd_files(data: bytes) -> None:
    on = turn_on(data, found(data))
    assert found(on).active
    assert turn_off(on, found(on), [data]) == data


@given(site_files(active=False))
@settings(deadline=None)
def test_on_then_off_is_the_identity(site: Written) -> None:
    on = turn_on(site.data, found(site.data))
    assert turn_off(on, found(on), [b"another file", site.data]) == site.data


@given(site_files(active=True))
@settings(deadline=None)
def test_off_then_on_is_the_identity(site: Written) -> None:
    off = turn_off(site.data, found(site.data))
    assert not found(off).active
    assert turn_on(off, found(off)) == site.data


@given(site_files())
@settings(deadline=None)
def test_only_the_block_differs(site: Written) -> None:
    before = found(site.data)
    after = turn_off(site.data, before) if before.active else turn_on(site.data, before)
    now = found(after)
    assert now.active != before.active
    assert (now.location, now.modifier, now.folder) == (before.location, before.modifier, before.folder)
    assert after[: now.start] == site.data[: before.start]
    assert after[now.end :] == site.data[before.end :]
    assert outline(parse(after), now.start, now.end) == outline(parse(site.data), before.start, before.end)


@given(
    site_files(),
    st.sampled_from(["/static/", "/files/", "/a b/", "/složka/"]),
    st.sampled_from(["/x/", '/"y"/', "/ž/"]),
)
@settings(deadline=None)
def test_only_location_and_alias_are_set(site: Written, location: str, alias: str) -> None:
    data = turn_on(site.data, found(site.data))
    before = found(data)
    after = set_paths(data, before, location, alias)
    now = find_block(parse(after), location, PORT)
    assert now is not None
    assert (now.start, now.location, now.alias, now.modifier) == (before.start, location, alias, before.modifier)
    assert after[now.end :] == data[before.end :]
    assert outline(parse(after), now.start, now.end) == outline(parse(data), before.start, before.end)


@given(site_files())
@settings(deadline=None)
def test_a_block_is_inserted_where_there_is_none(site: Written) -> None:
    after = insert(site.data, PORT, "/files/", "/srv/files/")
    block = find_block(parse(after), "/files/", PORT)
    assert block is not None
    assert (block.active, block.location, block.alias) == (True, "/files/", "/srv/files/")
    assert after[: block.start] + after[block.end :] == site.data
    off = turn_off(after, block)
    assert find_block(parse(off), "/files/", PORT) is not None


def test_an_inserted_block_looks_like_its_neighbours() -> None:
    data = GUIDE.replace(b"    #location /static/ {\n    #    alias /srv/static/;\n    #}\n", b"")
    assert insert(data, PORT, "/static/", "/srv/static/") == GUIDE_ON
    tabs = b"server {\r\n\tlisten 8000;\r\n}\r\n"
    assert insert(tabs, PORT, "/static/", "/s/") == (
        b"server {\r\n\tlisten 8000;\r\n\tlocation /static/ {\r\n\t\talias /s/;\r\n\t}\r\n}\r\n"
    )


def test_a_block_is_inserted_into_a_server_of_one_line() -> None:
    after = insert(b"server { listen 8000; }", PORT, "/static/", "/s/")
    assert after == b"server { listen 8000; \n    location /static/ {\n        alias /s/;\n    }\n}"
    assert not found(turn_off(after, found(after))).active


def test_a_file_of_locations_gets_the_block_at_its_end() -> None:
    after = insert(b"location /a/ { return 404; }", PORT, "/static/", "/s/")
    assert after == b"location /a/ { return 404; }\nlocation /static/ {\n    alias /s/;\n}\n"


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"upstream x { server y; }\n"])
def test_a_file_without_servers_gets_no_block(data: bytes) -> None:
    with pytest.raises(ConsoleError):
        insert(data, PORT, "/static/", "/s/")


def test_the_server_that_listens_on_the_port_gets_the_block() -> None:
    data = b"server {\n  listen 9000;\n}\nserver {\n  listen [::]:8000;\n}\n"
    after = insert(data, PORT, "/static/", "/s/")
    assert after.startswith(b"server {\n  listen 9000;\n}\nserver {")
    assert found(after).alias == "/s/"


def test_a_block_that_shares_its_line_is_not_commented_out() -> None:
    data = b"server { listen 8000; location /static/ { alias /s/; } }\n"
    with pytest.raises(ConsoleError, match="shares a line"):
        turn_off(data, found(data))


def test_a_root_becomes_an_alias() -> None:
    data = b"server {\n  location /static/ {\n    root  /srv ;  # files\n  }\n}\n"
    after = set_paths(data, found(data), "/static/", "/srv/files/")
    assert after == b"server {\n  location /static/ {\n    alias /srv/files/ ;  # files\n  }\n}\n"


def test_an_inherited_root_is_left_alone() -> None:
    data = b"server {\n  root /srv;\n  location /static/ { expires 1d; }\n}\n"
    with pytest.raises(ConsoleError):
        set_paths(data, found(data), "/static/", "/srv/files/")


@pytest.mark.parametrize("alias", ["/srv/$x/", "/a\nb/"])
def test_what_nginx_cannot_hold_is_refused(alias: str) -> None:
    with pytest.raises(ConsoleError):
        insert(GUIDE, PORT, "/static/", alias)


def test_a_file_that_nginx_cannot_read_is_not_changed() -> None:
    with pytest.raises(ConsoleError):
        insert(b"server {\n", PORT, "/static/", "/s/")
