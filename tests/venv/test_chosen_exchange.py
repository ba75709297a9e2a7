"""The exchange of the virtualenv with that of the chosen interpreter, from every state that a death may leave."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.pythons.primary_tech import link_text, set_link
from console.results import ChoiceChange
from console.venv.choice_record import ChosenBefore, chosen_before, remember_choice
from console.venv.chosen_exchange import ChosenExchange
from console.venv.exchange import RecordedExchange, finish_exchange, of_virtualenv, restored_exchange
from console.venv.switch import Switch

OLD, NEW, THEIRS = "/opt/techs/python-3.8.1/bin", "/opt/techs/python-3.12.1/bin", "/opt/techs/python-3.9.1/bin"


def _venv(folder: Path, name: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("version = 3.11.7\n")
    (folder / "name").write_text(name)
    return folder


@pytest.fixture
def both(bare: Container) -> ChosenExchange:
    """From a real folder at /srv/venv and OLD to a new virtualenv and NEW."""
    _venv(bare.venv, "old")
    new = _venv(bare.venvs / "20260202-000000-py3.12.1", "new")
    set_link(bare.primary_tech, OLD)
    return ChosenExchange(bare, Switch(bare, new), ChoiceChange(bare.primary_tech, OLD, NEW, "3.8.1", "3.12.1"))


def _state(container: Container) -> tuple[str, str | None]:
    return (container.venv / "name").read_text(), link_text(container.primary_tech)


def _again(container: Container, exchange: ChosenExchange) -> RecordedExchange:
    """As another process brings it back from the journal."""
    told = json.loads(json.dumps({"kind": exchange.kind, "facts": exchange.facts}))
    return restored_exchange(container, told["kind"], told["facts"])


def test_both_are_applied_and_both_are_undone_however_often(bare: Container, both: ChosenExchange) -> None:
    both.prepare()
    before = both.facts
    for _time in range(2):
        both.apply()
        assert (_state(bare), both.applied) == (("new", NEW), True)
    for _time in range(2):
        both.undo()
        assert (_state(bare), both.applied) == (("old", OLD), False)
    both.apply()
    assert both.facts == before
    assert _state(bare) == ("new", NEW)


@pytest.mark.parametrize("link", [OLD, NEW])
@pytest.mark.parametrize("switched", [True, False])
def test_another_process_finishes_and_takes_back_from_any_state(
    bare: Container, both: ChosenExchange, link: str, switched: bool
) -> None:
    _facts = both.facts
    again = _again(bare, both)
    if switched:
        both.exchange.apply()
    set_link(bare.primary_tech, link)
    assert again.applied == switched
    assert again.new == both.new
    again.apply()
    assert _state(bare) == ("new", NEW)
    finish_exchange(again)
    assert isinstance(of_virtualenv(again), Switch)
    set_link(bare.primary_tech, link)
    again.undo()
    assert _state(bare) == ("old", OLD)


@pytest.mark.parametrize("there", [THEIRS, None])
def test_a_symlink_that_somebody_else_has_set_is_left_alone(
    bare: Container, both: ChosenExchange, there: str | None
) -> None:
    again = _again(bare, both)
    set_link(bare.primary_tech, there)
    again.apply()
    assert _state(bare) == ("new", there)
    again.undo()
    assert _state(bare) == ("old", there)
    with pytest.raises(ConsoleError, match="changed meanwhile"):
        both.prepare()


def test_a_symlink_that_cannot_be_set_leaves_the_virtualenv_untouched(
    bare: Container, both: ChosenExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(link: Path, text: str | None) -> None:
        raise ConsoleError("no")

    monkeypatch.setattr("console.venv.chosen_exchange.set_link", refuse)
    with pytest.raises(ConsoleError, match="no"):
        both.apply()
    assert _state(bare) == ("old", OLD)
    assert not bare.venv.is_symlink()


def test_a_switch_that_fails_takes_the_symlink_back(
    bare: Container, both: ChosenExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise ConsoleError("no")

    monkeypatch.setattr("console.venv.switch.replace_link", refuse)
    with pytest.raises(ConsoleError, match="no"):
        both.apply()
    assert _state(bare) == ("old", OLD)


@pytest.mark.parametrize(
    "facts",
    [{}, {"kind": "switch", "facts": {}, "change": {}}, {"kind": "chosen", "facts": {}, "change": None}, None, 1],
)
def test_facts_that_are_none_are_a_value_error(bare: Container, facts: object) -> None:
    with pytest.raises(ValueError):
        restored_exchange(bare, "chosen", facts)


# -- what is written down --------------------------------------------------------------------------


def _change(container: Container, old: str | None, new: str | None) -> ChoiceChange:
    return ChoiceChange(container.primary_tech, old, new, None, None)


def test_what_was_chosen_before_is_known_both_ways_and_for_no_other_pair(bare: Container, tmp_path: Path) -> None:
    first, second, third = (_venv(tmp_path / name, name) for name in ("first", "second", "third"))
    assert chosen_before(bare, second, first) is None
    remember_choice(bare, second, first, _change(bare, OLD, NEW))
    remember_choice(bare, third, second, _change(bare, NEW, None))
    assert chosen_before(bare, second, first) == ChosenBefore(second, first, OLD, NEW)
    assert chosen_before(bare, first, second) == ChosenBefore(first, second, NEW, OLD)
    assert chosen_before(bare, second, third) == ChosenBefore(second, third, None, NEW)
    assert chosen_before(bare, third, first) is None


def test_what_stands_there_already_is_not_written_again(bare: Container, tmp_path: Path) -> None:
    """So that a rollback needs no room on a full disk."""
    first, second = (_venv(tmp_path / name, name) for name in ("first", "second"))
    remember_choice(bare, second, first, _change(bare, OLD, NEW))
    record = bare.state_dir / "chosen-before.json"
    before = record.stat()
    remember_choice(bare, first, second, _change(bare, NEW, OLD))
    assert (record.stat().st_ino, record.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    remember_choice(bare, first, second, _change(bare, THEIRS, OLD))
    assert chosen_before(bare, second, first) == ChosenBefore(second, first, OLD, THEIRS)


def test_virtualenvs_that_are_gone_are_forgotten(bare: Container, tmp_path: Path) -> None:
    for number in range(50):
        venv = _venv(tmp_path / str(number), str(number))
        remember_choice(bare, venv, tmp_path / "first", _change(bare, OLD, NEW))
        (venv / "name").unlink()
        (venv / "pyvenv.cfg").unlink()
        (venv / "bin").rmdir()
        venv.rmdir()
    assert (bare.state_dir / "chosen-before.json").stat().st_size < 1000


@pytest.mark.parametrize("text", ["", "{", "[]", '{"entries": [{"venv": 1}]}', "\udcff"])
def test_a_record_of_another_kind_is_none(bare: Container, tmp_path: Path, text: str) -> None:
    bare.state_dir.mkdir()
    (bare.state_dir / "chosen-before.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert chosen_before(bare, tmp_path, tmp_path) is None
    first, second = (_venv(tmp_path / name, name) for name in ("first", "second"))
    remember_choice(bare, second, first, _change(bare, OLD, NEW))
    assert chosen_before(bare, second, first) is not None
