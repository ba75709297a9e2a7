"""Every mapping of every server and file is listed, with what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.container import Container
from console.results import as_json
from console.results.static import StaticMapping
from console.static_files.mappings import list_mappings, presets


def rows(container: Container, *files: str, main: str | None = None) -> tuple[StaticMapping, ...]:
    """The list for these site files: the first is the container's own."""
    for number, text in enumerate(files):
        path = container.site_file if number == 0 else container.site_file.with_name(f"z{number}.conf")
        path.write_text(text)
    if main is not None:
        (container.root / "etc/nginx").mkdir(parents=True)
        (container.root / "etc/nginx/nginx.conf").write_text(main)
    return list_mappings(container).mappings


def codes(container: Container, *blocks: str) -> list[tuple[str, list[str]]]:
    text = "server {\nlisten 8000;\n" + "\n".join(blocks) + "\n}\n"
    return [(row.location, [problem.code for problem in row.problems]) for row in rows(container, text)]


def test_all_servers_files_and_kinds_of_blocks(written: Container) -> None:
    found = rows(
        written,
        "server {\n  listen 8000;\n  server_name a.cz;\n  location / { proxy_pass http://x; }\n"
        "  ## location /static/ {\n  ##   alias /srv/static/;\n  ## }\n"
        "  location ^~ /media/ {\n    alias /srv/static/;\n  }\n}\n"
        "server {\n  listen 9000;\n  root /srv;\n  location /static { expires 1d; }\n}\n",
        'server {\n  listen 8000;\n  server_name b.cz;\n  location ~ "^/p/(.*)$" { alias /srv/static/$1; }\n'
        "  location = /favicon.ico { alias /srv/static/a.txt; }\n}\n",
    )
    assert [(row.server, row.modifier, row.location, row.uses, row.state) for row in found] == [
        ("a.cz :8000", "^~", "/media/", "alias", "on"),
        ("server :9000", "", "/static", "inherited", "on"),
        ("a.cz :8000", "", "/static/", "alias", "off"),
        ("b.cz :8000", "~", "^/p/(.*)$", "alias", "on"),
        ("b.cz :8000", "=", "/favicon.ico", "alias", "on"),
    ]
    assert [(row.file.name, row.line) for row in found][:3] == [
        ("python.conf", 8),
        ("python.conf", 15),
        ("python.conf", 5),
    ]
    assert (found[0].files, found[0].bytes, found[0].counted) == (2, 4, True)
    assert (found[3].files, found[3].bytes) == (None, None)


def test_a_server_without_a_mapping_is_offered_one(written: Container) -> None:
    (row,) = rows(written, "server {\n  listen 8000;\n}\nserver {\n  listen 9000;\n}\n")
    assert (row.state, row.location, row.folder, row.line) == ("absent", "/static/", f"{written.srv}/static/", None)


def test_includes_are_followed_from_the_main_file(written: Container) -> None:
    (written.srv / "conf/parts").mkdir()
    (written.srv / "conf/parts/static.inc").write_text("location /static/ { alias /srv/static/; }\n")
    (written.srv / "conf/parts/loop.inc").write_text("include /srv/conf/parts/loop.inc;\n")
    found = rows(
        written,
        "server {\n  listen 8000;\n  include /srv/conf/parts/*.inc;\n}\n",
        main="events { }\nhttp {\n  include mime.types;\n  include /srv/conf/nginx.d/*;\n}\n",
    )
    assert [(row.file.name, row.server, row.state) for row in found] == [("static.inc", "server :8000", "on")]


def test_a_root_from_around_the_servers_is_inherited(written: Container) -> None:
    (row,) = rows(
        written,
        "server {\n  listen 8000;\n  location /static/ { expires 1d; }\n}\n",
        main="http {\n  root /srv;\n  include /srv/conf/nginx.d/*;\n}\n",
    )
    assert (row.uses, row.folder, row.state) == ("inherited", "/srv/static/", "on")


def test_what_cannot_be_read_is_shown_and_the_rest_counts(written: Container) -> None:
    good = "server {\n  listen 8000;\n  location /static/ { alias /srv/static/; }\n}\n"
    rows(written, good, "server {\n  nonsense\n}\n", "server {\n#location /a/ {\n    alias /s/;\n#}\n}\n")
    found = list_mappings(written)
    assert [row.location for row in found.mappings][:1] == ["/static/"]
    assert [(each.file.name, each.line, each.problem.code) for each in found.files] == [
        ("z1.conf", 3, "syntax"),
        ("z2.conf", 3, "half-commented"),
    ]
    assert as_json(found)["files"][0]["problem"]["code"] == "syntax"


def test_a_regex_before_the_block_shadows_it(written: Container) -> None:
    block = f"location /static/ {{ alias {written.srv}/static/; }}"
    assert codes(written, block, "location ~ \\.css$ { return 404; }") == [("/static/", ["shadowed"])]
    (row,) = list_mappings(written).mappings
    assert (row.state, row.problems[0].severity, row.problems[0].repair) == ("on", "warning", "edit")
    assert "python.conf:4" in row.problems[0].title
    assert "/static/a.css" in row.problems[0].title


def test_a_regex_that_takes_all_breaks_it_and_the_modifier_mends_it(written: Container) -> None:
    block = f"location /static/ {{ alias {written.srv}/static/; }}"
    codes(written, block, "location ~ ^/s { return 404; }")
    assert list_mappings(written).mappings[0].state == "broken"
    assert codes(written, block.replace("/static/ {", "^~ /static/ {"), "location ~ ^/s { return 404; }") == [
        ("/static/", [])
    ]


def test_a_regex_that_serves_the_same_file_is_no_shadow(written: Container) -> None:
    block = f"location /static/ {{ alias {written.srv}/static/; }}"
    assert codes(written, block, f"location ~ \\.css$ {{ root {written.srv}; expires 30d; }}")[0] == ("/static/", [])
    nested = f"location /static/ {{ alias {written.srv}/static/; location ~ \\.css$ {{ expires 30d; }} }}"
    assert [found for _location, found in codes(written, nested)] == [[]]


def test_a_longer_location_shadows_too(written: Container) -> None:
    (written.srv / "static/admin").mkdir()
    (written.srv / "static/admin/x.js").write_text("x")
    block = f"location /static/ {{ alias {written.srv}/static/; }}"
    assert codes(written, block, "location /static/admin/ { return 404; }") == [("/static/", ["shadowed"])]
    assert list_mappings(written).mappings[0].problems[0].repair == ""


def test_an_expression_that_only_nginx_understands_is_not_judged(written: Container) -> None:
    block = f"location /static/ {{ alias {written.srv}/static/; }}"
    assert codes(written, block, "location ~ ^/s(?R)? { return 404; }") == [("/static/", [])]


def test_the_same_location_twice(written: Container) -> None:
    block = f"location /static/ {{ alias {written.srv}/static/; }}"
    twice = codes(written, block, block.replace("/static/ {", "^~ /static/ {"))
    assert twice == [("/static/", ["duplicate"]), ("/static/", ["duplicate"])]
    exact = f"location = /static/ {{ alias {written.srv}/static/a.txt; }}"
    assert all("duplicate" not in found for _location, found in codes(written, block, exact))


@pytest.mark.parametrize("name", [".env", ".git/config", "settings.py", "conf/settings/__init__.py", "db.sqlite3"])
def test_a_secret_deep_in_the_folder(written: Container, name: str) -> None:
    path = written.srv / "static/deep" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"SQLite format 3\0 and so on")
    assert codes(written, f"location /static/ {{ alias {written.srv}/static/; }}") == [("/static/", ["secret-file"])]


@pytest.mark.parametrize("name", ["Thumbs.db", "settings.js", "environment", "settings/index.html"])
def test_what_only_sounds_secret(written: Container, name: str) -> None:
    path = written.srv / "static" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("no database")
    assert codes(written, f"location /static/ {{ alias {written.srv}/static/; }}") == [("/static/", [])]


def test_a_link_that_leads_out(written: Container, tmp_path: Path) -> None:
    block = f"location /static/ {{ alias {written.srv}/static/; }}"
    link = written.srv / "static/out"
    (written.srv / "media").mkdir()
    link.symlink_to(written.srv / "media")
    assert codes(written, block) == [("/static/", ["symlink-out"])]
    assert list_mappings(written).mappings[0].state == "on"
    link.unlink()
    link.symlink_to(written.srv / "conf")
    codes(written, block)
    assert list_mappings(written).mappings[0].state == "broken"
    assert codes(written, block.replace("; }", "; disable_symlinks on; }")) == [("/static/", [])]
    link.unlink()
    link.symlink_to("a.txt")
    assert codes(written, block) == [("/static/", [])]
    (written.srv / "static/loop").symlink_to("loop")
    assert codes(written, block) == [("/static/", [])]


def test_presets_tell_what_they_hold(written: Container) -> None:
    srv, app = presets(written)
    assert (srv.name, srv.alias, srv.files, srv.bytes) == ("srv", f"{written.srv}/static/", 2, 4)
    assert (app.name, app.alias, app.files) == ("app", f"{written.app}/static/", 0)
    (written.app / "static").rmdir()
    assert presets(written)[1].files is None


def test_live_an_apps_page_that_nginx_takes_is_told(site: Container) -> None:
    (site.srv / "health").mkdir()
    (site.srv / "health/x.txt").write_text("x")
    text = site.site_file.read_text()
    block = f"    location /health {{\n        alias {site.srv}/health/;\n    }}\n"
    site.site_file.write_text(text[: text.rindex("}")] + block + "}\n")
    try:
        row = next(row for row in list_mappings(site, live=True).mappings if row.location == "/health")
        assert "app-path" in [problem.code for problem in row.problems]
        assert "not-served" in [problem.code for problem in row.problems]  # nginx has not taken it up
    finally:
        (site.srv / "health/x.txt").unlink()
        (site.srv / "health").rmdir()
