"""requirements.txt with its includes, against what is installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from console.venv.requirements import read_requirements, unmet

from .wheels import place_distribution


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site-packages"
    place_distribution(folder, "Django", "5.1", requires=["sqlparse>=0.3", 'argon2-cffi>=19; extra == "argon2"'])
    place_distribution(folder, "sqlparse", "0.5")
    return folder


def _unmet(tmp_path: Path, site: Path | None, text: str, python: str = "3.12.1") -> tuple[str, ...]:
    (tmp_path / "requirements.txt").write_text(text)
    return unmet(read_requirements(tmp_path / "requirements.txt"), site, python)


def test_what_is_installed_as_asked_is_met(tmp_path: Path, site: Path) -> None:
    assert _unmet(tmp_path, site, "django>=5,<6  # web\nSQLParse\n") == ()


def test_a_missing_package_and_another_version_are_unmet(tmp_path: Path, site: Path) -> None:
    assert _unmet(tmp_path, site, "django<5\nsqlparse\nredis\n") == ("django", "redis")


def test_without_site_packages_all_is_unmet(tmp_path: Path) -> None:
    assert _unmet(tmp_path, None, "django\n-e ./lib\n") == ("django", "./lib")


def test_markers_are_judged_for_the_virtualenvs_python(tmp_path: Path, site: Path) -> None:
    text = 'tomli ; python_version < "3.11"\n'
    assert _unmet(tmp_path, site, text, "3.10.13") == ("tomli",)
    assert _unmet(tmp_path, site, text, "3.12.1") == ()


def test_an_installed_prerelease_may_meet_a_requirement(tmp_path: Path) -> None:
    place_distribution(tmp_path / "site", "foo", "2.0rc1")
    assert _unmet(tmp_path, tmp_path / "site", "foo>=1\n") == ()


def test_what_an_extra_brings_has_to_be_there(tmp_path: Path, site: Path) -> None:
    assert _unmet(tmp_path, site, "django[argon2]\n") == ("argon2-cffi",)
    place_distribution(site, "argon2-cffi", "23.1")
    assert _unmet(tmp_path, site, "django[argon2]\n") == ()


def test_constraints_limit_what_is_there_and_ask_for_nothing(tmp_path: Path, site: Path) -> None:
    (tmp_path / "limits.txt").write_text("sqlparse<0.4\nredis==1\n")
    assert _unmet(tmp_path, site, "django\n-c limits.txt\n") == ("sqlparse",)


def test_included_files_are_read_from_their_own_folder(tmp_path: Path, site: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "base.txt").write_text("-r ../last.txt\n")
    (tmp_path / "last.txt").write_text("celery\n")
    assert _unmet(tmp_path, site, "-r more/base.txt\n") == ("celery",)


def test_a_file_that_includes_itself_or_a_missing_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r requirements.txt\n-r gone.txt\nfoo bar\n-r https://h/r.txt\n")
    found = read_requirements(tmp_path / "requirements.txt")
    assert len(found.problems) == 3
    assert "includes itself" in found.problems[0]
    assert "gone.txt" in found.problems[1]
    assert "line 3" in found.problems[2]


def test_links_are_met_by_what_was_installed_from_the_same_place(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (tmp_path / "lib").mkdir()
    folder = {"url": (tmp_path / "lib").as_uri(), "dir_info": {"editable": True}}
    place_distribution(site, "mylib", "0.1", direct_url=json.dumps(folder))
    vcs = {"url": "https://h/u/tool.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}
    place_distribution(site, "tool", "1.0", direct_url=json.dumps(vcs))
    assert _unmet(tmp_path, site, "-e ./lib\ngit+https://me:secret@h/u/tool.git@main\n") == ()
    assert _unmet(tmp_path, site, "-e ./other\ngit+https://h/u/other.git\n") == ("./other", "git+https://h/u/other.git")


def test_unreadable_metadata_is_told_by_its_folder_or_left_out(tmp_path: Path, site: Path) -> None:
    (site / "broken-1.0.dist-info").mkdir()
    (site / "Old_One-1.0-py2.7.egg-info").write_bytes(
        "Author: J\xf3zef\nName: Old-One\nVersion: 1.0\n".encode("latin-1")
    )
    (site / "sqlparse-0.5.dist-info" / "direct_url.json").write_text("[")
    assert _unmet(tmp_path, site, "broken\nold-one==1.0\nsqlparse\n") == ("broken",)


def test_a_folder_in_development_of_the_old_kind_is_installed(tmp_path: Path, site: Path) -> None:
    place_distribution(tmp_path / "lib", "mylib", "0.1")
    (tmp_path / "lib" / "mylib-0.1.dist-info").rename(tmp_path / "lib" / "mylib.egg-info")
    (tmp_path / "lib" / "mylib.egg-info" / "METADATA").rename(tmp_path / "lib" / "mylib.egg-info" / "PKG-INFO")
    (site / "mylib.egg-link").write_text(f"{tmp_path}/lib\n.")
    assert _unmet(tmp_path, site, "mylib>=0.1\n-e ./lib\n") == ()


_VERSIONS = st.builds("{}.{}".format, st.integers(0, 3), st.integers(0, 3))


@given(installed=_VERSIONS, asked=_VERSIONS, sign=st.sampled_from(["==", ">=", "<=", "<", ">", "!="]))
def test_versions_are_compared_as_packaging_does(
    tmp_path_factory: pytest.TempPathFactory, installed: str, asked: str, sign: str
) -> None:
    folder = tmp_path_factory.mktemp("site")
    place_distribution(folder, "foo", installed)
    have, want = Version(installed), Version(asked)
    met = {"==": have == want, ">=": have >= want, "<=": have <= want, "<": have < want, ">": have > want}
    assert (_unmet(folder, folder, f"foo{sign}{asked}\n") == ()) == met.get(sign, have != want)
