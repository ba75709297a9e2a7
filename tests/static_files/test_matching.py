"""The winner that the console tells is nginx's own: asked of a real one, for generated sets of locations."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from console.container import Container
from console.static_files.configuration import Server, read_configuration
from console.static_files.explain import choose_server, explain
from console.static_files.matching import locations_of, match
from console.static_files.probe import Answer, fetch
from console.static_files.request_uri import request_uri

from .real_nginx import nginx

SERVERS = 12  # for one nginx: its start is what takes time

PREFIXES = ("/", "/a", "/a/", "/ab", "/a/b", "/a/b/", "/static", "/static/", "/static/a.css", "/č/")
REGEXES = ("\\.css$", "^/a", "b", "^/static/.*\\.CSS$", "/$", "^/(a|static)/", "[^/]$", "\\d", "č")
PATHS = (
    *PREFIXES,
    *("/a.css", "/A", "/abc", "/a/x.css", "/staticky", "/static/b.css", "/b", "/0", "/a/b/c", "/%C4%8D/x"),
    *(
        "//a",
        "/a//b",
        "/a/./b",
        "/a/../static/",
        "/static../x",
        "/static/..",
        "/static%2fa.css",
        "/%61",
        "/a%2F..%2Fab",
    ),
    *(
        "/..",
        "/a/../..",
        "/%",
        "/%zz",
        "/%00",
        "/a?b=/static/",
        "/a#b",
        "/a%3Fb",
        "/a%23",
        "/%2561",
        "/./",
        "/a/.",
        "/..",
    ),
    *("/...", "/a/.../b", "/.a", "/a/..b", "/static/a.css?x", "/%2e%2e/a", "/a/%2E./ab", "/+a", "/a%20b"),
)


@dataclass
class Written:
    """A location to be: ``passes``: by proxy_pass, which redirects from its path without the slash."""

    modifier: str
    path: str
    passes: bool
    nested: list[Written] = field(default_factory=list)


def is_regex(written: Written) -> bool:
    return written.modifier in ("~", "~*")


@st.composite
def location_sets(draw: st.DrawFn, depth: int = 0, outer: str = "", regex_only: bool = False) -> list[Written]:
    """Locations as nginx takes them: none twice, and nested ones within the outer's path."""
    found: list[Written] = []
    names: set[tuple[bool, str]] = set()
    for _number in range(draw(st.integers(0 if depth else 1, 5 if depth == 0 else 2))):
        kinds = ["~", "~*"] if regex_only else ["", "", "", "^~", "=", "~", "~*"]
        modifier = draw(st.sampled_from(kinds))
        if modifier in ("~", "~*"):
            path = draw(st.sampled_from(REGEXES))
        else:
            path = draw(st.sampled_from([each for each in PREFIXES if each.startswith(outer)]))
            if (modifier == "=", path) in names:
                continue
            names.add((modifier == "=", path))
        one = Written(modifier, path, draw(st.booleans()) and modifier not in ("~", "~*"))
        if modifier != "=" and depth < 2:
            inside = outer if is_regex(one) else path
            one.nested = draw(location_sets(depth + 1, inside, is_regex(one)))
        found.append(one)
    return found


def text_of(locations: list[Written], numbers: Iterator[int], names: dict[int, str]) -> str:
    lines = []
    for each in locations:
        number = next(numbers)
        names[number] = f"{each.modifier} {each.path}".strip()
        does = "proxy_pass http://127.0.0.1:1;" if each.passes else "return 200;"
        inner = text_of(each.nested, numbers, names)
        lines.append(
            f'location {each.modifier} "{each.path}" {{ add_header X-Location {number} always; {does} {inner} }}'
        )
    return "\n".join(lines)


def counting() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


@given(st.lists(location_sets(), min_size=SERVERS, max_size=SERVERS))
@settings(
    deadline=None,
    max_examples=20,
    # A smaller example would be nice to have, but each try is a start of nginx.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_the_winner_is_nginx_s_own(sets: list[list[Written]]) -> None:
    names: dict[int, str] = {}
    numbers = counting()
    text = "".join(
        f"server {{ listen 127.0.0.1:{{port}}; server_name s{number}; {text_of(locations, numbers, names)} }}\n"
        for number, locations in enumerate(sets)
    )
    with tempfile.TemporaryDirectory() as folder, nginx(text, Path(folder)) as port:
        (Path(folder) / "srv/conf/supervisor.d").mkdir(parents=True)
        servers = _servers(Path(folder))
        for number in range(len(sets)):
            locations = locations_of(servers[f"s{number}"])
            for path in PATHS:
                uri = request_uri(path)
                answer = fetch(port, uri.sent, host=f"s{number}")
                told = "400" if uri.path is None else ""
                if uri.path is not None:
                    found = match(locations, uri.path)
                    assert found.sure
                    winner = found.location
                    told = str(winner.node.first("add_header").texts[1]) if winner else "none"  # type: ignore[union-attr]
                    assert (answer.status == 301) is found.redirect, (number, path, text)
                assert told == _winner(answer), (number, path, names, text)


def _servers(folder: Path) -> dict[str, Server]:
    from console.container import find_container

    (folder / "srv/conf/nginx.d").mkdir()
    (folder / "srv/conf/nginx.d/python.conf").write_text((folder / "nginx.conf").read_text())
    configuration = read_configuration(find_container(folder))
    return {server.names[0]: server for server in configuration.servers}


def _winner(answer: Answer) -> str:
    if answer.status == 400:
        return "400"
    return answer.headers.get("x-location", "none")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("", "default"),
        ("a.cz", "exact"),
        ("A.CZ.", "exact"),
        ("www.b.cz", "before"),
        ("deep.www.b.cz", "longer"),
        ("c.sk", "behind"),
        ("x99.net", "regex"),
        ("nobody.net", "default"),
        ("d.cz", "dot"),
        ("w.d.cz", "dot"),
    ],
)
def test_the_server_is_nginx_s_own(tmp_path: Path, host: str, expected: str) -> None:
    names = {
        "first": "first.cz",
        "regex": "~^x\\d+\\.net$",
        "behind": "c.*",
        "before": "*.b.cz",
        "longer": "*.www.b.cz",
        "exact": "a.cz",
        "dot": ".d.cz",
        "default": "_",
    }
    text = "".join(
        f"server {{ listen 127.0.0.1:{{port}}{' default_server' if label == 'default' else ''}; server_name {name};"
        f' add_header X-Location "{label}" always; location / {{ return 200; }} }}\n'
        for label, name in names.items()
    )
    (tmp_path / "srv/conf/supervisor.d").mkdir(parents=True)
    with nginx(text, tmp_path) as port:
        _servers(tmp_path)
        from console.container import find_container

        chosen = choose_server(read_configuration(find_container(tmp_path)), port, host)
        assert chosen is not None
        label = chosen.node.first("add_header")
        assert label is not None
        told = fetch(port, "/", host=host or "localhost").headers["x-location"]
    assert (label.texts[1], told) == (expected, expected)


def test_explain_tells_each_step(written: Container) -> None:
    written.site_file.write_text(
        "server {\n  listen 8000;\n"
        "  location / { proxy_pass http://127.0.0.1:1; }\n"
        "  location /static/ {\n    alias /srv/static/;\n  }\n"
        "  location ~ \\.png$ { return 404; }\n"
        "  location ~ \\.css$ { root /srv; }\n"
        "}\n"
    )
    css = explain(written, "/static/a.css", live=False)
    assert [(step.location, step.line, step.outcome) for step in css.steps] == [
        ("/static/", 4, "prefix"),
        ("~ \\.png$", 7, "no-match"),
        ("~ \\.css$", 8, "regex"),
        ("~ \\.css$", 8, "wins"),
    ]
    assert (css.location, css.line, css.opens, css.found) == ("~ \\.css$", 8, written.srv / "static/a.css", "file")
    text = explain(written, "http://somewhere.cz:8000/x/..//static/a.txt?v=1#there", live=False)
    assert (text.sent, text.path) == ("/x/..//static/a.txt?v=1", "/static/a.txt")
    assert (text.location, text.opens, text.found) == ("/static/", written.srv / "static/a.txt", "file")
    assert explain(written, "/static/none", live=False).found == "missing"
    assert explain(written, "/static/", live=False).found == "folder"
    app = explain(written, "/static", live=False)
    assert (app.location, app.handler, app.opens) == ("/", "proxy_pass http://127.0.0.1:1", None)
    refused = explain(written, "/../x", live=False)
    assert (refused.path, refused.refused, refused.location) == (None, "above-root", None)


@pytest.mark.parametrize(
    ("block", "path", "opens", "found"),
    [
        ("location /s { alias /srv/static/; }", "/s../conf", "static/../conf", "folder"),
        ("location /s/ { alias /srv/static; }", "/s/a.txt", "statica.txt", "missing"),
        ("location /static/ { root /srv; }", "/static/a.txt", "static/a.txt", "file"),
        ("location /static/ { root /srv; index a.txt; }", "/static/", "static/a.txt", "file"),
        ("location ~ ^/p/(.+)$ { alias /srv/static/$1; }", "/p/a.txt", "static/a.txt", "file"),
        ("location ~ ^/(?<kind>\\w+)/ { alias /srv/$kind/a.css; }", "/static/x", "static/a.css", "file"),
        ("location /s/ { alias /srv/static/; location ~ css$ { expires 1d; } }", "/s/a.css", "static/a.css", "file"),
        ("location /static/ { root /srv; try_files $uri $uri.txt =404; }", "/static/a", "static/a.txt", "file"),
        ("location /static/ { root /srv; try_files $uri =404; }", "/static/b", "static/b", "missing"),
        ("root /srv;", "/static/a.txt", "static/a.txt", "file"),
        ("location /s/ { alias /srv/$host/; }", "/s/a.txt", None, ""),
    ],
)
def test_explain_finds_the_file(written: Container, block: str, path: str, opens: str | None, found: str) -> None:
    written.site_file.write_text(f"server {{\n  listen 8000;\n  {block}\n}}\n")
    told = explain(written, path, live=False)
    assert (told.opens, told.found) == (Path(f"{written.srv}/{opens}") if opens else None, found)


def test_explain_asks_who_answers(site: Container) -> None:
    text = site.site_file.read_text()
    site.site_file.write_text(text.replace("    #", "    "))
    from .conftest import take_up

    take_up(site)
    served, missing, app = (explain(site, path) for path in ("/static/app.css", "/static/none", "/health"))
    assert (served.status, served.answered_by, served.found) == (200, "nginx", "file")
    assert served.seconds is not None
    assert (missing.status, missing.answered_by, missing.found) == (404, "nginx", "missing")
    assert (app.status, app.answered_by) == (200, "app")
    assert (explain(site, "/%zz").status, explain(site, "/%zz").answered_by) == (400, "nginx")


@pytest.mark.parametrize(
    ("block", "path", "doubts"),
    [
        ("location /static/ { root /srv; }", "/static/a.txt", []),
        (
            "rewrite ^/old/(.*)$ /static/$1; location /static/ { root /srv; }",
            "/old/x",
            ["rewrite ^/old/(.*)$ /static/$1"],
        ),
        ("location /static/ { root /srv; if ($arg_x) { return 404; } }", "/static/a.txt", ["if ($arg_x)"]),
        ("set $x 1; location /static/ { root /srv; }", "/static/a.txt", ["set $x 1"]),
        ("return 404; set $x 1;", "/static/a.txt", []),
        ("if ($arg_x) { return 403; } return 404;", "/static/a.txt", ["if ($arg_x)"]),
        (
            "location /static/ { root /srv; try_files $uri.$arg_x $uri =404; }",
            "/static/a",
            ["try_files $uri.$arg_x $uri =404"],
        ),
        ("location /static/ { root /srv; try_files $uri @app; }", "/static/none", ["try_files $uri @app"]),
        ("location /static/ { root /srv; try_files $uri @app; }", "/static/a.txt", []),
        ("location /static/ { root /srv; try_files $uri =404; }", "/static/none", []),
        ("error_page 404 /lost; location /static/ { root /srv; }", "/static/none", ["error_page 404 /lost"]),
        ("error_page 404 /lost; location /static/ { root /srv; }", "/static/a.txt", []),
        ("auth_basic closed; location /static/ { root /srv; }", "/static/a.txt", ["auth_basic closed"]),
        ("auth_basic closed; location /static/ { root /srv; auth_basic off; }", "/static/a.txt", []),
        ("location /static/ { root /srv; deny all; }", "/static/a.txt", ["deny all"]),
        (
            "location /static/ { root /srv; index a.css; } location ~ css$ { return 404; }",
            "/static/",
            ["location ~ css$"],
        ),
    ],
)
def test_explain_names_what_it_does_not_evaluate(written: Container, block: str, path: str, doubts: list[str]) -> None:
    written.site_file.write_text(f"server {{\n  listen 8000;\n  {block}\n}}\n")
    told = explain(written, path, live=False)
    assert [doubt.directive for doubt in told.doubts] == doubts
    assert all((doubt.file, doubt.line) == (written.site_file, 3) for doubt in told.doubts)
    assert told.sure is not bool(doubts)


def test_explain_shows_the_real_answer_beside_what_it_is_not_sure_of(site: Container) -> None:
    text = site.site_file.read_text().replace("    #", "    ")
    site.site_file.write_text(text.replace("alias ", "if ($arg_x) { return 418; }\n        alias "))
    from .conftest import take_up

    take_up(site)
    plain, teapot = explain(site, "/static/app.css"), explain(site, "/static/app.css?x=1")
    assert (plain.status, plain.found, plain.sure) == (200, "file", False)
    assert (teapot.status, teapot.found, teapot.answered_by) == (418, "file", "nginx")
