"""A plan made in another process is the plan that this one would make."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError, NothingThere
from console.text import use_language
from console.venv.jobs import Request, create_job, read_request
from console.venv.plan import plan_rebuild
from console.venv.planning import plan_elsewhere

from .conftest import make_venv
from .wheels import make_wheel


@pytest.fixture
def filled(bare: Container) -> Container:
    make_venv(Path(sys.executable).resolve(), bare.venv)
    make_wheel(bare.app / "wheels", "asked", "1.0")
    bare.requirements.write_text("--no-index\n--find-links wheels\nasked\n")
    return bare


@pytest.mark.parametrize("strategy", ["auto", "beside", "in-place"])
def test_it_is_the_same_plan(filled: Container, strategy: str) -> None:
    there = plan_elsewhere(filled, strategy=strategy)
    here = plan_rebuild(filled, strategy=strategy)
    assert replace(there, bytes_free=0, memory_free_bytes=None) == replace(here, bytes_free=0, memory_free_bytes=None)


def test_an_offer_comes_back_byte_for_byte(filled: Container) -> None:
    make_wheel(filled.app / "wheels", "picky", "2.0")
    filled.requirements.write_bytes(b"--no-index\n--find-links wheels\npicky==1.0  # caf\xc3\xa9\n")
    (offer,) = plan_elsewhere(filled).offers
    assert (offer.old, offer.new) == (
        b"--no-index\n--find-links wheels\npicky==1.0  # caf\xc3\xa9\n",
        b"--no-index\n--find-links wheels\npicky==2.0  # caf\xc3\xa9\n",
    )


def test_its_words_are_in_the_language_of_who_asked(filled: Container) -> None:
    filled.requirements.unlink()
    try:
        use_language("cs")
        assert "neexistuje" in "".join(plan_elsewhere(filled).problems)
    finally:
        use_language("en")


def test_what_it_raises_is_raised_here(filled: Container) -> None:
    with pytest.raises(NothingThere):
        plan_elsewhere(replace(filled, root=filled.root / "gone"))
    with pytest.raises(ConsoleError):
        plan_elsewhere(replace(filled, root=Path("/proc/1/root/nowhere")))


def test_a_name_that_is_no_text_survives_the_way_into_a_job(filled: Container) -> None:
    (filled.venv / "lib" / "caf\udce9.txt").write_text("mine")
    plan = plan_elsewhere(filled)
    assert plan.own_files == ("lib/caf\udce9.txt",)
    request = Request("rebuild", plan)
    assert read_request(create_job(filled, request)) == request
