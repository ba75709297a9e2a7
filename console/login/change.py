"""Turning the console at the login on and off: a plan that changes nothing, and the change."""

from __future__ import annotations

import contextlib
import os
import shlex
import stat
from pathlib import Path

from ..atomic import back_up, change_file, diff, sync_folder, unwritable, write_file
from ..container import Container
from ..errors import ConsoleError, WrongUsage
from ..lock import held
from ..text import _
from .block import Block, find, intact, put_back, put_in, take_out
from .look import read_bashrc, read_login
from .places import Places, places_of
from .results import LoginChange, LoginPlan
from .scripts import scripts


def plan_login(container: Container, wanted: str, *, notice: bool = False, discard_edits: bool = False) -> LoginPlan:
    """What turning the login "on" or "off" would change; nothing has been changed.

    ``notice``: two lines in place of the screens. ``discard_edits``: a block that was edited by hand is written anew,
    or taken out with what was added to it. Raises ConsoleError where it was and that is not said, where its marks are
    not a pair, where .bashrc cannot be changed, or where the console is not installed; WrongUsage for another word.
    """
    if wanted not in ("on", "off"):
        raise WrongUsage(_("The login can be turned on or off, not {wanted}.").format(wanted=wanted))
    places = places_of(container)
    before, old = read_login(container), read_bashrc(places.bashrc)
    block = find(old) if old is not None else None
    if wanted == "on":
        _refuse_without_launcher(places)
    _refuse_edits(places, block, discard_edits)
    new = _with(old, block, places) if wanted == "on" else _without(old, block)
    if new != old:
        _refuse_read_only(places.bashrc)
    own = _stale(container, notice) if wanted == "on" else any(file.exists() for file in _own(places))
    return LoginPlan(
        before=before,
        wanted=wanted,
        shows="notice" if notice else "screens",
        old=old,
        new=new,
        diff=diff(old or b"", new or b"", str(places.bashrc)),
        changes=new != old or own,
        commands=_commands(container, places, old, new),
    )


def apply_login(container: Container, plan: LoginPlan) -> LoginChange:
    """Make the planned change; .bashrc as it was is kept among the backups.

    "on" also forgets that the console failed before. Raises ConsoleError, with .bashrc as it was, when that is not
    what was planned for any more or something cannot be written; Locked when another process changes it.
    """
    places = places_of(container)
    with held(places.lock, "login"):
        if plan.wanted == "on":
            new = not places.script.exists()
            try:
                _write_own(container, notice=plan.shows == "notice")
                backup = _change(container, places, plan)
            except ConsoleError:
                if new:
                    with contextlib.suppress(ConsoleError):
                        _remove_own(places)
                raise
        else:  # the block first: without it the scripts are not read
            backup = _change(container, places, plan)
            _remove_own(places)
    return LoginChange(read_login(container), plan.diff, backup)


def refresh_login(container: Container) -> bool:
    """Write the scripts anew where the login is on, as after an upgrade of the console; whether it is.

    Neither .bashrc nor what is kept about failures changes. Raises ConsoleError when they cannot be written; Locked.
    """
    places = places_of(container)
    if not places.script.exists():
        return False
    with held(places.lock, "login"):
        _write_scripts(container)
    return True


# -- .bashrc ---------------------------------------------------------------------------------------


def _with(old: bytes | None, block: Block | None, places: Places) -> bytes:
    if block is None or old is None:
        return put_in(old, places.script)
    return old if intact(block, places.script) else put_back(old, block, places.script)


def _without(old: bytes | None, block: Block | None) -> bytes | None:
    return take_out(old, block) if old is not None and block is not None else old


def _change(container: Container, places: Places, plan: LoginPlan) -> Path | None:
    if plan.new == plan.old:
        return None
    again = _("Look at the new plan and try again.")
    if plan.new is not None:
        return change_file(places.bashrc, plan.old or b"", plan.new, backups=container.backups, again=again)
    # It was made by `on`, and nothing but the block is in it.
    backup = back_up(places.bashrc, container.backups)
    target = Path(os.path.realpath(places.bashrc))
    if target.read_bytes() != plan.old:
        raise ConsoleError(_("{path} was changed meanwhile.").format(path=places.bashrc), remedy=again)
    try:
        target.unlink()
        sync_folder(target.parent)
    except OSError as error:
        raise unwritable(places.bashrc, error) from error
    return backup


def _refuse_edits(places: Places, block: Block | None, discard_edits: bool) -> None:
    if block is None or intact(block, places.script):
        return
    title = _("The console's block in {file} was edited by hand.").format(file=places.bashrc)
    shown = block.text.decode("utf-8", "replace")
    if not block.whole:
        cause = _("Its first and its last line are not a pair, so nobody can say where it ends:")
        raise ConsoleError(title, f"{cause}\n{shown}", _("Take it out with an editor."))
    if not discard_edits:
        raise ConsoleError(title, shown, _("Add --discard-edits to have it gone with what was edited."))


def _refuse_read_only(bashrc: Path) -> None:
    """Renaming another file over it would work; who made it read-only did not mean that."""
    try:
        mode = bashrc.stat().st_mode
    except FileNotFoundError:
        return
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise ConsoleError(
            _("{path} is read-only.").format(path=bashrc),
            _("Somebody has taken the right to write away from everybody."),
            _("Give it back with: {command}").format(command=shlex.join(["chmod", "u+w", str(bashrc)])),
        )


# -- the console's own files -----------------------------------------------------------------------


def _refuse_without_launcher(places: Places) -> None:
    if not places.launcher.is_file():
        raise ConsoleError(
            _("The console is not installed in the container: {path} is missing.").format(path=places.launcher),
            _("A login needs a console that outlives a change of the image."),
            _("Install it first with: console install"),
        )


def _stale(container: Container, notice: bool) -> bool:
    """Whether `on` has something to do beside the block."""
    places = places_of(container)
    if places.notice.exists() != notice or not places.fine.exists():
        return True
    try:
        return any(path.read_bytes() != content for path, content in scripts(container).items())
    except OSError:
        return True


def _write_own(container: Container, *, notice: bool) -> None:
    """The scripts, what is shown, and that nothing has failed."""
    places = places_of(container)
    _write_scripts(container)
    try:
        if notice:
            places.notice.touch()
        else:
            places.notice.unlink(missing_ok=True)
        for file in (places.crashed, places.aside):
            file.unlink(missing_ok=True)
        places.fine.write_bytes(b"")
    except OSError as error:
        raise unwritable(places.folder, error) from error


def _write_scripts(container: Container) -> None:
    places = places_of(container)
    try:
        places.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(places.folder, error) from error
    # What is run before what runs it. Renamed over: a login that is reading the old one goes on with that.
    for path, content in sorted(scripts(container).items(), key=lambda item: item[0] == places.script):
        write_file(path, content)


def _remove_own(places: Places) -> None:
    """The script that the block reads goes first."""
    try:
        for file in _own(places):
            file.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(places.folder, error) from error
    with contextlib.suppress(OSError):  # what is in it still is somebody else's
        places.folder.rmdir()


def _own(places: Places) -> tuple[Path, ...]:
    return (places.script, places.run, places.notice, places.fine, places.crashed, places.aside)


def _commands(container: Container, places: Places, old: bytes | None, new: bytes | None) -> tuple[str, ...]:
    """What one would type to change .bashrc."""
    if new == old:
        return ()
    file = shlex.quote(str(places.bashrc))
    keep = (shlex.join(["cp", "-p", str(places.bashrc), f"{container.backups}/"]),) if old is not None else ()
    if new is None:
        return (*keep, f"rm {file}")
    if new.startswith(old or b""):
        added = new[len(old or b"") :].decode("utf-8", "surrogateescape")
        return (*keep, f"cat >> {file} <<'END'\n{added}END")
    if find(new) is None:
        return (*keep, f"sed -i '/^# >>> console login/,/^# <<< console login/d' {file}")
    return (*keep, f"nano {file}")
