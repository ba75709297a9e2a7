"""requirements.txt with its includes, against what is installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from packaging.version import Version

from console.results import OtherVersion, RequirementsState
from console.venv.comparison import Comparison, compare
from console.venv.requirements import read_requirements

from .wheels import place_distribution


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site-packages"
    place_distribution(folder, "Django", "5.1", requires=["sqlparse>=0.3", 'argon2-cffi>=19; extra == "argon2"'])
    place_distribution(folder, "sqlparse", "0.5")
    return folder


def _compare(tmp_path: Path, site: Path | None, text: str, python: str = "3.12.1") -> Comparison:
    (tmp_path / "requirements.txt").write_text(text)
    found = compare(read_requirements(tmp_path / "requirements.txt"), site, python)
    names = {*found.state.missing, *(other.name for other in found.state.other)}
    assert (set(found.unmet), len(found.unmet)) == (names, len(names))
    return found


def _unmet(tmp_path: Path, site: Path | None, text: str, python: str = "3.12.1") -> tuple[str, ...]:
    return _compare(tmp_path, site, text, python).unmet


def _extra(tmp_path: Path, site: Path, text: str, python: str = "3.12.1") -> tuple[str, ...]:
    return _compare(tmp_path, site, text, python).state.extra


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


def test_what_is_missing_and_what_has_another_version_are_told_apart(tmp_path: Path, site: Path) -> None:
    place_distribution(site, "argon2-cffi", "18")
    found = _compare(tmp_path, site, "redis\nsqlparse>=1,<2\ndjango[argon2]\nfoo bar\n")
    assert found.unmet == ("redis", "sqlparse", "argon2-cffi")
    assert found.state == RequirementsState(
        path=tmp_path / "requirements.txt",
        missing=("redis",),
        other=(OtherVersion("sqlparse", "0.5", "<2,>=1"), OtherVersion("argon2-cffi", "18", ">=19")),
        extra=(),
        problems=found.state.problems,
    )
    assert len(found.state.problems) == 1


def test_extra_is_what_no_line_asks_for_and_nothing_asked_for_needs(tmp_path: Path, site: Path) -> None:
    for seed in ("pip", "setuptools", "wheel"):
        place_distribution(site, seed, "60.0", requires=["packaging"])
    place_distribution(site, "packaging", "24.0")
    place_distribution(site, "argon2-cffi", "23.1", requires=["argon2-bindings", 'old ; python_version < "3"'])
    place_distribution(site, "argon2-bindings", "21", requires=["Django"])
    place_distribution(site, "old", "1")
    place_distribution(site, "debugger", "1", requires=["helper"])
    place_distribution(site, "helper", "1")
    assert _extra(tmp_path, site, "django\n") == ("argon2-bindings", "argon2-cffi", "debugger", "helper", "old")
    assert _extra(tmp_path, site, "django[Argon2]\n") == ("debugger", "helper", "old")
    assert _extra(tmp_path, site, "django[argon2]\n", "2.7.18") == ("debugger", "helper")
    assert _extra(tmp_path, site, "django[argon2]\nold ; python_version < '3'\n") == ("debugger", "helper", "old")
    (tmp_path / "limits.txt").write_text("debugger==1\n")
    assert "debugger" in _extra(tmp_path, site, "-c limits.txt\n")
    assert "debugger" not in _extra(tmp_path, site, "-r limits.txt\n")


def test_an_extra_that_a_need_asks_for_is_followed(tmp_path: Path, site: Path) -> None:
    place_distribution(site, "argon2-cffi", "23.1")
    place_distribution(site, "site", "1", requires=["django", "second"])
    place_distribution(site, "second", "1", requires=["django[argon2]"])
    assert _extra(tmp_path, site, "site\n") == ()


def test_what_was_installed_from_a_link_is_asked_for_by_that_link(tmp_path: Path, site: Path) -> None:
    (tmp_path / "lib").mkdir()
    place_distribution(
        site, "mylib", "1", requires=["brought"], direct_url=json.dumps({"url": (tmp_path / "lib").as_uri()})
    )
    place_distribution(site, "brought", "1")
    assert _extra(tmp_path, site, "./lib\ndjango\n") == ()
    assert _extra(tmp_path, site, "file:lib\ndjango\n") == ()
    assert _extra(tmp_path, site, "./other\ndjango\n") == ("brought", "mylib")


COMMIT, ANOTHER = "0123456789abcdef0123456789abcdef01234567", "f" * 40


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("tool @ git+https://h/u/tool.git", True),
        ("tool @ git+https://h/u/tool.git@main", True),
        (f"tool @ git+https://h/u/tool.git@{COMMIT}", True),
        (f"tool @ git+https://h/u/tool.git@{ANOTHER}", False),
        ("tool @ git+https://h/u/fork.git", False),
        ("git+https://h/u/fork.git#egg=tool", False),
        ("tool==1.0", True),
        ("https://h/tool-1.0-py3-none-any.whl", True),
        ("https://h/tool-2.0-py3-none-any.whl", False),
        (f"tool==1.0 --hash=sha256:{'0' * 64}", True),
        (f"tool==2.0 --hash=sha256:{'0' * 64}", False),
    ],
)
def test_another_source_is_another_version(tmp_path: Path, line: str, fits: bool) -> None:
    vcs = {"url": "https://h/u/tool.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}
    place_distribution(tmp_path / "site", "tool", "1.0", direct_url=json.dumps(vcs))
    state = _compare(tmp_path, tmp_path / "site", f"{line}\n").state
    assert (state.missing, [other.name for other in state.other]) == ((), [] if fits else ["tool"])
    assert state.extra == ()


def test_a_link_is_another_source_than_an_index_where_the_installer_would_have_noted_it(tmp_path: Path) -> None:
    place_distribution(tmp_path / "site", "new", "1.0", requested=True)
    place_distribution(tmp_path / "site", "old", "1.0")
    place_distribution(tmp_path / "site", "byuv", "1.0")
    (tmp_path / "site" / "byuv-1.0.dist-info" / "INSTALLER").write_text("uv\n")
    lines = "".join(f"{name} @ https://h/{name}.zip\n" for name in ("new", "old", "byuv"))
    assert _unmet(tmp_path, tmp_path / "site", lines) == ("new", "byuv")


def test_a_clone_in_development_is_not_compared_with_its_address(tmp_path: Path) -> None:
    folder = {"url": (tmp_path / "src" / "tool").as_uri(), "dir_info": {"editable": True}}
    place_distribution(tmp_path / "site", "tool", "1.0", direct_url=json.dumps(folder))
    assert _unmet(tmp_path, tmp_path / "site", "-e git+https://h/u/tool.git#egg=tool\n") == ()


@pytest.mark.parametrize("marker", ["platform_release ~= 'x'", "python_version ~= 'foo'", "'a' in extras"])
def test_a_marker_that_cannot_be_judged_asks_for_nothing(tmp_path: Path, marker: str) -> None:
    place_distribution(tmp_path / "site", "one", "1", requires=[f"two ; {marker}", "three"])
    for name in ("two", "three"):
        place_distribution(tmp_path / "site", name, "1")
    assert _extra(tmp_path, tmp_path / "site", "one\n") == ("two",)
    _compare(tmp_path, tmp_path / "site", f"one ; {marker}\n")


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


_PIECES = st.lists(
    st.sampled_from(
        ["-r ", "-c ", "-e ", "./", "file:", "file://[", "git+https://h/", "@", "django", "[argon2]", "==", "<", "5.1", ";"]
        + [" ", "\n", "\0", "\\\n", "#egg=", "python_version ~= 'x'", "extra == 'y'", "://", "lib.whl", "-1.0.tar.gz", "(", "'"]
    )
    | st.text(max_size=3),
    max_size=12,
).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(text=_PIECES)
@example(f"django ; {'(' * 20_000}")
@example("-r a\0b\n./a\0b\n-e file:///a%00b\n")
def test_any_file_can_be_compared(tmp_path: Path, site: Path, text: str) -> None:
    linked = site / "linked-1.dist-info"
    if not linked.exists():
        place_distribution(site, "linked", "1", direct_url=json.dumps({"url": "file:///a%00b", "archive_info": {}}))
    (tmp_path / "requirements.txt").write_bytes(text.encode("utf-8", "surrogatepass"))
    compare(read_requirements(tmp_path / "requirements.txt"), site, "3.12.1")
