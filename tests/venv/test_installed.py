"""Odd things in site-packages: nothing of them may stop the reader, or write a line of its own."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.venv.installed import Installed, folder_of, metadata_entries, read_installed, requirement_for
from console.venv.requirement_lines import parse_lines

from .wheels import place_distribution


@pytest.fixture
def site(tmp_path: Path) -> Path:
    place_distribution(tmp_path / "site-packages", "good", "1.0")
    return tmp_path / "site-packages"


def _names(site: Path) -> list[str]:
    return [one.name for one in read_installed(site)]


def _metadata(site: Path, entry: str, data: bytes, file: str = "METADATA") -> None:
    (site / entry).mkdir()
    (site / entry / file).write_bytes(data)


def test_no_folder_has_no_packages(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    for path in (None, tmp_path / "gone", tmp_path / "file", tmp_path / "loop"):
        assert read_installed(path) == ()


def test_metadata_in_latin_1_keep_their_version_and_needs(site: Path) -> None:
    text = "Metadata-Version: 2.1\nName: Old\nVersion: 1.5\nAuthor: J\xf3zef\nRequires-Dist: good>=1\n"
    _metadata(site, "Old-1.5.dist-info", text.encode("latin-1"))
    old = next(one for one in read_installed(site) if one.key == "old")
    assert (old.version, [str(each) for each in old.requires], old.entry) == ("1.5", ["good>=1"], "Old-1.5.dist-info")


def test_odd_entries_are_left_out_and_the_others_read(site: Path) -> None:
    (site / "empty-1.dist-info").mkdir()
    (site / "file-1.dist-info").write_bytes(b"\x00\xff\xfe")
    (site / "gone-1.dist-info").symlink_to("/nowhere")
    (site / "loop-1.dist-info").symlink_to("loop-1.dist-info")
    (site / "folder-1.dist-info" / "METADATA").mkdir(parents=True)
    (site / "pipe-1.dist-info").mkdir()
    os.mkfifo(site / "pipe-1.dist-info" / "METADATA")
    os.mkfifo(site / "pipe-1.egg-info")
    os.mkfifo(site / "pipe.egg-link")
    (site / "folder.egg-link").mkdir()
    (site / "null.egg-link").write_bytes(b"/a\0b\n.\n")
    (site / "bytes.egg-link").write_bytes(b"/\xff\xfe\n")
    (site / "relative.egg-link").write_text("../x\n")
    (site / os.fsdecode(b"\xff-1.dist-info")).mkdir()
    _metadata(site, "~ood-1.dist-info", b"Name: ood\nVersion: 1\n")
    _metadata(site, "noname-1.dist-info", b"Version: 1\n")
    _metadata(site, "noversion-1.dist-info", b"Name: noversion\n")
    _metadata(site, "unreal-1.dist-info", b"Name: unreal\nVersion: 1\nRequires-Dist: a ==== b\nRequires-Dist: good\n")
    assert _names(site) == ["good", "unreal"]
    assert [str(each) for each in read_installed(site)[1].requires] == ["good"]
    assert "~ood-1.dist-info" not in metadata_entries(site)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("evil", "1.0\n --index-url https://evil"),
        ("evil", "1.0 --hash=x"),
        ("evil", "1.0;x"),
        ("evil\n good", "1"),
        ("-r", "1"),
        ("evil @ https://evil", "1"),
        ("evíl", "1"),
    ],
)
def test_what_would_write_another_line_is_left_out(site: Path, name: str, version: str) -> None:
    _metadata(site, "evil-1.dist-info", f"Name: {name}\nVersion: {version}\n".encode())
    assert _names(site) == ["good"]


def test_deeply_nested_texts_are_left_out(site: Path) -> None:
    place_distribution(site, "deep", "1", requires=[f"x ; {'(' * 20_000}"], direct_url="[" * 200_000)
    deep = read_installed(site)[0]
    assert (deep.name, deep.requires, deep.link) == ("deep", (), "")


@pytest.mark.parametrize(
    ("version", "line"),
    [("1.0", "x==1.0"), ("2004b", "x==2004b"), ("1.0-custom_thing", "x===1.0-custom_thing"), ("1.0+x", "x==1.0+x")],
)
def test_each_version_can_be_pinned(version: str, line: str) -> None:
    written = requirement_for(Installed("x", "x", version, (), False))
    (parsed,) = parse_lines(written)
    assert (parsed.kind, parsed.name) == ("requirement", "x")
    if version != "2004b":
        assert written == line


_ODD = st.one_of(
    st.none(),
    st.text(),
    st.just("file:///a%0A-r%20b"),
    st.just("file://[x/"),
    st.integers(),
    st.lists(st.integers(), max_size=1),
    st.dictionaries(st.sampled_from(["editable", "vcs", "commit_id"]), st.one_of(st.booleans(), st.text())),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    told=st.one_of(
        _ODD, st.dictionaries(st.sampled_from(["url", "dir_info", "vcs_info", "archive_info", "subdirectory"]), _ODD)
    )
)
def test_any_direct_url_gives_one_line(site: Path, told: object) -> None:
    info = site / "good-1.0.dist-info"
    (info / "direct_url.json").write_text(json.dumps(told))
    (one,) = read_installed(site)
    folder_of(one.link)
    line = requirement_for(one)
    assert line.isprintable()
    assert len(parse_lines(line)) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    file=st.sampled_from(["METADATA", "PKG-INFO", "requires.txt", "direct_url.json"]),
    data=st.one_of(st.binary(), st.text(alphabet="Name: Vrsion12\n[]>=<;()x").map(str.encode)),
)
def test_any_bytes_in_its_files_stop_nothing(site: Path, file: str, data: bytes) -> None:
    for ending in ("dist-info", "egg-info"):
        info = site / f"odd-1.{ending}"
        info.mkdir(exist_ok=True)
        for old in info.iterdir():
            old.unlink()
        if file not in ("METADATA", "PKG-INFO"):
            (info / "PKG-INFO").write_text("Name: odd\nVersion: 1\n")
        (info / file).write_bytes(data)
    assert "good" in _names(site)
