"""`console static` on a real terminal: which of several servers is meant."""

from __future__ import annotations

from console.container import Container
from console.static_files.nginx import configuration_error, find_nginx, master_pid, reload
from console.static_files.probe import fetch
from tests.terminal import Terminal, console


def two_servers(container: Container) -> bytes:
    """The container's server twice, under names of their own, the static blocks commented out."""
    text = container.site_file.read_text()
    server = text[text.index("server {") :]
    text = "".join(server.replace("server {", f"server {{ server_name {name};") for name in ("a.cz", "b.cz"))
    container.site_file.write_text(text)
    assert configuration_error(find_nginx(container)) == ""
    master = master_pid(container)
    assert master is not None
    assert reload(master, 10.0)
    return container.site_file.read_bytes()


def test_the_second_of_two_servers_is_chosen_at_the_question(container: Container) -> None:
    before = two_servers(container)
    with Terminal(console(container.root, "static", "on")) as terminal:
        terminal.wait_for(r"(?s)several servers.*1  a\.cz\n.*2  b\.cz\n.*Which one\? \[1\]:")
        assert container.site_file.read_bytes() == before
        terminal.press("7\n")
        terminal.wait_for(r"(?s)\[1\]: 7\n.*Which one\? \[1\]:")
        terminal.press("2\n")
        assert terminal.wait_for_end(30.0) == 0
        terminal.wait_for("GET /static/app.css 200")
    for name, status in (("a.cz", 404), ("b.cz", 200)):
        assert fetch(container.http_port, "/static/app.css", host=name).status == status
    assert container.site_file.read_bytes().startswith(before[: before.index(b"b.cz")])


def test_the_question_can_be_left(container: Container) -> None:
    before = two_servers(container)
    with Terminal(console(container.root, "static", "on")) as terminal:
        terminal.wait_for(r"Which one\? \[1\]:")
        terminal.press("\x03")
        assert terminal.wait_for_end() == 130
        assert "Traceback" not in terminal.text
    assert container.site_file.read_bytes() == before


def test_without_a_terminal_the_servers_are_named(container: Container) -> None:
    two_servers(container)
    words = [*console(container.root, "static", "repair", "slash-leak", "--server", "a.cz"), "</dev/null"]
    with Terminal(["sh", "-c", " ".join(words)]) as terminal:
        assert terminal.wait_for_end() == 1
        terminal.wait_for("has no problem slash-leak")
    with Terminal(["sh", "-c", " ".join([*console(container.root, "static", "on"), "</dev/null"])]) as terminal:
        assert terminal.wait_for_end() == 2
        terminal.wait_for(r"(?s)a\.cz, b\.cz.*--server NAME")
