"""Each problem that can be mended is, and the same look finds it no more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError, Locked
from console.events import Step
from console.lock import held
from console.results.static import StaticRepair
from console.static_files.change import apply_static, check_static, plan_static
from console.static_files.folders import Account
from console.static_files.look import WhichServer
from console.static_files.mappings import list_mappings
from console.static_files.repair import apply_repair, plan_repair, repairs_of

from .conftest import take_up


@pytest.fixture
def files(site: Container) -> Iterator[Container]:
    """A running container with a folder /srv/files/, removed afterwards."""
    (site.srv / "files").mkdir()
    (site.srv / "files/a.css").write_text("css")
    yield site
    shutil.rmtree(site.srv / "files", ignore_errors=True)


def serve(container: Container, block: str, *more: str) -> None:
    text = container.site_file.read_text()
    start, end = text.index("    #location"), text.rindex("}")
    container.site_file.write_text(text[:start] + "".join(f"    {each}\n" for each in (block, *more)) + text[end:])


def repaired(container: Container, code: str, location: str = "/files/") -> StaticRepair:
    """The repair of the problem, made; afterwards the problem is gone."""
    take_up(container)
    (row,) = [row for row in list_mappings(container, live=True).mappings if row.location.strip("/") == "files"]
    assert code in repairs_of(row)
    repair = plan_repair(container, code, location=location)
    assert repair.diff
    assert repair.commands
    change = apply_repair(container, repair)
    assert change is None or change.ok, change
    rows = list_mappings(container, live=True).mappings
    assert all(problem.code != code for row in rows for problem in row.problems)
    return repair


@pytest.mark.parametrize(
    ("location", "end", "code"),
    [("/files", "/", "slash-leak"), ("/files/", "", "slash-missing"), ("/files", "", "slash-sibling")],
)
def test_slashes(files: Container, location: str, end: str, code: str) -> None:
    serve(files, f"location {location} {{ alias {files.srv}/files{end}; }}")
    repaired(files, code, location)
    assert f"location /files/ {{ alias {files.srv}/files/; }}" in files.site_file.read_text()
    assert check_static(files, location="/files/").problems == ()


def test_a_doubled_root(files: Container) -> None:
    serve(files, f"location /files/ {{ root {files.srv}/files; }}")
    repaired(files, "root-doubled")
    assert f"alias {files.srv}/files/;" in files.site_file.read_text()


def test_a_shadowing_regex(files: Container) -> None:
    serve(files, f"location /files/ {{ alias {files.srv}/files/; }}", "location ~ \\.css$ { return 404; }")
    repair = repaired(files, "shadowed")
    assert "+    location ^~ /files/ {" in repair.diff


def test_a_link_that_leads_out(files: Container) -> None:
    (files.srv / "files/out").symlink_to(files.srv / "conf")
    serve(files, f"location /files/ {{\n        alias {files.srv}/files/;\n    }}")
    repaired(files, "symlink-out")
    assert "\n        disable_symlinks on from=$document_root;\n" in files.site_file.read_text()


def test_a_missing_folder(files: Container) -> None:
    shutil.rmtree(files.srv / "files")
    serve(files, f"location /files/ {{ alias {files.srv}/files/; }}")
    repaired(files, "folder-missing")
    assert (files.srv / "files").stat().st_mode & 0o777 == 0o755


def test_a_secret_folder_is_served_no_more(files: Container) -> None:
    (files.srv / "files/.env").write_text("KEY=1")
    serve(files, f"location /files/ {{\n        alias {files.srv}/files/;\n    }}")
    repaired(files, "secret-folder")
    assert "    #location /files/ {" in files.site_file.read_text()


def test_the_apps_folder_becomes_its_static_folder(files: Container) -> None:
    (files.app / "static").mkdir()
    (files.app / "static/a.txt").write_text("a")
    try:
        serve(files, f"location /files/ {{\n        alias {files.app}/;\n    }}")
        repaired(files, "secret-folder")
        assert f"alias {files.app}/static/;" in files.site_file.read_text()
    finally:
        shutil.rmtree(files.app / "static")


def test_what_nginx_has_not_taken_up(files: Container) -> None:
    serve(files, f"location /files/ {{ alias {files.srv}/files/; }}")
    repair = plan_repair(files, "not-served", location="/files/")
    assert repair.plan is not None
    assert (repair.plan.changes, repair.diff) == (True, "")
    change = apply_repair(files, repair)
    assert change is not None
    assert (change.ok, change.proved) == (True, True)
    assert check_static(files, location="/files/").problems == ()


@pytest.mark.parametrize("written_as", ["#location", "location"])
def test_a_half_commented_block(files: Container, written_as: str) -> None:
    other = "#" if written_as == "location" else ""
    end = "" if other else "#"
    serve(files, f"{written_as} /files/ {{\n    {other}    alias {files.srv}/files/;\n    {end}}}")
    repair = plan_repair(files, "half-commented")
    assert repair.plan is not None
    change = apply_static(files, repair.plan)
    assert (change.ok, change.proved) == (True, True), change
    assert f"    location /files/ {{\n        alias {files.srv}/files/;\n    }}\n" in files.site_file.read_text()


def test_duplicates(files: Container) -> None:
    block = f"location /files/ {{\n        alias {files.srv}/files/;\n    }}"
    serve(files, block, block)
    repair = plan_repair(files, "duplicate", location="/files/")
    assert apply_repair(files, repair).ok  # type: ignore[union-attr]
    assert [row.state for row in list_mappings(files).mappings] == ["on", "off"]


def two_servers(container: Container, first: str, second: str, extra: str = "") -> None:
    text = container.site_file.read_text()
    port = f"    listen 0.0.0.0:{container.http_port}{extra};\n"
    head = text[: text.index("    #location")].replace("server {", "server {\n    server_name a.cz;")
    other = f"server {{\n    server_name b.cz;\n{port}    {second}\n}}\n"
    container.site_file.write_text(f"{head}    {first}\n}}\n{other}")
    take_up(container)


def test_the_server_that_has_the_problem_is_repaired(files: Container) -> None:
    good = f"location /files/ {{ alias {files.srv}/files/; }}"
    bad = f"location /files {{ alias {files.srv}/files/; }}"
    two_servers(files, good, bad)
    change = apply_repair(files, plan_repair(files, "slash-leak", location="/files/"))
    assert change is not None
    assert (change.ok, change.proved) == (True, True), change
    assert files.site_file.read_text().count(good) == 2


def test_of_two_servers_with_the_problem_one_has_to_be_chosen(files: Container) -> None:
    bad = f"location /files {{ alias {files.srv}/files/; }}"
    two_servers(files, bad, bad)
    with pytest.raises(WhichServer) as which:
        plan_repair(files, "slash-leak", location="/files/")
    assert which.value.labels == ("a.cz", "b.cz")
    change = apply_repair(files, plan_repair(files, "slash-leak", location="/files/", server="b.cz"))
    assert change is not None
    assert (change.ok, change.proved) == (True, True), change
    text = files.site_file.read_text()
    assert text.index(bad) < text.index("server_name b.cz") < text.index(bad.replace("/files {", "/files/ {"))
    with pytest.raises(ConsoleError, match="no static block"):
        plan_repair(files, "slash-leak", location="/files/", server="c.cz")


def test_a_block_is_written_into_the_server_that_was_chosen_and_proved_there(files: Container) -> None:
    two_servers(files, "", "")
    folder = f"{files.srv}/files/"
    change = apply_static(files, plan_static(files, "on", location="/files/", alias=folder, server="b.cz"))
    assert (change.ok, change.proved, change.error) == (True, True, "")
    text = files.site_file.read_text()
    assert text.index("server_name b.cz") < text.index("location /files/")


def test_the_default_server_is_repaired_without_a_question(files: Container) -> None:
    bad = f"location /files {{ alias {files.srv}/files/; }}"
    two_servers(files, bad, bad, " default_server")
    repair = plan_repair(files, "slash-leak", location="/files/")
    assert repair.plan is not None
    assert repair.plan.new.index(b"/files/ {") > repair.plan.new.index(b"b.cz")


def test_each_server_is_asked_by_its_own_name(files: Container) -> None:
    good = f"location /files/ {{ alias {files.srv}/files/; }}"
    two_servers(files, "location /files/ { return 404; }", good)
    row = next(row for row in list_mappings(files, live=True).mappings if row.location == "/files/")
    assert (row.server, row.problems) == (f"b.cz :{files.http_port}", ())


def test_a_killed_change_of_one_of_two_servers_is_finished_without_a_question(
    files: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_servers(files, f"#location /files/ {{ alias {files.srv}/files/; }}", "location /files/ { return 404; }")
    plan = plan_static(files, "on", location="/files/", server="a.cz")

    def die(event: object) -> None:
        if isinstance(event, Step) and event.name == "test":
            raise SystemExit

    monkeypatch.setattr("console.static_files.applying.Applying._taken_back", lambda *_words: "")
    with pytest.raises(SystemExit):
        apply_static(files, plan, on_event=die)
    monkeypatch.undo()
    change = apply_repair(files, plan_repair(files, "unfinished"))
    assert change is not None
    assert (change.ok, change.proved) == (True, True), change


def test_a_repair_that_leaves_another_problem_is_made(files: Container) -> None:
    shutil.rmtree(files.srv / "files")
    serve(files, f"location /files {{ alias {files.srv}/files/; }}")
    take_up(files)
    change = apply_repair(files, plan_repair(files, "slash-leak", location="/files/"))
    assert change is not None
    assert change.ok
    assert [problem.code for problem in change.static.problems] == ["folder-missing"]


def test_modes_that_keep_nginx_out(written: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = Account(65534, frozenset((65534,)))
    monkeypatch.setattr("console.static_files.repair.worker_account", lambda _container: somebody)
    monkeypatch.setattr("console.static_files.mappings.worker_account", lambda _container: somebody)
    deep = written.srv / "static/deep"
    deep.mkdir()
    (deep / "x").write_text("x")
    (written.srv / "static/a.txt").chmod(0o600)
    deep.chmod(0o700)
    (written.srv / "static").chmod(0o700)
    written.site_file.write_text("server {\nlisten 8000;\nlocation /static/ { alias /srv/static/; }\n}\n")

    def codes() -> list[str]:
        return [problem.code for problem in list_mappings(written).mappings[0].problems]

    assert "folder-closed" in codes()
    repair = plan_repair(written, "folder-closed")
    assert repair.diff == f"-drwx------ {written.srv}/static\n+drwx-----x {written.srv}/static\n"
    assert repair.commands == (f"chmod o+x {written.srv}/static",)
    assert apply_repair(written, repair) is None
    assert codes() == ["files-unreadable"]
    repair = plan_repair(written, "files-unreadable")
    assert f"+-rw----r-- {written.srv}/static/a.txt" in repair.diff
    apply_repair(written, repair)
    assert codes() == []
    assert deep.stat().st_mode & 0o777 == 0o705


def test_modes_are_left_alone_while_another_job_is_at_work(written: Container) -> None:
    repair = StaticRepair("files-unreadable", "", None, (_mode(written.srv / "static/a.txt"),), "", ("chmod",))
    with held(written.lock, "rebuild"), pytest.raises(Locked, match="rebuild"):
        apply_repair(written, repair)
    assert (written.srv / "static/a.txt").stat().st_mode & 0o777 == 0o644


def test_modes_are_put_back_when_one_cannot_be_changed(written: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = written.srv / "static/a.txt", written.srv / "static/a.css"
    repair = StaticRepair("files-unreadable", "", None, (_mode(first), _mode(second)), "", ("chmod",))
    second.unlink()
    with pytest.raises(ConsoleError, match=r"a\.css"):
        apply_repair(written, repair)
    assert first.stat().st_mode & 0o777 == 0o644


def _mode(path: Path):  # type: ignore[no-untyped-def]
    from console.results.static import ModeChange

    path.chmod(0o644)
    return ModeChange(path, 0o644, 0o664)


def test_what_only_a_person_can_mend_is_said(files: Container) -> None:
    shutil.rmtree(files.srv / "files")
    (files.srv / "files").mkdir()
    serve(files, f"location /files/ {{ alias {files.srv}/files/; }}")
    with pytest.raises(ConsoleError, match="cannot repair"):
        plan_repair(files, "folder-empty", location="/files/")
    with pytest.raises(ConsoleError, match="no problem shadowed"):
        plan_repair(files, "shadowed", location="/files/")
    with pytest.raises(ConsoleError, match="no static block"):
        plan_repair(files, "shadowed", location="/none/")
    with pytest.raises(ConsoleError, match="no change that was killed"):
        plan_repair(files, "unfinished")
