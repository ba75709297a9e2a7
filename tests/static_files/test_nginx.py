"""The nginx that serves the container is found as it runs, and says itself what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.static_files.nginx import (
    Nginx,
    configuration_error,
    find_nginx,
    master_pid,
    reload,
    worker_account,
    workers,
)


def test_the_running_nginx_is_found_with_its_configuration(site: Container) -> None:
    nginx = find_nginx(site)
    assert nginx.pid == int((site.srv / "run/nginx.pid").read_text())
    assert nginx.program.name == "nginx"
    place = nginx.arguments.index("-c")
    assert nginx.arguments[place + 1] == str(site.root / "etc/nginx/nginx.conf")
    assert "daemon off;" in nginx.arguments


@pytest.mark.parametrize("text", ["", "1", "99999999"])
def test_a_wrong_pid_file_is_not_believed(site: Container, text: str) -> None:
    file = site.srv / "run/nginx.pid"
    right = file.read_text()
    file.write_text(text)
    try:
        assert master_pid(site) == int(right)  # supervisord knows
    finally:
        file.write_text(right)


def test_the_workers_account_is_theirs(site: Container) -> None:
    account = worker_account(site)
    pid = master_pid(site)
    assert pid is not None
    (worker,) = workers(pid)
    assert account.uid == Path(f"/proc/{worker}").stat().st_uid
    assert os.getegid() in account.groups


def test_a_reload_leaves_only_new_workers(site: Container) -> None:
    pid = master_pid(site)
    assert pid is not None
    before = workers(pid)
    assert reload(pid, 10.0)
    assert workers(pid) - before


def test_a_process_that_is_gone_cannot_be_reloaded() -> None:
    assert not reload(2**22 - 1, 0.1)


def test_nginx_says_what_it_rejects_and_where(site: Container) -> None:
    nginx = find_nginx(site)
    assert configuration_error(nginx) == ""
    site.site_file.write_text("nonsense;\n")
    assert configuration_error(nginx) == f'unknown directive "nonsense" in {site.site_file}:1'


def test_an_nginx_that_cannot_be_run_says_so(tmp_path: Path) -> None:
    assert "nginx" in configuration_error(Nginx(tmp_path / "nginx", (), None))


def test_without_nginx_there_is_nothing_to_change(site: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.static_files.nginx.master_pid", lambda _container: None)
    monkeypatch.setattr("console.static_files.nginx._USUAL", Path("/none/nginx"))
    monkeypatch.setenv("PATH", "/none")
    with pytest.raises(ConsoleError, match="no nginx"):
        find_nginx(site)
