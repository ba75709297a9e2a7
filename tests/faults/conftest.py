"""The table of all outcomes is looked at when all of them are there."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name == "test_report.py" and item.path.parent.name == "faults")
