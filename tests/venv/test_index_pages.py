"""What an index has of a project: over HTTP, in a folder, and where nothing can be known."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from console.venv.index_pages import Release, _from_html, _from_json, read_releases
from console.venv.index_settings import IndexSettings
from console.venv.nearest import has_c_code, nearest, why_not
from console.venv.uv import tags

from .simple_index import SimpleIndex
from .wheels import make_wheel

NEW = "3.13.0"
NONE = IndexSettings()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    for version in ("1.0", "1.5", "2.0", "3.0"):
        make_wheel(folder, "picky", version)
    (folder / "picky-2.5.tar.gz").write_bytes(b"no archive, only its name counts")
    (folder / "other-1.0.tar.gz").touch()
    (folder / "picky-1.0.exe").touch()
    return folder


def _versions(releases: tuple[Release, ...] | None) -> list[tuple[str, bool, str, str | None]]:
    assert releases is not None
    return sorted((str(one.version), one.wheel, one.requires_python, one.yanked) for one in releases)


def test_a_page_tells_of_each_file(files: Path) -> None:
    old, withdrawn = "picky-1.0-py3-none-any.whl", "picky-2.0-py3-none-any.whl"
    with SimpleIndex(files, yanked={withdrawn: "broken & bad"}, python={old: ">=3.6,<3.10"}, password="s3cret") as index:
        assert _versions(read_releases("picky", [index.url], [], NONE, files)) == [
            ("1.0", True, ">=3.6,<3.10", None),
            ("1.5", True, "", None),
            ("2.0", True, "", "broken & bad"),
            ("2.5", False, "", None),
            ("3.0", True, "", None),
        ]
        assert index.asked == ["/simple/picky/"]
        assert read_releases("nothing", [index.url + "/"], [], NONE, files) == ()
        assert read_releases("picky", [index.url.replace("s3cret", "wrong")], [], NONE, files) is None
    assert read_releases("picky", ["http://127.0.0.1:9/simple"], [], NONE, files) is None


def test_a_folder_tells_by_the_wheels_themselves(tmp_path: Path) -> None:
    make_wheel(tmp_path / "near", "picky", "1.0", python="<3.10")
    place = tmp_path / "index" / "picky"
    place.mkdir(parents=True)
    (place / "index.html").write_text('<a href="../../near/picky-0.9.tar.gz" data-yanked>picky</a>')
    assert _versions(read_releases("picky", [f"file://{tmp_path}/index"], ["near"], NONE, tmp_path)) == [
        ("0.9", False, "", ""),
        ("1.0", True, "<3.10", None),
    ]


def test_both_forms_of_a_page_say_the_same() -> None:
    told = {"files": [{"filename": "a-1.tar.gz", "requires-python": ">=3", "yanked": True}, {"filename": "a-2.tar.gz"}]}
    page = '<a href="a-1.tar.gz#sha256=x" data-requires-python="&gt;=3" data-yanked="">a</a><a href="a-2.tar.gz">a</a>'
    assert list(_from_json("a", told)) == list(_from_html("a", page, "http://h/simple/a/"))


def _why(wanted: str, releases: list[Release]) -> str | None:
    return why_not(SpecifierSet(wanted), releases, NEW, tags(NEW))


def _near(wanted: str, releases: list[Release], *, can_build: bool = True) -> list[str]:
    return list(nearest(SpecifierSet(wanted), releases, NEW, tags(NEW), can_build=can_build))


def _release(file: str, python: str = "", yanked: str | bool | None = None) -> Release:
    (one,) = _from_json("a", {"files": [{"filename": file, "requires-python": python, "yanked": yanked}]})
    return one


def test_the_reasons() -> None:
    releases = [
        _release("a-1.0-cp39-cp39-manylinux1_x86_64.whl", "<3.10"),
        _release("a-1.0.tar.gz", "<3.10"),
        _release("a-1.1-cp39-cp39-manylinux1_x86_64.whl"),
        _release("a-1.2-py3-none-any.whl", yanked="wrong files"),
        _release("a-1.3-py3-none-any.whl"),
    ]
    assert _why("==1.3", releases) is None
    assert "<3.10" in (_why("==1.0", releases) or "")
    assert "wheels for other Pythons" in (_why("==1.1", releases) or "")
    assert "wrong files" in (_why(">1.1,<1.3", releases) or "")
    assert _why("==1.2", releases) is None  # by its exact number a withdrawn version can be had
    assert "no such version" in (_why("==9", releases) or "")
    assert "not in the index" in (_why("==1", []) or "")


def test_the_nearest_is_above_and_a_wheel_before_a_source() -> None:
    releases = [
        _release("a-0.8-py3-none-any.whl"),
        _release("a-0.9.tar.gz"),
        _release("a-1.0-py3-none-any.whl", "<3.10"),
        _release("a-1.1.tar.gz"),
        _release("a-1.2-py3-none-any.whl", yanked=True),
        _release("a-1.3rc1-py3-none-any.whl"),
        _release("a-1.3-cp313-cp313-manylinux1_x86_64.whl"),
        _release("a-1.4-py3-none-any.whl", ">=3.14"),
        _release("a-1.10-py3-none-any.whl"),
    ]
    assert _near("==1.0", releases) == ["1.3", "1.10", "1.1", "0.8", "0.9"]
    assert _near("<1.0.1,>=1.0", releases)[0] == "1.3"
    assert _near("==2.0", releases)[0] == "1.10"
    assert _near("==1.0rc1", releases)[0] == "1.3rc1"
    assert has_c_code(releases)
    assert _near("==1.0", releases, can_build=False) == ["1.3", "1.10", "0.8"]
