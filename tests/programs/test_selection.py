"""Which programs a name means."""

from __future__ import annotations

import pytest

from console.errors import WrongUsage
from console.programs.selection import select
from console.results import Program


def program(group: str, name: str) -> Program:
    return Program(name, group, "RUNNING", 1, 1.0, None, None, "")


PROGRAMS = (program("app", "app"), program("jobs", "mail"), program("jobs", "thumbs"), program("worker", "worker_00"),
            program("worker", "worker_01"))  # fmt: skip


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        (["app"], ["app"]),
        (["app:app"], ["app"]),
        (["jobs:"], ["jobs:mail", "jobs:thumbs"]),
        (["jobs:*"], ["jobs:mail", "jobs:thumbs"]),
        (["jobs:mail"], ["jobs:mail"]),
        (["jobs"], ["jobs:mail", "jobs:thumbs"]),
        (["worker"], ["worker:worker_00", "worker:worker_01"]),
        (["thumbs"], ["jobs:thumbs"]),
        (["worker", "app", "worker:*"], ["worker:worker_00", "worker:worker_01", "app"]),
        (["all"], ["app", "jobs:mail", "jobs:thumbs", "worker:worker_00", "worker:worker_01"]),
        ([], []),
    ],
)
def test_names_and_groups(names: list[str], meant: list[str]) -> None:
    assert [one.full_name for one in select(PROGRAMS, names)] == meant


@pytest.mark.parametrize("name", ["", "nobody", "jobs:nobody", "nobody:*", ":", "*"])
def test_an_unknown_name_is_wrong_usage_and_names_those_that_exist(name: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        select(PROGRAMS, [name])
    assert "jobs:mail" in caught.value.cause


def test_a_name_that_two_groups_have_means_nothing() -> None:
    with pytest.raises(WrongUsage):
        select((program("a", "same"), program("b", "same")), ["same"])


def test_without_any_program_the_error_says_so() -> None:
    with pytest.raises(WrongUsage) as caught:
        select((), ["app"])
    assert "no programs" in caught.value.cause
