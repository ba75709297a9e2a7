"""What the four slash cases really serve and leak, asked of a real nginx."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from console.container import Container
from console.static_files.change import check_static, read_static
from console.static_files.probe import fetch

from .conftest import take_up


@pytest.fixture
def app(site: Container) -> Iterator[Container]:
    """A container whose app has a folder for static files with secrets beside it."""
    files = {
        "static/a.txt": "a file\n",
        "static-private/p.txt": "private\n",
        "static.bak/x": "old\n",
        "secret.py": "KEY = 1\n",
    }
    for name, text in files.items():
        (site.app / name).parent.mkdir(exist_ok=True)
        (site.app / name).write_text(text)
    yield site
    for name in ("static", "static-private", "static.bak"):
        shutil.rmtree(site.app / name)
    (site.app / "secret.py").unlink()


def serve(container: Container, location: str, alias: str) -> None:
    text = container.site_file.read_text()
    start, end = text.index("    #location"), text.rindex("}")
    block = f"    location {location} {{\n        alias {alias};\n    }}\n"
    container.site_file.write_text(text[:start] + block + text[end:])
    take_up(container)


def gives(container: Container, url: str) -> str | None:
    answer = fetch(container.http_port, url)
    return answer.body.decode() if answer.status == 200 else None


def codes(container: Container) -> list[str]:
    return [problem.code for problem in check_static(container).problems]


def test_both_with_a_slash_serve_and_leak_nothing(app: Container) -> None:
    serve(app, "/static/", f"{app.app}/static/")
    assert gives(app, "/static/a.txt") == "a file\n"
    assert gives(app, "/static../secret.py") is None
    assert gives(app, "/static-private/p.txt") is None
    assert gives(app, "/static/.bak/x") is None
    assert (check_static(app).state, codes(app)) == ("on", [])


def test_only_the_location_with_a_slash_serves_nothing_and_leaks_siblings(app: Container) -> None:
    serve(app, "/static/", f"{app.app}/static")
    assert gives(app, "/static/a.txt") is None
    assert gives(app, "/static/.bak/x") == "old\n"
    assert read_static(app).state == "broken"
    assert codes(app) == ["slash-missing", "not-served", "leak"]


def test_only_the_alias_with_a_slash_leaks_what_lies_beside_the_folder(app: Container) -> None:
    serve(app, "/static", f"{app.app}/static/")
    assert gives(app, "/static/a.txt") == "a file\n"
    assert gives(app, "/static../secret.py") == "KEY = 1\n"
    assert gives(app, "/static..%2fsecret.py") == "KEY = 1\n"
    assert read_static(app).state == "broken"
    assert codes(app) == ["slash-leak", *["leak"] * 4]


def test_both_without_a_slash_serve_and_leak_siblings(app: Container) -> None:
    serve(app, "/static", f"{app.app}/static")
    assert gives(app, "/static/a.txt") == "a file\n"
    assert gives(app, "/static-private/p.txt") == "private\n"
    assert gives(app, "/static../secret.py") is None
    assert read_static(app).state == "on"
    assert codes(app) == ["leak", "slash-sibling"]


def test_a_block_that_is_off_is_judged_as_if_it_were_on(app: Container) -> None:
    text = app.site_file.read_text()
    app.site_file.write_text(text.replace("#location /static/", "#location /static"))
    static = check_static(app)
    assert static.state == "off"
    assert [(problem.code, problem.severity) for problem in static.problems] == [("slash-leak", "warning")]
    assert read_static(app).problems == ()


def test_a_file_that_nginx_has_not_taken_up_is_told(app: Container) -> None:
    text = app.site_file.read_text()
    app.site_file.write_text(text.replace("    #", "    "))
    assert codes(app) == ["not-served"]
    take_up(app)
    assert codes(app) == []
    app.site_file.write_text(text)
    assert codes(app) == ["still-served"]
