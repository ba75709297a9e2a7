"""The static files in a real terminal: what a person types, and what the site answers then."""

from __future__ import annotations

import pytest

from console.container import Container
from tests.terminal import Terminal, console

from .test_console import UP, fetch, request_loop


def test_t_turns_static_files_on_explains_a_url_and_takes_it_back(container: Container) -> None:
    on_disk = (container.srv / "static" / "app.css").read_bytes()
    before = container.site_file.read_bytes()
    assert fetch(container.http_port, "/static/app.css")[1] != on_disk
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        terminal.press("t")
        terminal.wait_for(r"▸ ○ /static/ .* off")
        terminal.press(" ")
        terminal.wait_for(r"(?s)Turn static files on\?.*3 files")
        assert container.site_file.read_bytes() == before
        with request_loop(container.http_port) as seen:
            terminal.press("y")
            terminal.wait_for(r"(?s)✓ Prove it by a request.*✓ /static/ → .* on ")
            terminal.wait_for(r"▸ ✓ /static/ .* on")
        assert None not in seen  # nobody who asked the site meanwhile was turned away
        assert fetch(container.http_port, "/static/app.css") == (200, on_disk)

        terminal.press("e")
        terminal.wait_for(r"Enter Explain it")
        terminal.press("app.css\r")
        terminal.wait_for(r"(?s)✓ 200 from nginx in .*location /static/ .*it takes the request")
        terminal.press("q")
        terminal.wait_for(r"Space On/Off")

        terminal.press("u")
        terminal.wait_for(r"Take the last change back\?")
        terminal.press("y")
        terminal.wait_for(r"▸ ○ /static/ .* off")
        terminal.press("qq")
        assert terminal.wait_for_end() == 0
    assert container.site_file.read_bytes() == before
    assert fetch(container.http_port, "/static/app.css")[1] != on_disk


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_r_repairs_a_leak_in_a_terminal(container: Container, columns: int, rows: int) -> None:
    site = container.site_file.read_text().replace("#", "").replace("location /static/", "location /static")
    container.site_file.write_text(site)
    with Terminal(console(container.root), columns=columns, rows=rows) as terminal:
        terminal.wait_for(UP)
        terminal.press("t")
        terminal.wait_for(r"▸ ✗ /static .* broken")
        terminal.wait_for(r"r Repair: the diff comes first")
        terminal.press("r")
        terminal.wait_for(r"(?s)Repair it\?.*-    location /static \{.*\+    location /static/ \{")
        terminal.press("y")
        terminal.wait_for(r"▸ ✓ /static/ .* on")
    assert "location /static/ {" in container.site_file.read_text()
