"""Site files as they are found in the field, in `sites`: nginx takes them, and what the console makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.static_files.block import Block, all_blocks
from console.static_files.change import plan_static
from console.static_files.edit import insert, turn_off, turn_on
from console.static_files.mappings import list_mappings
from console.static_files.syntax import outline, parse

from .real_nginx import takes

SITES = sorted((Path(__file__).parent / "sites").iterdir())

# The location, the folder as an alias has it, and whether it is active.
BLOCKS = {
    "commented-without-indent.conf": [("/static/", "/srv/static/", False)],
    "django-static-and-media.conf": [
        ("/media/", "/srv/media/", True),
        ("/static/", "/srv/static/", True),
        ("/favicon.ico", "/srv/static/favicon.ico", True),
    ],
    "empty-server.conf": [],
    "escapes.conf": [("/static/", "/srv/static/", True)],
    "glued-modifier.conf": [("/static/", "/srv/static/", True)],
    "guide-on-by-hand.conf": [("/static/", "/srv/static/", True)],
    "guide.conf": [("/static/", "/srv/static/", False)],
    "latin2.conf": [("/static/", "/srv/app/static/", True)],
    "locations-only.inc": [("/static/", "/srv/static/", False)],
    "mixed-line-ends.conf": [("/static/", "/srv/static/", False)],
    "nested-commented.conf": [("/shop/static/", "/srv/shop/", False), ("/static/", "/srv/static/", False)],
    # What is nested inherits its alias.
    "nested.conf": [("/static/", "/srv/static/", True)],
    "no-block.conf": [],
    "no-newline-at-the-end.conf": [("/static/", "/srv/static/", False)],
    "one-line.conf": [("/static/", "/srv/static/", False)],
    "prose-around.conf": [("/static/", "/srv/static/", False)],
    "quoted-and-split.conf": [("/static/", "/srv/my static/", True)],
    "redirect-server-first.conf": [("/static/", "/srv/static/", True)],
    "regexes.conf": [
        ("\\.(?:jpe?g|png|gif|svg|woff2?)$", "/srv/app\\.(?:jpe?g|png|gif|svg|woff2?)$", True),
        ("^/report-(?<year>\\d{4})/", "/srv/reports/$year/", True),
        ("/static/", "/srv/static/", False),
    ],
    "root-in-place-of-alias.conf": [("/static/", "/srv/static/", True)],
    "try-files-and-named.conf": [
        ("/", "/srv/app/public/", True),
        ("/static/", "/srv/static/", True),
    ],
    "two-sites-in-one-file.conf": [("/static/", "/srv/static/", True), ("/static/", "/srv/admin-static/", False)],
    "variables.conf": [("/files/", "$folder/", True), ("/static/", "/srv/static/", False)],
    "websocket-map.conf": [("/static/", "/srv/static/", False)],
    "windows-editor.conf": [("/static/", "/srv/app/static/", False)],
}

every_site = pytest.mark.parametrize("file", SITES, ids=lambda file: str(file.name))


def served(data: bytes) -> list[Block]:
    return [block for block in all_blocks(parse(data)) if block.uses]


def accepted(folder: Path, name: str, data: bytes) -> bool:
    """Whether a real nginx takes ``data`` as a site file, or as a part of a server for one that is included there."""
    return takes(b"server { listen 8000; " + data + b"}" if name.endswith(".inc") else data, folder)


@every_site
def test_nginx_takes_it(file: Path, tmp_path: Path) -> None:
    assert accepted(tmp_path, file.name, file.read_bytes())


def test_nginx_is_asked_in_earnest(tmp_path: Path) -> None:
    assert not accepted(tmp_path, "broken.conf", b"server { location / { }\n")


@every_site
def test_its_blocks_are_found(file: Path) -> None:
    assert {(block.location, block.alias, block.active) for block in served(file.read_bytes())} == {*BLOCKS[file.name]}


@every_site
def test_each_block_is_turned_and_turned_back_byte_for_byte(file: Path, tmp_path: Path) -> None:
    data = file.read_bytes()
    for block in served(data):
        if block.active and not block.whole_lines:
            with pytest.raises(ConsoleError, match="shares a line"):
                turn_off(data, block)
            continue
        turned = turn_off(data, block) if block.active else turn_on(data, block)
        now = next(each for each in served(turned) if each.start == block.start)
        assert now.active is not block.active
        assert (now.location, now.modifier, now.alias) == (block.location, block.modifier, block.alias)
        assert accepted(tmp_path, file.name, turned)
        # Exactly the one block differs, in the bytes and in what nginx reads.
        assert (turned[: now.start], turned[now.end :]) == (data[: block.start], data[block.end :])
        without = outline(parse(data), block.start, block.end)
        assert outline(parse(turned), now.start, now.end) == without
        assert outline(parse(turned), 0, 0) != outline(parse(data), 0, 0)
        assert (turn_on(turned, now) if block.active else turn_off(turned, now, [data])) == data


@every_site
def test_a_new_block_is_put_in_and_the_rest_stays(file: Path, tmp_path: Path) -> None:
    data = file.read_bytes()
    after = insert(data, 8000, "/added/", "/srv/added/")
    assert accepted(tmp_path, file.name, after)
    added = next(block for block in served(after) if block.location == "/added/")
    directive = added.directive
    assert directive is not None
    rest = after[: directive.start] + after[directive.end :]
    assert b"".join(rest.split()) == b"".join(data.split())
    assert outline(parse(after), directive.start, directive.end) == outline(parse(data), 0, 0)


@every_site
def test_plans_of_on_and_off_lead_back_to_the_same_file(file: Path, written: Container, tmp_path: Path) -> None:
    for folder in ("app/static", "my static", "media", "admin-static", "shop"):
        (written.srv / folder).mkdir(parents=True, exist_ok=True)
        (written.srv / folder / "a.txt").write_text("a")
    site = written.site_file
    first = file.read_bytes()
    site.write_bytes(first)
    list_mappings(written)
    on = plan_static(written, "on", server=_server(file))
    assert accepted(tmp_path, file.name, on.new)
    site.write_bytes(on.new)
    off = plan_static(written, "off", server=_server(file))
    assert accepted(tmp_path, file.name, off.new)
    site.write_bytes(off.new)
    assert not plan_static(written, "off", server=_server(file)).changes
    again = plan_static(written, "on", server=_server(file))
    assert again.new == on.new


def _server(file: Path) -> str | None:
    return "www.example.cz" if file.name == "redirect-server-first.conf" else None
