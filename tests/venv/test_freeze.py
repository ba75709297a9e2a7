"""requirements.txt from what is installed: versions change, everything else stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.container import Container
from console.errors import ConsoleError
from console.results import Freeze
from console.venv.freeze import apply_freeze, plan_freeze
from console.venv.installed import read_installed
from console.venv.requirement_lines import parse_lines

from .wheels import place_distribution


@pytest.fixture
def frozen(bare: Container) -> Container:
    """A container whose virtualenv is dead and has a few packages."""
    site_packages = bare.venv / "lib" / "python3.11" / "site-packages"
    site_packages.mkdir(parents=True)
    (bare.venv / "pyvenv.cfg").write_text("home = /opt/no-such-image/bin\nversion = 3.11.7\n")
    place_distribution(site_packages, "pip", "24.0")
    place_distribution(site_packages, "Django", "5.1", requires=["sqlparse>=0.3", 'bcrypt; extra == "bcrypt"'])
    place_distribution(site_packages, "sqlparse", "0.5.2")
    place_distribution(site_packages, "gunicorn", "22.0.0", requested=True)
    return bare


def _site(container: Container) -> Path:
    return container.venv / "lib" / "python3.11" / "site-packages"


def _freeze(container: Container, text: str | None = None, *, top_level_only: bool = True) -> str:
    if text is not None:
        container.requirements.write_bytes(text.encode())
    return plan_freeze(container, top_level_only=top_level_only).new.decode()


def test_without_a_file_the_packages_that_no_other_needs_are_written(frozen: Container) -> None:
    freeze = plan_freeze(frozen)
    assert freeze.new == b"Django==5.1\ngunicorn==22.0.0\n"
    assert (freeze.packages, freeze.old) == (2, b"")
    assert "+Django==5.1" in freeze.diff
    assert not frozen.requirements.exists()


def test_all_packages_are_written_when_asked_for(frozen: Container) -> None:
    assert _freeze(frozen, top_level_only=False) == "Django==5.1\ngunicorn==22.0.0\nsqlparse==0.5.2\n"


def test_only_versions_change(frozen: Container) -> None:
    text = (
        "# the site\r\n--extra-index-url https://h/simple\r\n\r\n"
        "gunicorn   # serves\r\n  DJANGO [argon2] >=4,<5 ; python_version >= '3.8'   # web\r\n"
        "sqlparse (>=0.3)\r\n"
    )
    assert _freeze(frozen, text) == (
        "# the site\r\n--extra-index-url https://h/simple\r\n\r\n"
        "gunicorn==22.0.0   # serves\r\n  DJANGO [argon2]==5.1 ; python_version >= '3.8'   # web\r\n"
        "sqlparse==0.5.2\r\n"
    )


def test_a_file_from_windows_stays_one(frozen: Container) -> None:
    text = "# the site\r\ndjango\r\ngunicorn\r\n"
    frozen.requirements.write_bytes(text.encode("utf-16"))
    freeze = plan_freeze(frozen)
    assert freeze.new.decode("utf-16") == "# the site\r\ndjango==5.1\r\ngunicorn==22.0.0\r\n"
    assert freeze.new[:2] == freeze.old[:2]
    assert [line.rstrip() for line in freeze.diff.splitlines()[3:]] == [
        " # the site", "-django", "-gunicorn", "+django==5.1", "+gunicorn==22.0.0"
    ]  # fmt: skip


def test_lines_that_say_the_installed_version_stay_byte_for_byte(frozen: Container) -> None:
    text = "\ufeffdjango == 5.1.0 \\\n   --hash=sha256:aa\ngunicorn===22.0.0\nsqlparse==0.5.2"
    freeze = _freeze(frozen, text)
    assert freeze == text
    assert plan_freeze(frozen).diff == ""


def test_a_line_that_does_not_apply_or_is_not_installed_stays(frozen: Container) -> None:
    text = "django==5.1\ngunicorn==22.0.0\nsqlparse==0.1 ; python_version < '3'\nredis>=4\nfoo bar\n"
    assert _freeze(frozen, text) == text


def test_the_versions_of_each_python_are_kept_apart(frozen: Container) -> None:
    text = "gunicorn\ndjango==1.11 ; python_version < '3'\ndjango>=4 ; python_version >= '3'\n"
    assert _freeze(frozen, text) == (
        "gunicorn==22.0.0\ndjango==1.11 ; python_version < '3'\ndjango==5.1 ; python_version >= '3'\n"
    )


def test_packages_that_no_line_names_are_added_under_a_heading(frozen: Container) -> None:
    added = _freeze(frozen, "django==5.1").splitlines()
    assert (added[0], added[1][0], added[2:]) == ("django==5.1", "#", ["gunicorn==22.0.0"])


def test_what_included_files_name_is_not_added(frozen: Container) -> None:
    (frozen.app / "base.txt").write_text("gunicorn\n")
    text = "-r base.txt\ndjango==5.1\n"
    assert _freeze(frozen, text) == text


def test_what_only_another_extra_would_need_is_added(frozen: Container) -> None:
    place_distribution(_site(frozen), "bcrypt", "4.0")
    assert "bcrypt==4.0" in _freeze(frozen, "django==5.1\ngunicorn==22.0.0\n")
    assert "bcrypt==4.0" not in _freeze(frozen, "django[bcrypt]==5.1\ngunicorn==22.0.0\n")


def test_packages_that_need_each_other_are_not_lost(frozen: Container) -> None:
    place_distribution(_site(frozen), "sphinx", "7.0", requires=["sphinxhelp"], requested=True)
    place_distribution(_site(frozen), "sphinxhelp", "1.0", requires=["sphinx"])
    added = _freeze(frozen)
    assert "sphinx==7.0" in added
    assert "sphinxhelp" not in added


def test_what_came_from_a_link_is_written_as_one(frozen: Container, tmp_path: Path) -> None:
    vcs = {"url": "https://h/u/tool.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee", "requested_revision": "x"}}
    place_distribution(_site(frozen), "tool", "1.0", direct_url=json.dumps(vcs))
    folder = {"url": (tmp_path / "my lib").as_uri(), "dir_info": {"editable": True}}
    place_distribution(_site(frozen), "mylib", "0.1", direct_url=json.dumps(folder))
    text = _freeze(frozen, "django==5.1\ngunicorn==22.0.0\ntool[x]>=0.5  # ours\n")
    assert "tool[x] @ git+https://h/u/tool.git@c0ffee  # ours\n" in text
    assert f"-e file://{tmp_path}/my%20lib\n" in text  # pip takes a path with a space for two words


def test_a_line_over_several_lines_is_frozen(frozen: Container) -> None:
    assert _freeze(frozen, "gunicorn\\\n>=20 # c\ndjango>=5 \\\n  ; python_version > '3'\n").startswith(
        "gunicorn==22.0.0"
    )


def test_hashes_that_would_no_longer_fit_are_refused(frozen: Container) -> None:
    with pytest.raises(ConsoleError) as refused:
        _freeze(frozen, "django==5.0 --hash=sha256:aa\ngunicorn==22.0.0 --hash=sha256:bb\n")
    assert "hashes" in refused.value.title
    with pytest.raises(ConsoleError):
        _freeze(frozen, "django==5.1 --hash=sha256:aa\n")


def test_without_a_virtualenv_there_is_nothing_to_freeze(bare: Container) -> None:
    with pytest.raises(ConsoleError):
        plan_freeze(bare)


def test_a_freeze_is_written_and_the_file_as_it_was_is_kept(frozen: Container) -> None:
    freeze = plan_freeze(frozen)
    assert apply_freeze(frozen, freeze) is None
    frozen.requirements.write_bytes(b"django\n")
    backup = apply_freeze(frozen, plan_freeze(frozen))
    assert backup is not None
    assert backup.read_bytes() == b"django\n"
    assert frozen.requirements.read_bytes().startswith(b"django==5.1\n")


def test_a_file_that_changed_meanwhile_is_not_overwritten(frozen: Container) -> None:
    freeze: Freeze = plan_freeze(frozen)
    frozen.requirements.write_bytes(b"mine\n")
    with pytest.raises(ConsoleError):
        apply_freeze(frozen, freeze)
    assert frozen.requirements.read_bytes() == b"mine\n"


_LINES = st.lists(
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(["django", "Gunicorn", "sqlparse [x]", "tool", "other", "  django[bcrypt]", "django \\\n "]),
        st.sampled_from(["", "==1.0", ">=1,<9", "==5.1", " (~=2.0)", " @ https://h/x.zip", "==22.*"]),
        st.sampled_from(["", " ; python_version > '3'", "; python_version < '3'", " \\\n ; python_version > '3'"]),
        st.sampled_from(["", " # why", "\t#", " --global-option=x", "   "]),
        st.sampled_from(["\n", "\r\n", "\n\n", "", "\\\n", "\x0c"]),
    )
    | st.sampled_from(["# c\n", "-r gone.txt\n", "--pre\n", "-e ./lib\n", "foo bar\n", "\n", "${X}\n"])
).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=_LINES, top_level_only=st.booleans())
def test_freezing_twice_changes_nothing_and_pins_what_is_installed(
    frozen: Container, text: str, top_level_only: bool
) -> None:
    once = _freeze(frozen, text, top_level_only=top_level_only)
    assert _freeze(frozen, once, top_level_only=top_level_only) == once
    versions = {one.key: one.version for one in read_installed(_site(frozen))}
    for old, new in zip(parse_lines(text), parse_lines(once), strict=False):
        assert (old.kind, old.name, old.extras, str(old.marker)) == (new.kind, new.name, new.extras, str(new.marker))
        if new.requirement is not None and new.requirement != old.requirement:
            assert str(new.requirement.specifier) == f"=={versions[new.name or '']}"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text())
def test_any_file_survives_a_freeze(frozen: Container, text: str) -> None:
    once = _freeze(frozen, text)
    assert _freeze(frozen, once) == once
