"""The static files' screens on a real nginx: what the keys do to the site file, and what is served then."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input

from console.container import Container
from console.lock import held
from console.programs.control import stop
from console.static_files.nginx import master_pid, reload
from console.static_files.probe import fetch
from console.static_files.record import record_file
from console.tui.screens.plan import PlanScreen
from console.tui.screens.static import StaticScreen
from console.tui.screens.static_folder import StaticFolderScreen
from console.tui.widgets.rows import Rows
from tests.static_files.test_django import MANAGE, SETTINGS

from .conftest import StillApp
from .snapshot import screen_text

MakeApp = Callable[..., StillApp]
On = Pilot[None]


# Turns the block on, and is gone when nginx is to take it up.
KILLED = """
import os, sys
from pathlib import Path
from console.container import find_container
from console.events import Step
from console.static_files.change import apply_static, plan_static

def told(event):
    if isinstance(event, Step) and event.name == "reload":
        os._exit(9)

container = find_container(Path(sys.argv[1]))
apply_static(container, plan_static(container, "on"), on_event=told)
"""


@pytest.fixture
def site(shared_container: Container) -> Iterator[Container]:
    """The shared container; its site file, its folders and nginx are put back afterwards."""
    container = shared_container
    before, folders = container.site_file.read_bytes(), set(container.srv.iterdir()) | set(container.app.iterdir())
    yield container
    for file in container.site_file.parent.iterdir():
        if file != container.site_file:
            file.unlink()
    container.site_file.write_bytes(before)
    for left in {*container.srv.iterdir(), *container.app.iterdir()} - folders:
        if left != container.state_dir:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    shutil.rmtree(container.backups, ignore_errors=True)
    record_file(container).unlink(missing_ok=True)
    master = master_pid(container)
    assert master is not None
    assert reload(master, 10.0)


def write(container: Container, *blocks: str, after: str = "", valid: bool = True) -> None:
    """A site file with ``blocks`` beside the app's location, which nginx takes up where it is ``valid``."""
    inside = "".join(f"    {line}\n" for block in blocks for line in block.splitlines())
    proxy = f"    location / {{\n        proxy_pass http://127.0.0.1:{container.app_port}/;\n    }}\n"
    container.site_file.write_text(
        f"server {{\n    listen {container.http_port} default_server;\n{proxy}{inside}}}\n{after}"
    )
    master = master_pid(container)
    if master is not None and valid:
        assert reload(master, 10.0)


def block(container: Container, location: str = "/static/", alias: str = "/", *, off: bool = False) -> str:
    """A block as the guide has it; ``alias`` is what follows /srv/static."""
    lines = (f"location {location} {{", f"    alias {container.srv}/static{alias};", "}")
    return "\n".join(f"#{line}" if off else line for line in lines)


@asynccontextmanager
async def opened(app: StillApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[On]:
    """The static files' screen, its first look done."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("t")
        await until(app, pilot, lambda text: "looking at" not in text and isinstance(app.screen, StaticScreen))
        yield pilot


async def until(app: StillApp, pilot: On, what: str | Callable[[str], object], seconds: float = 15.0) -> str:
    """Wait until ``what`` is on the screen; the screen then."""
    deadline = time.monotonic() + seconds
    while True:
        text = screen_text(app)
        if re.search(what, text) if isinstance(what, str) else what(text):
            return text
        assert time.monotonic() < deadline, f"{what!r} did not come:\n{text}"
        await pilot.pause(0.03)


async def sheet(app: StillApp, pilot: On, title: str) -> str:
    """Wait for the plan's sheet; what it says, and the safe choice has the focus."""
    text = await until(app, pilot, title)
    assert isinstance(app.screen, PlanScreen)
    focused = app.screen.focused
    assert isinstance(focused, Button)
    assert focused.id == "refuse"
    return text


def served(container: Container, path: str = "/static/app.css") -> bytes:
    answer = fetch(container.http_port, path)
    return answer.body if answer.status == 200 else b""


# -- on, off, undo ---------------------------------------------------------------------------------


async def test_space_turns_it_on_with_proof_and_u_takes_it_back_to_the_byte(
    still_app: MakeApp, site: Container
) -> None:
    write(site, block(site, off=True))
    before = site.site_file.read_bytes()
    on_disk = (site.srv / "static/app.css").read_bytes()
    app = still_app(site)
    async with opened(app) as pilot:
        await pilot.press("space")
        text = await sheet(app, pilot, r"Turn static files on\?")
        assert re.search(r"/static/ → \S+/srv/static/  3 files", text)
        assert site.site_file.read_bytes() == before
        await pilot.press("y")
        text = await until(app, pilot, r"✓ /static/ → .* on ")
        for step in ("Keep the old file", "Write", "Test the configuration", "Let nginx take it up", "Prove it"):
            assert f"✓ {step}" in text
        assert "200" in text
        assert served(site) == on_disk
        await until(app, pilot, r"▸ ✓ /static/ .* on")
        await pilot.press("u")
        await sheet(app, pilot, "Take the last change back")
        await pilot.press("y")
        await until(app, pilot, r"▸ ○ /static/ .* off")
    assert site.site_file.read_bytes() == before
    assert served(site) != on_disk


async def test_enter_on_the_sheet_is_the_safe_choice(still_app: MakeApp, site: Container) -> None:
    write(site, block(site, off=True))
    before = site.site_file.read_bytes()
    app = still_app(site)
    async with opened(app) as pilot:
        await pilot.press("space")
        await sheet(app, pilot, r"Turn static files on\?")
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert isinstance(app.screen, StaticScreen)
    assert site.site_file.read_bytes() == before
    assert not record_file(site).exists()


async def test_a_file_changed_by_hand_since_is_shown_and_not_undone(still_app: MakeApp, site: Container) -> None:
    write(site, block(site, off=True))
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        await pilot.press("space")
        await sheet(app, pilot, r"Turn static files on\?")
        await pilot.press("y")
        await until(app, pilot, r"✓ /static/ → .* on ")
        by_hand = site.site_file.read_bytes() + b"# mine\n"
        site.site_file.write_bytes(by_hand)
        await pilot.press("u")
        text = await sheet(app, pilot, "has been changed since by")
        assert "-# mine" in text
        assert "Turn" not in text.splitlines()[-1]
        await pilot.press("y")
        await pilot.pause(0.3)
        assert isinstance(app.screen, PlanScreen)  # there is nothing to say yes to
    assert site.site_file.read_bytes() == by_hand


async def test_a_step_that_fails_says_which_and_why_and_the_old_file_is_back(
    still_app: MakeApp, site: Container
) -> None:
    write(site, block(site, off=True))
    before = site.site_file.read_bytes()
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        (site.site_file.parent / "zz.conf").write_text("no_such_directive on;\n")
        await pilot.press("space")
        await sheet(app, pilot, r"Turn static files on\?")
        await pilot.press("y")
        text = await until(app, pilot, "The test failed")
        assert "✗ Test the configuration" in text
        assert "no_such_directive" in text
        assert re.search(r"zz\.conf:1", text)
        assert "The file is as it was" in text.replace("\n   ", " ") or "old file is back" in text.replace("\n   ", " ")
    assert site.site_file.read_bytes() == before


async def test_it_works_while_nginx_is_down_and_brings_it_up(still_app: MakeApp, site: Container) -> None:
    write(site, block(site, off=True))
    stop(site, "nginx")
    app = still_app(site)
    async with opened(app) as pilot:
        await until(app, pilot, r"○ /static/ .* off +nginx-down")
        await pilot.press("space")
        await sheet(app, pilot, r"Turn static files on\?")
        await pilot.press("y")
        text = await until(app, pilot, r"✓ /static/ → .* on ", 30)
        assert "restarted" in text
    assert served(site) == (site.srv / "static/app.css").read_bytes()


async def test_the_second_session_is_told_who_holds_the_lock(still_app: MakeApp, site: Container) -> None:
    write(site, block(site, off=True))
    before = site.site_file.read_bytes()
    app = still_app(site)
    async with opened(app) as pilot:
        with held(site.lock, "rebuild"):
            await pilot.press("space")
            await sheet(app, pilot, r"Turn static files on\?")
            await pilot.press("y")
            await until(app, pilot, r"Another job is at work: rebuild \(process \d+, since")
    assert site.site_file.read_bytes() == before


async def test_a_change_that_was_killed_is_told_and_finished_before_an_undo(
    still_app: MakeApp, site: Container
) -> None:
    write(site, block(site, off=True))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(site.root)], check=False)
    assert killed.returncode == 9
    app = still_app(site)
    async with opened(app) as pilot:
        await until(app, pilot, r"▸ ! \S+ .* unfinished")
        await pilot.press("u")
        await sheet(app, pilot, r"Finish the change that was killed\?")
        await pilot.press("y")
        await until(app, pilot, r"✓ /static/ → .* on ")
        assert served(site) == (site.srv / "static/app.css").read_bytes()
        await until(app, pilot, lambda text: "unfinished" not in text)
        await pilot.press("u")
        await sheet(app, pilot, r"Take the last change back\?")


# -- what is wrong, and its repair -----------------------------------------------------------------


async def test_r_repairs_a_leak_and_nothing_before_yes(still_app: MakeApp, site: Container) -> None:
    write(site, block(site, "/static"))
    before = site.site_file.read_bytes()
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        text = await until(app, pilot, r"✗ error: location /static ends without a slash")
        assert "r Repair" in text
        assert fetch(site.http_port, "/static../app/app.py").status == 200
        await pilot.press("r")
        text = await sheet(app, pilot, r"Repair it\?")
        assert "+    location /static/ {" in text
        assert site.site_file.read_bytes() == before
        await pilot.press("y")
        await until(app, pilot, r"✓ /static/ → .* on ")
        await until(app, pilot, r"▸ ✓ /static/ .* on")
    assert fetch(site.http_port, "/static../app/app.py").status != 200


async def test_the_second_problem_has_its_own_key(still_app: MakeApp, site: Container) -> None:
    missing = "location /media/ {\n    alias " + f"{site.srv}/media;\n}}"
    write(site, missing)
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        text = await until(app, pilot, r"Make it: mkdir")
        key = re.search(r"Make it: mkdir.*\n +(\w) Repair", text)
        assert key is not None
        await pilot.press(key.group(1))
        await sheet(app, pilot, r"Repair it\?")
        await pilot.press("y")
        await until(app, pilot, "✓ Done")
    assert (site.srv / "media").is_dir()


async def test_a_half_commented_block_is_repaired(still_app: MakeApp, site: Container) -> None:
    write(site, "#location /static/ {\n    " + f"alias {site.srv}/static/;\n#}}", valid=False)
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        await until(app, pilot, "half-commented")
        await pilot.press("r")
        await sheet(app, pilot, r"Repair it\?")
        await pilot.press("y")
        await until(app, pilot, r"▸ ✓ /static/ .* on")
    assert served(site) == (site.srv / "static/app.css").read_bytes()


@pytest.mark.parametrize("key", ["space", "f", "r"])
async def test_a_file_that_is_not_understood_is_shown_and_left_alone(
    still_app: MakeApp, site: Container, key: str
) -> None:
    broken = b"server {\n    listen 8000;\n    location / {\n"
    site.site_file.write_bytes(broken)
    app = still_app(site)
    async with opened(app) as pilot:
        await until(app, pilot, "nginx cannot read the site file")
        await pilot.press(key)
        await pilot.pause(0.3)
        assert isinstance(app.screen, StaticScreen)
    assert site.site_file.read_bytes() == broken


async def test_a_missing_site_file_is_said(still_app: MakeApp, site: Container) -> None:
    site.site_file.unlink()
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        await until(app, pilot, rf"There is no site file {site.site_file}")


async def test_no_block_is_offered_and_written_by_space(still_app: MakeApp, site: Container) -> None:
    write(site)
    app = still_app(site)
    async with opened(app) as pilot:
        await until(app, pilot, r"▸ ○ /static/ .* no block")
        await pilot.press("space")
        await sheet(app, pilot, r"Turn static files on\?")
        await pilot.press("y")
        await until(app, pilot, r"▸ ✓ /static/ .* on")
    assert served(site) == (site.srv / "static/app.css").read_bytes()


async def test_of_two_blocks_for_one_path_the_other_one_is_not_changed_in_its_place(
    still_app: MakeApp, site: Container
) -> None:
    write(site, block(site), block(site, off=True))
    before = site.site_file.read_bytes()
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        await pilot.press("j")
        await until(app, pilot, r"▸ ○ /static/ .* off")
        await pilot.press("space")
        await until(app, pilot, "The console cannot tell which block is meant.")
    assert site.site_file.read_bytes() == before


# -- another folder, another location --------------------------------------------------------------


async def test_a_folder_that_must_not_be_served_is_refused_with_the_reason(still_app: MakeApp, site: Container) -> None:
    write(site, block(site))
    before = site.site_file.read_bytes()
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        await until(app, pilot, r"▸ ✓ /static/")
        await pilot.press("f")
        await until(app, pilot, r"▸ static/")
        await choose(app, pilot, "app")
        await pilot.press("space")
        text = await sheet(app, pilot, "Refused; nothing is changed")
        assert "must not be served" in text
        await pilot.press("y")
        await pilot.pause(0.3)
    assert site.site_file.read_bytes() == before


async def test_a_key_chooses_the_apps_own_folder(still_app: MakeApp, site: Container) -> None:
    (site.app / "static").mkdir()
    (site.app / "static/own.css").write_text("own")
    write(site, block(site))
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        await until(app, pilot, r"▸ ✓ /static/")
        await pilot.press("f")
        await until(app, pilot, r"2 \S+/srv/app/static/  1 file, 3 B")
        await pilot.press("2")
        await sheet(app, pilot, r"Change what nginx serves\?")
        await pilot.press("y")
        await until(app, pilot, r"✓ /static/ → \S+/srv/app/static/  on")
    assert served(site, "/static/own.css") == b"own"


async def test_a_picked_folder_is_served_at_the_typed_location(still_app: MakeApp, site: Container) -> None:
    (site.srv / "shop/pictures").mkdir(parents=True)
    (site.srv / "shop/pictures/a.txt").write_text("a")
    write(site, block(site))
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        await until(app, pilot, r"▸ ✓ /static/")
        await pilot.press("a")
        await until(app, pilot, r"\n   static/")
        await pilot.press("tab")
        app.screen.query_one("#location", Input).value = ""
        await pilot.press(*"/qx?/", "enter")  # the keys of the screen are text there
        assert app.screen.query_one("#location", Input).value == "/qx?/"
        await pilot.press("tab")
        app.screen.query_one("#location", Input).value = "/pictures/"
        await pilot.press("enter")
        await choose(app, pilot, "shop")
        await pilot.press("l")
        await until(app, pilot, r"── \S+/srv/shop ")
        await choose(app, pilot, "pictures")
        await pilot.press("space")
        await sheet(app, pilot, r"Turn static files on\?")
        await pilot.press("y")
        await until(app, pilot, r"✓ /pictures/ → \S+/shop/pictures/  on")
    assert served(site, "/pictures/a.txt") == b"a"


async def test_hostile_names_come_clean_and_are_no_markup(still_app: MakeApp, site: Container) -> None:
    (site.srv / "\x1b]0;owned\x07[red]bad[red]").mkdir()
    write(site, block(site))
    app = still_app(site)
    async with opened(app) as pilot:
        await pilot.press("a")
        text = await until(app, pilot, r"\[red\]bad\[red\]/")
    assert "\x1b" not in text
    assert "\x07" not in text


async def test_of_several_servers_it_asks_which_and_offers_the_load_balancers(
    still_app: MakeApp, site: Container
) -> None:
    other = f"server {{\n    listen {site.http_port};\n    server_name shop.example.cz;\n}}\n"
    write(site, block(site), after=other)
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        await until(app, pilot, r"▸ ✓ /static/")
        await pilot.press("a")
        await until(app, pilot, rf"▸ server :{site.http_port}")
        await pilot.press("q")
        await pilot.pause(0.1)
        assert isinstance(app.screen, StaticScreen)
        await pilot.press("a", "j")
        await until(app, pilot, r"▸ shop\.example\.cz")
        await pilot.press("enter")
        await until(app, pilot, r"1 \S+/srv/static/  3 files")
        assert isinstance(app.screen, StaticFolderScreen)
        await pilot.press("1")
        text = await sheet(app, pilot, r"Turn static files on\?")
        assert re.search(r"server_name shop.example.cz;\W+location /media/ \{", text)


async def test_of_the_same_block_in_two_servers_the_chosen_ones_is_turned_off(
    still_app: MakeApp, site: Container
) -> None:
    inside = "    " + block(site).replace("\n", "\n    ")
    write(site, block(site), after=f"server {{\n    listen {site.http_port};\n    server_name shop.cz;\n{inside}\n}}\n")
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        await until(app, pilot, r"▸ ✓ /static/")
        await pilot.press("j")
        await until(app, pilot, r"alias · shop\.cz")
        await pilot.press("space")
        await sheet(app, pilot, r"Turn static files off\?")
        await pilot.press("y")
        await until(app, pilot, r"▸ ○ /static/ .* off")
    first, second = site.site_file.read_text().split("server_name shop.cz;")
    assert "#" not in first
    assert "#location /static/ {" in second
    assert served(site) == (site.srv / "static/app.css").read_bytes()


async def choose(app: StillApp, pilot: On, name: str) -> None:
    """Bring the cursor to the folder ``name``."""
    rows = app.screen.query_one(Rows)
    await pilot.press("home")
    for _turn in range(50):
        if re.search(rf"▸ {re.escape(name)}/", screen_text(app)):
            return
        rows.focus()
        await pilot.press("down")
        await pilot.pause()
    raise AssertionError(f"{name} is not there:\n{screen_text(app)}")


# -- a URL explained -------------------------------------------------------------------------------


async def test_a_url_is_explained_with_the_real_answer(still_app: MakeApp, site: Container) -> None:
    write(site, block(site))
    app = still_app(site)
    async with opened(app, (120, 40)) as pilot:
        await until(app, pilot, r"▸ ✓ /static/")
        await pilot.press("e")
        await pilot.pause()
        assert app.screen.query_one("#url", Input).value == "/static/"
        await pilot.press(*"app.css", "enter")
        text = await until(app, pilot, r"✓ 200 from nginx in")
        assert re.search(r"location /static/ .*:\d+\n.*it takes the request", text)
        assert f"{site.srv}/static/app.css" in text
        assert "there, and nginx may read it" in text
        await pilot.press("e")
        app.screen.query_one("#url", Input).value = ""
        await pilot.press(*"http://x/static/gone.css", "enter")
        text = await until(app, pilot, r"✗ 404 from nginx in")
        assert "✗ not there" in text
        await pilot.press("e")
        app.screen.query_one("#url", Input).value = ""
        await pilot.press("slash", "enter")
        await until(app, pilot, r"✓ 200 from the app in")
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, StaticScreen)


# -- Django ----------------------------------------------------------------------------------------


# As long as nobody stops it.
ENDLESS = (
    MANAGE.partition("from django")[0]
    + """
import time
while True:
    print("copied one more", flush=True)
    time.sleep(0.05)
"""
)


@pytest.fixture
def project(site: Container) -> Iterator[Container]:
    """A Django project whose files nobody has collected; its virtualenv is this one."""
    aside = site.srv / "venv-aside"
    site.venv.rename(aside)
    site.venv.symlink_to(sys.prefix)
    (site.app / "manage.py").write_text(MANAGE)
    (site.app / "mysite").mkdir()
    (site.app / "mysite/__init__.py").touch()
    (site.app / "assets").mkdir()
    (site.app / "assets/site.css").write_text("body { }")
    wanted = SETTINGS.replace('os.environ["SECRET_KEY"]', '"secret"')
    settings = wanted.format(root=f"{site.srv}/collected/", assets=f"{site.app}/assets")
    (site.app / "mysite/settings.py").write_text(settings)
    write(site, block(site))
    yield site
    site.venv.unlink()
    aside.rename(site.venv)


async def test_django_is_asked_on_request_compared_and_collected_with_its_plan_first(
    still_app: MakeApp, project: Container
) -> None:
    pytest.importorskip("django")
    app = still_app(project)
    async with opened(app, (120, 40)) as pilot:
        await until(app, pilot, r"▸ ✓ /static/")
        await pilot.press("d")
        text = await sheet(app, pilot, r"STATIC_ROOT +\S+/srv/collected")
        assert re.search(r"✗ error: STATIC_ROOT is .*, and nginx serves", text)
        assert not (project.srv / "collected").exists()
        await pilot.press("y")
        text = await sheet(app, pilot, r"Collect the project's static files\?")
        assert "manage.py collectstatic --noinput" in text
        assert not (project.srv / "collected").exists()
        await pilot.press("y")
        await until(app, pilot, r"✓ \S+/srv/collected  1 file", 30)
        await pilot.press("d")
        await sheet(app, pilot, r"o Repair nginx")
        await pilot.press("o")
        await sheet(app, pilot, r"Repair it\?")
        await pilot.press("y")
        await until(app, pilot, r"✓ /static/ → \S+/srv/collected/  on", 30)
    assert served(project, "/static/site.css") == b"body { }"


async def test_c_leaves_settings_that_do_not_end(still_app: MakeApp, project: Container) -> None:
    (project.app / "mysite/settings.py").write_text("import time\ntime.sleep(1.5)\n")
    app = still_app(project)
    async with opened(app) as pilot:
        await until(app, pilot, r"▸ ✓ /static/")
        await pilot.press("d")
        text = await until(app, pilot, "asking the Django project")
        assert "c Cancel" in text
        await pilot.press("c")
        await until(app, pilot, "Left. Nothing was changed.")
        await asyncio.sleep(3)  # its answer comes to nothing
        assert "Left. Nothing was changed." in screen_text(app)
        assert isinstance(app.screen, StaticScreen)


async def test_c_stops_the_collecting_and_it_is_said(still_app: MakeApp, project: Container) -> None:
    pytest.importorskip("django")
    app = still_app(project)
    async with opened(app, (120, 40)) as pilot:
        await until(app, pilot, r"▸ ✓ /static/")
        await pilot.press("d")
        await sheet(app, pilot, r"STATIC_ROOT")
        (project.app / "manage.py").write_text(ENDLESS)
        await pilot.press("y")
        await sheet(app, pilot, r"Collect the project's static files\?")
        await pilot.press("y")
        text = await until(app, pilot, "copied one more")
        assert "c Cancel" in text
        await pilot.press("c")
        text = await until(app, pilot, "Cancelled; what was collected by then stays.")
        assert "c Cancel" not in text


async def test_the_palette_has_every_action(still_app: MakeApp, site: Container) -> None:
    app = still_app(site)
    async with opened(app):
        titles = {command.title for command in app.get_system_commands(app.screen)}
    assert {"On/Off", "Repair", "Add", "Folder", "Explain", "Undo", "Check", "Django", "Commands", "Help"} <= titles


def test_no_key_means_two_things(still_app: MakeApp) -> None:
    """Apart from c, which cancels what can be cancelled."""
    keys = [key for binding in StaticScreen().own_bindings() for key in binding.key.split(",")]
    assert {key for key in keys if keys.count(key) > 1} == {"c"}
