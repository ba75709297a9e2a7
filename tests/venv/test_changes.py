"""What the new Python cannot have, why, and the change that is offered: real uv and pip, indexes made on the spot."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.container import Container
from console.errors import ConsoleError
from console.events import Event
from console.results import RebuildPlan
from console.venv import changes, offers, uv
from console.venv.build_tools import BuildTools
from console.venv.installer import PIP
from console.venv.offers import apply_offer, make_offers
from console.venv.plan import plan_rebuild
from console.venv.requirement_lines import parse_lines
from console.venv.requirements import read_requirements
from tests import needs

from .simple_index import SimpleIndex
from .wheels import make_wheel

CP = f"cp{sys.version_info[0]}{sys.version_info[1]}"


@dataclass
class Site:
    """A container whose requirements are asked of a folder of wheels."""

    container: Container

    @property
    def wheels(self) -> Path:
        return self.container.app / "wheels"

    def ask(self, *lines: str) -> RebuildPlan:
        self.write(*lines)
        return plan_rebuild(self.container)

    def write(self, *lines: str) -> None:
        self.container.requirements.write_text("\n".join(["--no-index", "--find-links wheels", *lines, ""]))


@pytest.fixture
def site(bare: Container) -> Site:
    found = Site(bare)
    for version, python in (("1.0", "<3.9"), ("1.5", "<3.9"), ("2.0", ">=3.6"), ("3.0", ">=3.6")):
        make_wheel(found.wheels, "picky", version, python=python)
    make_wheel(found.wheels, "easy", "1.0")
    make_wheel(found.wheels, "easy", "2.0")
    return found


def _changed(plan: RebuildPlan) -> list[str]:
    """The lines that the offers add."""
    lines = (line for offer in plan.offers for line in offer.diff.splitlines())
    return [line[1:] for line in lines if line.startswith("+") and not line.startswith("+++")]


def _impossible(plan: RebuildPlan) -> dict[str, str | None]:
    return {one.name: one.nearest for one in plan.packages if one.how == "impossible"}


def test_a_resolver_that_ends_without_a_word_is_no_plan_without_packages(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the kernel ends it where memory runs out: what is installed now would be left out of the new one."""
    silent = tmp_path / "uv"
    silent.write_text("#!/bin/sh\nkill -9 $$\n")
    silent.chmod(0o755)
    monkeypatch.setattr(uv, "uv_program", lambda: str(silent))
    plan = site.ask("easy")
    assert not plan.ok
    assert "killed" in plan.problems[-1]


def test_a_python_that_a_package_rules_out_is_the_reason_and_the_nearest_version_is_offered(site: Site) -> None:
    """uv passes over upper bounds of Requires-Python, which pip obeys."""
    plan = site.ask("# the site", "picky == 1.0   # pinned", "easy")
    assert not plan.ok
    assert _impossible(plan) == {"picky": "2.0"}
    assert "<3.9" in plan.problems[0]
    (offer,) = plan.offers
    assert _changed(plan) == ["picky==2.0   # pinned"]
    assert offer.old == site.container.requirements.read_bytes()
    backup = apply_offer(site.container, offer)
    assert backup is not None
    assert backup.read_bytes() == offer.old
    after = plan_rebuild(site.container)
    assert (after.ok, after.offers) == (True, ())
    assert {one.name: one.to_version for one in after.packages} == {"picky": "2.0", "easy": "2.0"}


def test_a_version_that_is_not_there_has_its_nearest_above_else_below(site: Site) -> None:
    plan = site.ask("picky==1.9", "easy==7")
    assert _impossible(plan) == {"picky": "2.0", "easy": "2.0"}
    assert _changed(plan) == ["picky==2.0", "easy==2.0"]


def test_what_is_not_in_the_index_has_no_nearest_and_nothing_is_offered(site: Site) -> None:
    plan = site.ask("nowhere==1.0", "picky==1.9")
    assert _impossible(plan) == {"nowhere": None, "picky": "2.0"}
    assert plan.offers == ()


def test_a_range_and_a_line_of_an_included_file_and_of_constraints_are_changed_where_they_stand(site: Site) -> None:
    inner = site.container.app / "sub" / "base.txt"
    inner.parent.mkdir()
    inner.write_bytes(b"easy>=2.5,<3\r\n")
    limits = site.container.app / "limits.txt"
    limits.write_text("picky==1.9\n")
    plan = site.ask("-r sub/base.txt", "-c limits.txt", "picky")
    assert _impossible(plan) == {"easy": "2.0", "picky": "2.0"}
    assert {offer.path: offer.new for offer in plan.offers} == {
        inner: b"easy==2.0\r\n",
        limits: b"picky==2.0\n",
    }


def test_what_does_not_go_together_is_offered_in_versions_that_do(site: Site) -> None:
    make_wheel(site.wheels, "frame", "1.0")
    make_wheel(site.wheels, "frame", "2.0")
    make_wheel(site.wheels, "frame", "3.0")
    make_wheel(site.wheels, "plugin", "5.0", requires=["frame>=2"])
    plan = site.ask("frame==1.0", "plugin==5.0", "easy")
    assert _impossible(plan) == {"frame": "2.0"}
    assert _changed(plan) == ["frame==2.0"]


def test_an_offer_that_would_not_resolve_is_not_made_and_what_still_blocks_is_told(site: Site) -> None:
    make_wheel(site.wheels, "stubborn", "1.0", requires=["picky<2"])
    make_wheel(site.wheels, "other", "1.0", requires=["picky>=3"])
    plan = site.ask("stubborn==1.0", "other==1.0", "easy==7")
    assert "easy" in _impossible(plan)
    assert plan.offers == ()
    assert "stubborn" in plan.problems[0]


def test_hashed_lines_are_not_offered(site: Site) -> None:
    plan = site.ask("picky==1.9 --hash=sha256:" + "a" * 64)
    assert _impossible(plan) == {"picky": "2.0"}
    assert plan.offers == ()
    assert any("hashes" in warning for warning in plan.warnings)


def test_a_withdrawn_version_is_no_nearest_one(site: Site) -> None:
    with SimpleIndex(site.wheels, yanked={"picky-2.0-py3-none-any.whl": "bad"}, password="s3cret") as index:
        site.container.requirements.write_text(f"--index-url {index.url}\npicky==1.9\neasy>=1\n")
        heard: list[Event] = []
        plan = plan_rebuild(site.container, on_event=heard.append)
        assert _impossible(plan) == {"picky": "3.0"}
        assert _changed(plan) == ["picky==3.0"]
        assert plan.offers[0].new.startswith(f"--index-url {index.url}\n".encode())
        assert "s3cret" not in repr(plan) + repr(heard)
        site.container.requirements.write_text(f"--index-url {index.url}\npicky>1.5,<3\n")
        assert "yanked" in (plan_rebuild(site.container).packages[0].why or "")


def _without_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "read_build_tools", lambda *_words: BuildTools(None, None))


def _source(folder: Path, name: str, version: str) -> None:
    """A source archive whose metadata is static, so that nothing is built for a plan."""
    import io
    import tarfile

    top = f"{name}-{version}"
    build = '[build-system]\nrequires = []\nbuild-backend = "none"\n'
    texts = {
        "pyproject.toml": f'[project]\nname = "{name}"\nversion = "{version}"\n{build}',
        "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n",
    }
    with tarfile.open(folder / f"{top}.tar.gz", "w:gz") as archive:
        for file, text in texts.items():
            entry = tarfile.TarInfo(f"{top}/{file}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))


def test_a_build_without_a_compiler_is_told_and_a_version_with_a_wheel_is_offered(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_compiler(monkeypatch)
    _source(site.wheels, "fast", "1.0")
    make_wheel(site.wheels, "fast", "1.1", tag=f"{CP}-{CP}-linux_x86_64")
    _source(site.wheels, "slow", "1.0")
    plan = site.ask("fast==1.0", "slow==1.0", "easy==1.0")
    assert plan.ok
    assert {one.name: (one.how, one.nearest) for one in plan.packages} == {
        "fast": ("build", "1.1"),
        "slow": ("build", None),
        "easy": ("wheel", None),
    }
    assert _changed(plan) == ["fast==1.1"]
    assert any("slow" in warning and "if it has C code" in warning for warning in plan.warnings)
    monkeypatch.undo()
    monkeypatch.setattr(changes, "read_build_tools", lambda *_words: BuildTools(Path("cc"), Path("Python.h")))
    assert (plan_rebuild(site.container).offers, plan_rebuild(site.container).warnings) == ((), ())


def test_a_version_older_than_this_python_is_built_and_the_first_with_a_wheel_is_offered(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "read_build_tools", lambda *_words: BuildTools(Path("cc"), Path("Python.h")))
    _source(site.wheels, "fast", "1.0")
    make_wheel(site.wheels, "fast", "1.0", tag="cp27-cp27mu-linux_x86_64")
    make_wheel(site.wheels, "fast", "1.1", tag=f"{CP}-{CP}-linux_x86_64")
    _source(site.wheels, "slow", "1.0")
    plan = site.ask("fast==1.0", "slow==1.0")
    assert plan.ok
    assert {one.name: (one.how, one.nearest) for one in plan.packages} == {
        "fast": ("build", "1.1"),
        "slow": ("build", None),
    }
    assert _changed(plan) == ["fast==1.1"]
    assert any("may fail" in warning for warning in plan.warnings)


def test_wheels_for_other_pythons_only_are_a_reason(site: Site) -> None:
    make_wheel(site.wheels, "fast", "1.0", tag="cp27-cp27mu-linux_x86_64")
    make_wheel(site.wheels, "fast", "1.1", tag=f"{CP}-{CP}-linux_x86_64")
    plan = site.ask("fast==1.0")
    assert _impossible(plan) == {"fast": "1.1"}
    assert "other Pythons" in (plan.packages[0].why or "")


def test_without_a_network_nothing_is_called_impossible(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    site.container.requirements.write_text("--index-url http://127.0.0.1:9/simple\npicky==1.0\n")
    plan = plan_rebuild(site.container)
    assert (plan.ok, plan.packages, plan.offers) == (False, (), ())


def test_an_old_pythons_pip_finds_the_nearest_versions_too(site: Site) -> None:
    python = needs.interpreter("2.7")
    for version in ("0.1", "0.2"):
        make_wheel(site.wheels, "old", version, tag="py2-none-any")
        make_wheel(site.wheels, "older", version, tag="py2-none-any")
    site.write("old==0.3", "older==0.0.9")
    plan = plan_rebuild(site.container, python=python.path)
    assert _impossible(plan) == {"old": "0.2", "older": "0.1"}
    assert _changed(plan) == ["old==0.2", "older==0.1"]


def test_where_no_pip_can_be_had_the_plan_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "choose_and_resolve", lambda *_words, **_more: (PIP, None))
    plan = site.ask("picky==1.0", "easy")
    assert {one.name: one.to_version for one in plan.packages} == {"picky": "1.0", "easy": None}
    assert "No pip" in plan.warnings[0]


def test_a_pin_of_the_real_index_that_new_pythons_cannot_have(bare: Container) -> None:
    python = needs.interpreter("3.12")
    bare.requirements.write_text("markupsafe\ncffi==1.0.0\ntensorflow-cpu==2.8.0\n")
    plan = plan_rebuild(bare, python=python.path)
    if "No solution" not in "".join(plan.problems):
        needs.missing("the public package index")
    found = _impossible(plan)
    assert found["tensorflow-cpu"] is not None
    assert found["tensorflow-cpu"].startswith("2.1")


def test_a_file_that_changed_meanwhile_is_not_overwritten(site: Site) -> None:
    (offer,) = site.ask("picky==1.0").offers
    site.container.requirements.write_bytes(b"mine\n")
    with pytest.raises(ConsoleError) as refused:
        apply_offer(site.container, offer)
    assert "meanwhile" in refused.value.title
    assert site.container.requirements.read_bytes() == b"mine\n"
    apply_offer(site.container, replace(offer, old=b"mine\n"))
    assert site.container.requirements.read_bytes() == offer.new


def test_a_version_out_of_the_environment_is_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIRS", "1.0")
    file = tmp_path / "requirements.txt"
    file.write_text("x==${THEIRS}\n")
    asked = read_requirements(file)
    found = make_offers({"x": asked.entries}, {"x": "2.0"}, "")
    assert found.changes == ()
    assert "environment" in found.refused


_LINES = st.lists(
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(["picky", "Easy", "  easy [x]", "other"]),
        st.sampled_from(["", "==1.0", ">=1,<9", " (~=2.0)", "==22.*"]),
        st.sampled_from(["", " ; python_version > '3'", " \\\n ; python_version > '3'"]),
        st.sampled_from(["", " # why", "\t#é", "   "]),
        st.sampled_from(["\n", "\r\n", "\n\n", ""]),
    )
    | st.sampled_from(["# c\n", "--pre\n", "-e ./lib\n", "\n"])
).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=_LINES, encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_only_the_lines_that_are_offered_change(tmp_path: Path, text: str, encoding: str) -> None:
    file = tmp_path / "requirements.txt"
    file.write_bytes(text.encode(encoding))
    named = {"picky": [e for e in read_requirements(file).entries if e.line.name == "picky"]}
    found = make_offers(named, {"picky": "4.5"}, "")
    new = found.changes[0].new.decode(encoding) if found.changes else text
    assert offers.make_offers({}, {"picky": "4.5"}, "").changes == ()
    for before, after in zip(parse_lines(text), parse_lines(new), strict=True):
        if before.raw == after.raw:
            continue
        assert (before.name, before.extras, str(before.marker)) == ("picky", after.extras, str(after.marker))
        assert str(after.requirement and after.requirement.specifier) == "==4.5"


@pytest.mark.parametrize("python", [">=9"])
def test_nothing_of_the_customers_is_touched_while_looking(
    site: Site, python: str, record_property: Callable[[str, object], None]
) -> None:
    make_wheel(site.wheels, "later", "1.0", python=python)
    site.write("later", "picky==1.0", "easy==7")

    def snapshot() -> list[tuple[str, int, float]]:
        found = sorted(site.container.root.rglob("*"))
        return [(str(path), path.lstat().st_size, path.lstat().st_mtime) for path in found]

    before = snapshot()
    plan = plan_rebuild(site.container)
    assert not plan.ok
    assert snapshot() == before
