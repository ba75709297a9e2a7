"""A table draws again what changed and nothing else, and is right whatever its cells hold."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Region

from console.tui.widgets.rows import STYLES, Row, Rows

WIDTH, HEIGHT = 30, 6


class Watched(Rows):
    """Notes what it has drawn again: regions; all of it is None."""

    def __init__(self) -> None:
        super().__init__(id="rows")
        self.drawn: list[Region | None] = []

    def refresh(self, *regions: Region, **more: Any) -> Watched:
        self.drawn += regions or [None]
        super().refresh(*regions, **more)
        return self


class Shown(App[None]):
    CSS = "Watched { max-height: 6; }"

    def compose(self) -> ComposeResult:
        yield Watched()


@asynccontextmanager
async def shown(*texts: Sequence[str], title: str = "") -> AsyncIterator[tuple[Watched, Any]]:
    app = Shown()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        rows = app.query_one(Watched)
        rows.focus()
        show(rows, *texts, title=title)
        await pilot.pause()
        rows.drawn.clear()
        yield rows, pilot


def show(rows: Rows, *texts: Sequence[str], title: str = "") -> None:
    rows.show_rows(
        [Row(number, tuple((text, STYLES[""]) for text in cells)) for number, cells in enumerate(texts)],
        [(title, STYLES["dim"])] if title else [],
    )


def lines(rows: Rows) -> list[str]:
    return [rows.render_line(y).text for y in range(rows.size.height)]


async def test_only_the_cells_that_changed_are_drawn_again() -> None:
    async with shown(("one", "  1 %"), ("two", "  2 %"), title="name") as (rows, _pilot):
        show(rows, ("one", "  1 %"), ("two", " 12 %"), title="name")
        assert rows.drawn == [Region(6, 2, 5, 1)]


async def test_nothing_is_drawn_where_nothing_changed() -> None:
    async with shown(("one", "  1 %")) as (rows, _pilot):
        show(rows, ("one", "  1 %"))
        assert rows.drawn == []


async def test_both_lines_are_drawn_to_their_end_when_the_cursor_moves() -> None:
    async with shown(("one",), ("two",)) as (rows, pilot):
        await pilot.press("j")
        assert rows.drawn == [Region(0, 0, WIDTH, 1), Region(0, 1, WIDTH, 1)]
        styles = [{bool(each.style and each.style.reverse) for each in rows.render_line(y)} for y in (0, 1)]
        assert styles == [{False}, {True}]


@pytest.mark.parametrize("name", ["表示", "e\u0301", "a" * 40])
async def test_every_line_is_as_wide_as_the_table(name: str) -> None:
    async with shown((name, "x"), ("b", "y")) as (rows, _pilot):
        assert [cell_len(line) for line in lines(rows)] == [WIDTH, WIDTH]


async def test_wide_signs_move_what_comes_behind_them() -> None:
    async with shown(("表示", "  1 %")) as (rows, _pilot):
        show(rows, ("表示", " 11 %"))
        assert rows.drawn == [Region(7, 0, 5, 1)]


async def test_the_cursor_stays_in_view_and_on_its_row() -> None:
    many = [(f"row {number}",) for number in range(20)]
    async with shown(*many, title="name") as (rows, pilot):
        await pilot.press("end")
        assert lines(rows)[-1].startswith(" ▸ row 19")
        show(rows, *many[:19], title="name")
        await pilot.pause()
        assert lines(rows)[-1].startswith(" ▸ row 18")
        await pilot.press("home")
        assert lines(rows)[:2] == [f"{'name':<{WIDTH}}", f"{' ▸ row 0':<{WIDTH}}"]
