"""The only way this project writes a customer's file: beside it, flushed, renamed over it, the old one kept.

A reader sees the old file or the new one, never a part; a crash or a full disk leaves the old one.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import stat
from datetime import datetime
from pathlib import Path

from .errors import ConsoleError
from .text import _


def write_file(
    path: Path, data: bytes, *, backups: Path | None = None, mode: int = 0o644, flush: bool = True
) -> Path | None:
    """Put ``data`` in place of ``path``'s content; return the backup's path, None where there was no file.

    Mode and owner of an existing file are kept, a symlink stays a symlink (its target is replaced).
    ``mode`` is for a file that does not exist yet. With ``backups`` (a folder, made when missing) the old
    content is kept there first under its name and a time stamp. Without ``flush`` the disk is not waited for, which may
    take seconds where it is busy: for what is no loss when the machine loses its power. Raises ConsoleError when
    nothing could be written; the old file then stands unchanged.
    """
    target = Path(os.path.realpath(path))
    backup = None
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        old = target.stat() if target.exists() else None
        if old is not None and backups is not None:
            backup = _keep(target, backups)
        _write(beside, data, stat.S_IMODE(old.st_mode) if old else mode, flush=flush)
        if old is not None:
            _give_to(beside, old)
        beside.replace(target)
        if flush:
            sync_folder(target.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise unwritable(path, error) from error
    return backup


def change_file(path: Path, old: bytes, new: bytes, *, backups: Path, again: str) -> Path | None:
    """``write_file`` for a change that was shown: only while ``path`` (missing: empty) is still ``old``.

    Raises ConsoleError otherwise, with ``again`` as what to do.
    """
    present = path.read_bytes() if path.exists() else b""
    if present != old:
        raise ConsoleError(
            _("{path} was changed meanwhile.").format(path=path),
            _("Somebody wrote it after the difference was shown."),
            again,
        )
    return write_file(path, new, backups=backups)


def back_up(path: Path, backups: Path) -> Path:
    """Keep a copy of the file at ``path`` in the folder ``backups`` (made when missing); return the copy's path.

    The copy has the file's mode and owner, its name and a time stamp. Raises ConsoleError when it could not be
    written; nothing is left of it then.
    """
    try:
        return _keep(Path(os.path.realpath(path)), backups)
    except OSError as error:
        raise unwritable(backups / path.name, error) from error


def put_back(path: Path, backup: Path) -> None:
    """Put the file ``backup`` in place of ``path``'s content; the backup is used up.

    A rename, which works on a full disk too. Raises ConsoleError when it failed; the backup is still there then.
    """
    target = Path(os.path.realpath(path))
    try:
        backup.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise unwritable(path, error) from error
        write_file(path, backup.read_bytes())
        backup.unlink()


def replace_link(link: Path, target: Path | str) -> None:
    """Make ``link`` a symlink to ``target`` in one step; a reader never finds it missing.

    ``link`` may be missing or a symlink. Raises ConsoleError when it is a real file or folder, or when the
    folder cannot be written.
    """
    if link.exists() and not link.is_symlink():
        raise ConsoleError(
            _("{path} is not a symlink.").format(path=link),
            _("A real file or folder stands there, and replacing it would lose it."),
        )
    beside = link.with_name(f".{link.name}.{os.getpid()}.new")
    try:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
        beside.symlink_to(target)
        beside.replace(link)
        sync_folder(link.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise unwritable(link, error) from error


def put_copy(source: Path, target: Path) -> None:
    """Put a copy of ``source``, a file or a symlink as it stands, in place of ``target``, whichever of the two that is.

    In one step; the copy has the mode of ``source``. Raises ConsoleError when that failed; ``target`` is as before.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
        if source.is_symlink():
            beside.symlink_to(source.readlink())
        else:
            _write(beside, source.read_bytes(), stat.S_IMODE(source.stat().st_mode))
        beside.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise unwritable(target, error) from error


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` last over a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def diff(old: bytes, new: bytes, name: str) -> str:
    """The change as a unified diff, with ``name`` on both sides; empty when nothing differs.

    The texts are UTF-8, or UTF-16 where they begin with its byte order mark (what PowerShell's ``>`` writes).
    """
    import difflib  # not at import: 3 ms on the way to the first screen, and only plans need it

    lines = difflib.unified_diff(_lines(old), _lines(new), name, name)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes) -> list[str]:
    # Not splitlines, which also cuts at signs that are text here.
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    lines = [line + "\n" for line in data.decode(encoding, "replace").split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def unwritable(path: Path, error: OSError) -> ConsoleError:
    """The error to raise when writing ``path`` failed with ``error``."""
    remedy = {
        "ENOSPC": _("The disk is full: free some space and try again."),
        "EDQUOT": _("The disk quota is used up: free some space and try again."),
        "EACCES": _("You may not write there: check the owner and the mode of the folder."),
        "EPERM": _("You may not write there: check the owner and the mode of the folder."),
        "EROFS": _("The file system is read-only: tell the hosting's support."),
    }.get(errno.errorcode.get(error.errno or 0, ""), _("Nothing was changed."))
    return ConsoleError(_("Could not write {path}.").format(path=path), error.strerror or str(error), remedy)


def _keep(path: Path, backups: Path) -> Path:
    backups.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S-%f")
    backup = backups / f"{path.name}.{stamp}"
    beside = backups / f".{backup.name}.new"
    found = path.stat()
    try:
        _write(beside, path.read_bytes(), stat.S_IMODE(found.st_mode))
        _give_to(beside, found)
        beside.replace(backup)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    sync_folder(backups)
    return backup


def _give_to(path: Path, owner: os.stat_result) -> None:
    if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(PermissionError):  # only root may give files away; ours stays readable
            os.chown(path, owner.st_uid, owner.st_gid)


def _write(path: Path, data: bytes, mode: int, *, flush: bool = True) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), mode)
        if flush:
            os.fsync(file.fileno())
