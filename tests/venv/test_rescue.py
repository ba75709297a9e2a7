"""A requirements.txt from a virtualenv alone, dead or alive."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.container import Container
from console.errors import ConsoleError
from console.results import Rescue
from console.venv.comparison import compare
from console.venv.requirement_lines import parse_lines
from console.venv.requirements import read_requirements
from console.venv.rescue import apply_rescue, plan_rescue

from .conftest import make_venv
from .wheels import make_wheel, place_distribution


@pytest.fixture
def dead(bare: Container) -> Container:
    """A container without requirements.txt whose virtualenv has an interpreter that is gone."""
    (bare.venv / "bin").mkdir(parents=True)
    (bare.venv / "bin" / "python").symlink_to("/opt/no-such-image/bin/python3.11")
    (bare.venv / "pyvenv.cfg").write_text("home = /opt/no-such-image/bin\nversion = 3.11.7\n")
    site = _site(bare)
    _place(site, "pip", "24.0", requested=True)
    _place(site, "Django", "5.1", requires=["sqlparse>=0.3", 'tomli; python_version < "3.11"'], requested=True)
    _place(site, "sqlparse", "0.5.2")
    _place(site, "tomli", "2.0")
    return bare


def _site(container: Container) -> Path:
    return container.venv / "lib" / "python3.11" / "site-packages"


def _place(
    site: Path, name: str, version: str, *, requires: list[str] | None = None, requested: bool = False, url: str = ""
) -> None:
    place_distribution(site, name, version, requires=requires or [], requested=requested, direct_url=url)


def _lines(rescue: Rescue) -> list[str]:
    return rescue.new.decode().splitlines()


def _folder(path: Path) -> str:
    return json.dumps({"url": path.as_uri(), "dir_info": {"editable": True}})


def test_what_was_asked_for_stands_first_then_what_nothing_needs(dead: Container) -> None:
    rescue = plan_rescue(dead)
    first, django, second, tomli = _lines(rescue)
    assert (first[:2], django, second[:2], tomli) == ("# ", "Django==5.1", "# ", "tomli==2.0")
    assert (rescue.packages, rescue.unknown, rescue.path) == (2, (), dead.requirements)
    assert "+Django==5.1" in rescue.diff
    assert not dead.requirements.exists()


def test_all_has_the_rest_as_well(dead: Container) -> None:
    rescue = plan_rescue(dead, top_level_only=False)
    assert [line for line in _lines(rescue) if line[0] != "#"] == ["Django==5.1", "tomli==2.0", "sqlparse==0.5.2"]
    assert rescue.packages == 3


def test_what_uv_installed_is_not_taken_for_asked_for_as_it_marks_all(dead: Container) -> None:
    for info in _site(dead).glob("*.dist-info"):
        (info / "REQUESTED").touch()
        (info / "INSTALLER").write_text("uv")
    assert [line for line in _lines(plan_rescue(dead)) if line[0] != "#"] == ["Django==5.1", "tomli==2.0"]


def test_links_commits_and_folders_in_development_stay_such(dead: Container, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    vcs = {"url": "https://h/u/tool.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}
    _place(_site(dead), "tool", "1", requested=True, url=json.dumps(vcs))
    _place(_site(dead), "mylib", "1", requested=True, url=_folder(tmp_path / "lib"))
    _place(_site(dead), "zipped", "1", url=json.dumps({"url": "https://h/zipped.zip", "archive_info": {}}))
    rescue = plan_rescue(dead)
    assert {
        f"-e {tmp_path}/lib",
        "tool @ git+https://h/u/tool.git@c0ffee",
        "zipped @ https://h/zipped.zip",
    } <= set(_lines(rescue))
    assert rescue.unknown == ()


def test_what_came_from_a_place_that_is_gone_is_a_comment_and_its_needs_are_lines(
    dead: Container, tmp_path: Path
) -> None:
    """The index may have somebody else's package of that name."""
    _place(_site(dead), "ours", "1", requires=["helper"], requested=True, url=_folder(tmp_path / "gone"))
    _place(_site(dead), "built", "2", url=json.dumps({"url": f"file://{tmp_path}/built-2.whl", "archive_info": {}}))
    _place(_site(dead), "helper", "3")
    (_site(dead) / "old.egg-link").write_text(f"{tmp_path}/gone-too\n.\n")
    rescue = plan_rescue(dead)
    lines = _lines(rescue)
    assert f"# -e {tmp_path}/gone" in lines
    assert any(line.startswith("# built @ file:") for line in lines)
    assert "helper==3" in lines
    assert rescue.packages == 3
    assert [each for each in rescue.unknown if f"{tmp_path}/gone " in each and "ours" in each]
    assert [each for each in rescue.unknown if "built-2.whl" in each]
    assert [each for each in rescue.unknown if "gone-too" in each and "old" in each]
    assert len(rescue.unknown) == 3
    assert [line.kind for line in parse_lines("\n".join(lines))].count("requirement") == rescue.packages


def test_a_checkout_in_the_virtualenv_is_asked_for_by_its_commit(dead: Container) -> None:
    for name in ("tool", "plain"):
        (dead.venv / "src" / name).mkdir(parents=True)
        _place(_site(dead), name, "1", requested=True, url=_folder(dead.venv / "src" / name))
    git = dead.venv / "src" / "tool" / ".git"
    git.mkdir()
    (git / "HEAD").write_text("a" * 40)
    (git / "config").write_text('[remote "origin"]\n\turl = https://h/u/tool.git\n')
    rescue = plan_rescue(dead)
    assert f"tool @ git+https://h/u/tool.git@{'a' * 40}" in _lines(rescue)
    assert f"# -e {dead.venv}/src/plain" in _lines(rescue)
    assert ["src/plain" in each or "src/tool" in each for each in rescue.unknown] == [True, True]


def test_what_cannot_be_known_is_said(dead: Container) -> None:
    site = _site(dead)
    (site / "broken-1.dist-info").mkdir()
    (site / "four-1-py3.11.egg" / "EGG-INFO").mkdir(parents=True)
    (site / "mylib").mkdir()
    (site / "mylib" / "a.py").touch()
    (site / "single.py").touch()
    (site / "leftover" / "__pycache__").mkdir(parents=True)
    (site / "leftover" / "__pycache__" / "a.pyc").touch()
    _place(site, "Django", "5.0")
    unknown = plan_rescue(dead).unknown
    for name in ("broken-1.dist-info", "four-1-py3.11.egg", "mylib ", "single.py"):
        assert [each for each in unknown if name in each], name
    assert [each for each in unknown if "5.0" in each and "5.1" in each]
    assert len(unknown) == 5


def test_a_real_virtualenv_comes_back_as_it_was(bare: Container, tmp_path: Path) -> None:
    make_venv(bare.interpreters[0], bare.venv)
    wheels = tmp_path / "wheels"
    uv = [sys.executable, "-m", "uv", "pip", "install", "-q", "--find-links", str(wheels)]
    make_wheel(wheels, "web", "1.0", requires=["base>=1"])
    make_wheel(wheels, "base", "1.5")
    folder = tmp_path / "in development"
    (folder / "mylib").mkdir(parents=True)
    (folder / "mylib" / "__init__.py").touch()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "mylib"\nversion = "0.1"\n[build-system]\nrequires = ["hatchling"]\n'
        'build-backend = "hatchling.build"\n'
    )

    def install(*words: str | Path) -> None:
        subprocess.run([*uv, "-p", bare.venv / "bin" / "python", *words], check=True)

    install("web", "-e", folder)
    (bare.venv / "bin" / "python").unlink()
    (bare.venv / "bin" / "python").symlink_to("/opt/no-such-image/bin/python")
    rescue = plan_rescue(bare)
    assert [line for line in _lines(rescue) if line[0] != "#"] == [f"-e {folder.as_uri()}", "web==1.0"]
    assert rescue.unknown == ()
    apply_rescue(bare, rescue)
    site = next(bare.venv.glob("lib/python*/site-packages"))
    compared = compare(read_requirements(bare.requirements), site, None)
    assert (compared.unmet, compared.state.extra) == ((), ())
    bare.venv.rename(tmp_path / "dead")
    make_venv(bare.interpreters[0], bare.venv)
    install("-r", bare.requirements)
    bare.requirements.unlink()
    assert plan_rescue(bare) == rescue


def test_it_is_written_only_where_there_is_none(dead: Container) -> None:
    rescue = plan_rescue(dead)
    dead.requirements.write_text("mine\n")
    with pytest.raises(ConsoleError):
        apply_rescue(dead, rescue)
    with pytest.raises(ConsoleError):
        plan_rescue(dead)
    assert dead.requirements.read_text() == "mine\n"
    dead.requirements.unlink()
    apply_rescue(dead, rescue)
    assert dead.requirements.read_bytes() == rescue.new


def test_without_a_virtualenv_or_packages_there_is_nothing_to_rescue(bare: Container) -> None:
    with pytest.raises(ConsoleError):
        plan_rescue(bare)
    make_venv(bare.interpreters[0], bare.venv)
    with pytest.raises(ConsoleError):
        plan_rescue(bare)


_KEY = st.from_regex(r"[a-z][a-z0-9]{0,3}", fullmatch=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    graph=st.dictionaries(_KEY, st.tuples(st.lists(_KEY, max_size=3), st.booleans()), min_size=1, max_size=6),
    top_level_only=st.booleans(),
)
def test_everything_installed_is_a_line_or_needed_by_one(
    bare: Container,
    tmp_path_factory: pytest.TempPathFactory,
    graph: dict[str, tuple[list[str], bool]],
    top_level_only: bool,
) -> None:
    (bare.venv).unlink(missing_ok=True)
    venv = tmp_path_factory.mktemp("venv")
    (venv / "pyvenv.cfg").write_text("home = /gone\nversion = 3.11.7\n")
    bare.venv.symlink_to(venv)
    for name, (requires, requested) in graph.items():
        _place(_site(bare), name, "1", requires=requires, requested=requested)
    rescue = plan_rescue(bare, top_level_only=top_level_only)
    copy = tmp_path_factory.mktemp("text") / "requirements.txt"
    copy.write_bytes(rescue.new)
    compared = compare(read_requirements(copy), _site(bare), "3.11.7")
    assert (compared.unmet, compared.state.extra, compared.state.problems) == ((), (), ())
    names = [line.name for line in parse_lines(rescue.new.decode()) if line.name]
    assert len(names) == len(set(names)) == rescue.packages
    if not top_level_only:
        assert set(names) == graph.keys() - {"pip"}
