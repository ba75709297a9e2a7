"""What one process writes as JSON, another reads as the same thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.events import Event, Progress, event_from_json
from console.results import Freeze, Job, Rebuild, RebuildPlan, Restart, Status, as_json, from_json

st.register_type_strategy(Path, st.text("abc./ž", min_size=1).map(Path))
KINDS = [Rebuild, RebuildPlan, Restart, Status, Freeze, *get_args(Event)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_whatever_is_written_is_read_back(kind: type, data: st.DataObject) -> None:
    value = data.draw(st.from_type(kind).filter(lambda one: one == one))
    written = json.loads(json.dumps(as_json(value)))
    assert as_json(from_json(kind, written)) == written


def test_events_come_back_as_themselves() -> None:
    event = Progress("install", 4, None, "packages", 0.45)
    assert event_from_json(as_json(event)) == event


def test_an_event_of_another_version_is_none() -> None:
    assert event_from_json({"event": "teleported"}) is None


def test_names_of_another_version_are_left_out_and_missing_ones_get_their_default() -> None:
    told = {"id": "1", "kind": "rebuild", "step": "", "running": True, "mood": "good"}
    assert from_json(Job, told) == Job("1", "rebuild", "", True)


@pytest.mark.parametrize("told", [None, [], "", {"id": "1"}, {"id": 1, "kind": "", "step": "", "running": True}])
def test_what_does_not_fit_is_a_value_error(told: object) -> None:
    with pytest.raises(ValueError):
        from_json(Job, told)


def test_a_truth_value_is_no_number() -> None:
    told = as_json(Progress("install", 4, None, "packages", 0.45)) | {"done": True}
    with pytest.raises(ValueError):
        event_from_json(told)
