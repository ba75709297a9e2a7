"""The last change taken back, and a change whose console was killed finished or taken back."""

from __future__ import annotations

from ..atomic import diff
from ..container import Container
from ..errors import ConsoleError
from ..events import OnEvent, ignore
from ..results.static import StaticChange, StaticPlan
from ..text import _
from .applying import Applying
from .block import all_blocks
from .commands import change_commands
from .look import look_at_data
from .nginx import configuration_error, find_nginx, master_pid, reload, worker_account
from .record import Made, Record, digest, read_record, unfinished, write_record
from .syntax import parse
from .tokens import SiteSyntaxError

_RELOAD_SECONDS = 3.0


def plan_undo(container: Container) -> StaticPlan:
    """What taking the last change back would write; nothing has been changed. apply_static makes it.

    Raises ConsoleError when there is nothing to take back, and when the file has been changed since by somebody
    else: its cause is the difference then.
    """
    record = read_record(container)
    if not record.made:
        raise ConsoleError(
            _("There is no change of the static files to take back."),
            _("The console has made none, or all have been taken back."),
        )
    last = record.made[-1]
    try:
        now, old = last.file.read_bytes(), last.backup.read_bytes()
    except OSError as error:
        raise ConsoleError(
            _("The last change cannot be taken back."), f"{error.filename}: {error.strerror or error}"
        ) from error
    if digest(old) != last.old:
        raise ConsoleError(
            _("The last change cannot be taken back."),
            _("{path} is not the file as it was any more.").format(path=last.backup),
        )
    if digest(now) != last.new:
        raise ConsoleError(
            _("{path} has been changed since by somebody else.").format(path=last.file),
            _("Taking the last change back would change this:") + "\n" + diff(now, old, str(last.file)),
            _("Undo it by hand; the file as it was before is {path}").format(path=last.backup),
        )
    account = worker_account(container)
    before = look_at_data(container, last.file, now, last.location, account).static
    meant = look_at_data(container, last.file, old, last.location, account).static
    return StaticPlan(
        before=before,
        wanted="on" if _is_active(old, last.location) else "off",
        location=meant.location or last.location,
        alias=meant.alias or last.alias,
        old=now,
        new=old,
        diff=diff(now, old, str(last.file)),
        changes=True,
        problems=meant.problems,
        commands=change_commands(container, before, "cp", last.backup),
        host=last.host,
        port=last.port,
        undoes=last.backup,
    )


def settle(container: Container, *, on_event: OnEvent = ignore) -> StaticChange | None:
    """Finish a change whose console was killed: let nginx test, take and prove it, or take it back.

    None where there is none. Raises Locked when another job is at work, ConsoleError when it could not be finished.
    """
    from ..lock import held

    if unfinished(container) is None:
        return None
    with held(container.lock, "static"):
        return settle_held(container, on_event)


def settle_held(container: Container, on_event: OnEvent) -> StaticChange | None:
    """``settle``, under the lock of its caller."""
    record = read_record(container)
    begun = record.begun
    if begun is None:
        return None
    now = begun.file.read_bytes()
    if digest(now) == begun.old:
        return _never_written(container, record, begun, now)
    try:
        old = begun.backup.read_bytes()
    except OSError as error:
        raise ConsoleError(
            _("A change that was killed cannot be finished."),
            f"{begun.backup}: {error.strerror or error}",
            _("Test the configuration and let nginx take it up: nginx -t, console restart nginx"),
        ) from error
    before = look_at_data(container, begun.file, old, begun.location, worker_account(container)).static
    plan = StaticPlan(
        before=before,
        wanted=begun.wanted,
        location=begun.location,
        alias=begun.alias,
        old=old,
        new=now,
        diff=diff(old, now, str(begun.file)),
        changes=True,
        problems=(),
        commands=(),
        host=begun.host,
        port=begun.port,
        undoes=begun.backup if record.undoing else None,
    )
    return Applying(container, plan, on_event).resume(begun)


def _never_written(container: Container, record: Record, begun: Made, now: bytes) -> StaticChange:
    """The file is as it was before; nginx may have had the new one for a moment, and is let have this one."""
    error, master = "", master_pid(container)
    if master is not None:
        said = configuration_error(find_nginx(container))
        if said:
            error = _("nginx does not accept its configuration: {said}.").format(said=said)
        elif not reload(master, _RELOAD_SECONDS):
            error = _("nginx has not taken its configuration up.")
    if not error:
        write_record(container, Record(None, record.made))
    static = look_at_data(container, begun.file, now, begun.location, worker_account(container)).static
    proof = _("The change that was killed had not been written: the file is as it was.")
    return StaticChange(not error, static, "", None, 0.0, proof, error)


def _is_active(data: bytes, location: str) -> bool:
    try:
        blocks = list(all_blocks(parse(data)))
    except SiteSyntaxError:
        return False
    return any(block.active and block.location.rstrip("/") == location.rstrip("/") for block in blocks)
