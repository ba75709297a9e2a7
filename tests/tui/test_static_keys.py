"""The static files' screens while things come and go: looks, plans, changes, and what is typed meanwhile."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from hypothesis import given as given_text
from hypothesis import strategies
from rich.cells import cell_len
from textual.events import Paste
from textual.widgets import Input

from console.events import ignore
from console.logs.clean import terminal_safe
from console.results.static import StaticList
from console.static_files.look import WhichServer
from console.tui.messages import OperationEnded
from console.tui.screens.static import StaticScreen
from console.tui.screens.static_explaining import StaticExplainingScreen
from console.tui.screens.static_mappings import LOOK
from console.tui.static_changes import CHANGE, PLAN, Planned
from console.tui.static_looking import Looked
from console.tui.widgets.rows import fitted
from console.tui.working import Work

from . import samples
from . import static_samples as given
from .snapshot import screen_text
from .test_screens import MakeApp
from .test_static_screen import (
    found,
    static_django,
    static_explaining,
    static_off,
    static_on,
    static_several_servers,
    stepped,
)

pytestmark = pytest.mark.usefixtures("asked", "nothing_begins")


async def test_the_screen_is_not_left_before_the_outcome_is_told(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await stepped(app, pilot, 4)
        await pilot.press("q")
        assert isinstance(app.screen, StaticScreen)
        app.post_message(OperationEnded(CHANGE, given.CHANGED, None))
        await pilot.pause()
        assert "✓ /static/ → /srv/static/  on" in screen_text(app)
        await pilot.press("q")
        assert not isinstance(app.screen, StaticScreen)


async def test_the_cursor_does_not_hide_what_is_at_work(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await stepped(app, pilot, 2)
        app.post_message(OperationEnded(LOOK, Looked(1, True, given.SEVERAL), None))
        await pilot.pause()
        await pilot.press("j")
        await pilot.pause()
        assert "◐ Write python.conf" in screen_text(app)
        app.post_message(OperationEnded(CHANGE, given.FAILED, None))
        await pilot.pause()
        assert "✗ Write python.conf" in screen_text(app)
        await pilot.press("k")
        await pilot.pause()
        assert "Write python.conf" not in screen_text(app)


async def test_an_earlier_look_does_not_take_the_place_of_a_later_one(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_on(app, pilot)
        await pilot.press("c")
        app.post_message(OperationEnded(LOOK, Looked(2, True, given.OFF), None))
        app.post_message(OperationEnded(LOOK, Looked(1, True, given.ON), None))
        await pilot.pause()
        assert "Turn on" in screen_text(app)


async def test_nothing_is_looked_at_while_a_change_is_made(
    still_app: MakeApp, asked: list[tuple[str, Work]], frozen_time: None
) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await stepped(app, pilot, 3)
        before = [name for name, _work in asked].count(LOOK)
        app.show(replace(samples.UP, static=given.STATIC_OFF))
        await pilot.pause()
        assert [name for name, _work in asked].count(LOOK) == before
        app.post_message(OperationEnded(CHANGE, given.CHANGED, None))
        await pilot.pause()
        assert [name for name, _work in asked].count(LOOK) == before + 1


async def test_a_pasted_url_has_no_control_bytes(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_explaining(app, pilot)
        await pilot.pause()
        app.screen.query_one("#url", Input).post_message(Paste("app\x1b]0;owned\x07.css\x9b2J"))
        await pilot.pause()
        assert app.screen.query_one("#url", Input).value == "/static/app.css"
        assert "\x1b" not in screen_text(app)


async def test_letters_are_text_while_a_url_is_typed(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_explaining(app, pilot)
        await pilot.press(*"qxhe?!")
        assert isinstance(app.screen, StaticExplainingScreen)
        assert app.screen.query_one("#url", Input).value == "/static/qxhe?!"


async def test_several_servers_are_asked_for_and_the_choice_is_planned(
    still_app: MakeApp, asked: list[tuple[str, Work]], monkeypatch: pytest.MonkeyPatch, frozen_time: None
) -> None:
    """For a repair that Django asks for, no row says which server is meant."""
    servers: list[str | None] = []

    def plan(container: object, code: str, *, server: str | None) -> None:
        servers.append(server)

    monkeypatch.setattr("console.static_files.repair.plan_repair", plan)
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_django(app, pilot)
        await pilot.pause()
        await pilot.press("o")
        await pilot.pause()
        asked[-1][1](ignore, threading.Event())
        app.post_message(OperationEnded(PLAN, None, WhichServer(given.OTHER, ("shop.cz :8000", "blog.cz :8000"))))
        await pilot.pause()
        assert "Which server is meant?" in screen_text(app)
        await pilot.press("down", "enter")
        await pilot.pause()
        asked[-1][1](ignore, threading.Event())
    assert servers == [None, "blog.cz :8000"]


async def test_a_plan_that_nobody_waits_for_any_more_is_not_offered(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_off(app, pilot)
        await pilot.press("space", "q", "t")
        app.post_message(OperationEnded(PLAN, Planned(given.PLAN_ON, 10), None))
        await pilot.pause()
        assert isinstance(app.screen, StaticScreen)


async def test_the_cursor_stays_on_its_row_when_others_come(still_app: MakeApp, frozen_time: None) -> None:
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await static_several_servers(app, pilot)
        more = replace(given.SEVERAL, mappings=(given.MEDIA_ROW, *given.SEVERAL.mappings))
        app.post_message(OperationEnded(LOOK, Looked(1, True, more), None))
        await pilot.pause()
        assert "/static/ → /srv/shop/static/" in screen_text(app)
        app.post_message(OperationEnded(LOOK, Looked(1, True, given.OFF), None))
        await pilot.pause()
        assert "Turn on" in screen_text(app)


async def test_a_long_list_is_scrolled_with_the_cursor(still_app: MakeApp, frozen_time: None) -> None:
    many = tuple(replace(given.ON_ROW, location=f"/{number}/", line=number) for number in range(1, 41))
    app = still_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await found(app, pilot, StaticList(many, (given.SERVER,)))
        await pilot.press("end")
        await pilot.pause()
        assert "▸ ✓ /40/" in screen_text(app)
        assert "location" in screen_text(app).splitlines()[1]
        await pilot.press("g")
        await pilot.pause()
        assert "▸ ✓ /1/" in screen_text(app)


@given_text(strategies.text(), strategies.integers(2, 60), strategies.booleans())
def test_a_cell_has_its_width_whatever_stands_in_it(text: str, width: int, end: bool) -> None:
    shown = fitted(terminal_safe(text), width, end=end)
    assert cell_len(shown) == width
