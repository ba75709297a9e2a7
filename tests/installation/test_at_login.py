"""An installation and the console at login belong together: one brings the other up to date, and neither dangles."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.installation.install import install, plan_install
from console.installation.places import Places, container_places
from console.installation.uninstall import uninstall
from console.lock import held
from console.login.change import apply_login, plan_login
from console.login.look import read_login
from console.login.places import places_of

from .places import bare_container


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return bare_container(tmp_path / "container")


@pytest.fixture
def places(container: Container) -> Places:
    """Installed, and started at login."""
    found = container_places(container)
    install(plan_install(found))
    apply_login(container, plan_login(container, "on"))
    return found


def test_installing_again_brings_the_logins_scripts_up_to_date(container: Container, places: Places) -> None:
    script, bashrc = places_of(container).script, places_of(container).bashrc
    now, block = script.read_bytes(), bashrc.read_bytes()
    script.write_bytes(b"# of an older version\n")
    assert not any("login" in note for note in install(plan_install(places)).notes)
    assert script.read_bytes() == now
    assert bashrc.read_bytes() == block


def test_a_login_that_is_being_changed_is_left_and_said(container: Container, places: Places) -> None:
    with held(places_of(container).lock, "login"):
        notes = install(plan_install(places)).notes
    assert any(note.startswith("The login keeps the scripts that it had: ") for note in notes)


def test_it_is_not_taken_out_while_a_login_starts_it(container: Container, places: Places) -> None:
    with pytest.raises(ConsoleError) as raised:
        uninstall(places)
    assert "console login off" in raised.value.remedy
    assert places.launcher.is_file()
    apply_login(container, plan_login(container, "off"))
    assert read_login(container).state == "off"
    uninstall(places)
    assert not places.launcher.exists()
