"""The rules for a static block, told from the files alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.static_files.block import find_block
from console.static_files.folders import Account
from console.static_files.rules import problems_of, slash_case
from console.static_files.syntax import parse

SOMEBODY = Account(65534, frozenset((65534,)))


@pytest.fixture
def here(tmp_path: Path) -> Container:
    for name in ("conf/supervisor.d", "conf/nginx.d", "logs", "app/static", "static"):
        (tmp_path / "srv" / name).mkdir(parents=True)
    (tmp_path / "srv/static/a.txt").write_text("a")
    for folder in (tmp_path, *tmp_path.parents[:-2]):  # pytest keeps its folders for itself
        folder.chmod(folder.stat().st_mode | 0o011)
    return find_container(tmp_path)


def codes(container: Container, body: str, location: str = "/static/", account: Account = SOMEBODY) -> list[str]:
    text = f"server {{ location {location} {{ {body} }} }}"
    path = location.split()[-1]
    block = find_block(parse(text.encode()), path, 8000)
    assert block is not None
    return [problem.code for problem in problems_of(container, block, account)]


@pytest.mark.parametrize(
    ("location", "alias", "case"),
    [
        ("/static/", "/srv/static/", "ok"),
        ("/static/", "/srv/static", "slash-missing"),
        ("/static", "/srv/static/", "slash-leak"),
        ("/static", "/srv/static", "slash-sibling"),
        ("/", "/srv/static/", "ok"),
    ],
)
def test_the_four_slash_cases(location: str, alias: str, case: str) -> None:
    assert slash_case(location, alias) == case


def test_a_right_block_has_no_problems(here: Container) -> None:
    assert codes(here, f"alias {here.srv}/static/;") == []
    assert codes(here, "alias /srv/static/;") == []  # as it is written in the real container


@pytest.mark.parametrize(
    ("location", "end", "expected"),
    [("/static/", "", "slash-missing"), ("/static", "/", "slash-leak"), ("/static", "", "slash-sibling")],
)
def test_slashes_are_judged(here: Container, location: str, end: str, expected: str) -> None:
    assert codes(here, f"alias {here.srv}/static{end};", location) == [expected]
    assert codes(here, f"alias {here.srv}/static{end};", f"^~ {location}") == [expected]


def test_a_leak_and_an_empty_answer_are_errors_siblings_a_warning(here: Container) -> None:
    def severity(location: str, end: str) -> str:
        block = find_block(parse(f"location {location} {{ alias {here.srv}/static{end}; }}".encode()), location, 8000)
        assert block is not None
        (problem,) = problems_of(here, block, SOMEBODY)
        assert "console static on" in problem.remedy
        return problem.severity

    assert (severity("/static", "/"), severity("/static/", ""), severity("/static", "")) == (
        "error",
        "error",
        "warning",
    )


def test_an_exact_location_with_a_file_is_exempt(here: Container) -> None:
    assert codes(here, f"alias {here.srv}/static/a.txt;", "= /static") == []
    assert codes(here, f"alias {here.srv}/static/none.txt;", "= /static") == ["file-missing"]


def test_a_root_that_holds_the_folder_is_right(here: Container) -> None:
    assert codes(here, f"root {here.srv};") == []


def test_a_root_that_is_the_folder_itself_is_doubled(here: Container) -> None:
    assert codes(here, f"root {here.srv}/static;") == ["root-doubled"]


def test_a_missing_folder(here: Container) -> None:
    assert codes(here, f"alias {here.srv}/none/;") == ["folder-missing"]


def test_an_empty_folder_is_a_warning(here: Container) -> None:
    assert codes(here, f"alias {here.app}/static/;") == ["folder-empty"]


def test_an_empty_folder_of_a_django_project_is_to_be_collected(here: Container) -> None:
    block = find_block(parse(f"location /static/ {{ alias {here.app}/static/; }}".encode()), "/static/", 8000)
    assert block is not None
    assert [problem.remedy for problem in problems_of(here, block, SOMEBODY)] == [""]
    (here.app / "manage.py").write_text("")
    (problem,) = problems_of(here, block, SOMEBODY)
    assert "static collect" in problem.remedy


def test_a_location_that_serves_no_files(here: Container) -> None:
    assert codes(here, "proxy_pass http://x;") == ["not-static"]
    assert codes(here, "#alias /srv/static/;\n") == ["no-folder"]


def test_a_folder_with_a_variable_is_not_judged(here: Container) -> None:
    assert codes(here, "alias /srv/$host/;") == []


@pytest.mark.parametrize("folder", ["", "conf", "conf/nginx.d", "app", "logs", "../", ".console"])
def test_folders_that_must_never_be_served(here: Container, folder: str) -> None:
    (here.srv / ".console").mkdir()
    assert codes(here, f"alias {here.srv}/{folder}/;") == ["secret-folder"]


@pytest.mark.parametrize(
    "secret", [".git/config", ".env", ".env.local", ".ssh/id_rsa", "settings.py", "settings/__init__.py", "db.sqlite3"]
)
def test_a_folder_that_holds_a_secret(here: Container, secret: str) -> None:
    path = here.srv / "static" / secret
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"SQLite format 3\0")
    assert codes(here, f"alias {here.srv}/static/;") == ["secret-folder"]


def test_a_symlink_does_not_hide_a_secret_folder(here: Container) -> None:
    (here.srv / "pictures").symlink_to(here.srv / "conf")
    assert codes(here, f"alias {here.srv}/pictures/;") == ["secret-folder"]


def test_the_first_folder_that_nginx_may_not_enter_is_named(here: Container) -> None:
    deep = here.srv / "static/a/b"
    deep.mkdir(parents=True)
    (here.srv / "static").chmod(0o700)
    (here.srv / "static/a").chmod(0o700)
    block = find_block(parse(f"location /static/ {{ alias {deep}/; }}".encode()), "/static/", 8000)
    assert block is not None
    (problem,) = problems_of(here, block, SOMEBODY)
    assert problem.code == "folder-closed"
    assert str(here.srv / "static") + "," in problem.title
    assert "chmod o+x" in problem.remedy


@pytest.mark.parametrize(
    ("mode", "account", "enters"),
    [
        (0o700, Account(0, frozenset()), True),
        (0o700, Account(1000, frozenset()), True),
        (0o077, Account(1000, frozenset((2000,))), False),
        (0o710, Account(1001, frozenset((2000,))), True),
        (0o701, Account(1001, frozenset((2000,))), False),
        (0o701, Account(1001, frozenset()), True),
        (0o760, Account(1001, frozenset((2000,))), False),
    ],
)
def test_who_may_enter_a_folder(mode: int, account: Account, enters: bool) -> None:
    folder = os.stat_result((0o040000 | mode, 1, 1, 1, 1000, 2000, 0, 0, 0, 0))
    assert account.may_enter(folder) is enters
