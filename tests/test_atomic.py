"""A file is the old one or the new one, whatever happens while it is written."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.atomic import back_up, diff, put_back, replace_link, unwritable, write_file
from console.errors import ConsoleError

from .disks import run_on_a_small_disk


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "backups"


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No file can grow beyond a page: what a full disk does, for any user on any machine.

    Not a fixture: pytest writes to its own output, which may be a file, before it ends one.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_has_the_mode_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    assert write_file(path, b"new", mode=0o600) is None
    assert (path.read_bytes(), mode(path)) == (b"new", 0o600)


def test_the_old_content_is_kept_with_its_mode(tmp_path: Path, backups: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"old")
    path.chmod(0o640)
    backup = write_file(path, b"new", backups=backups)
    assert backup is not None
    assert backup.parent == backups
    assert backup.name.startswith("a.conf.2")
    assert (path.read_bytes(), mode(path)) == (b"new", 0o640)
    assert (backup.read_bytes(), mode(backup)) == (b"old", 0o640)
    assert names(tmp_path) == ["a.conf", "kept"]


def test_every_backup_has_a_name_of_its_own(tmp_path: Path, backups: Path) -> None:
    path = tmp_path / "a.conf"
    for number in range(5):
        write_file(path, b"%d" % number, backups=backups)
    assert [path.read_bytes() for path in sorted(backups.iterdir())] == [b"0", b"1", b"2", b"3"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_stays(tmp_path: Path, backups: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"old")
    os.chown(path, 1234, 5678)
    backup = write_file(path, b"new", backups=backups)
    assert backup is not None
    assert [(each.stat().st_uid, each.stat().st_gid) for each in (path, backup)] == [(1234, 5678)] * 2


def test_a_symlink_stays_one(tmp_path: Path, backups: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "site.conf", tmp_path / "python.conf"
    real.write_bytes(b"old")
    link.symlink_to("real/site.conf")
    backup = write_file(link, b"new", backups=backups)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert backup is not None
    assert backup.read_bytes() == b"old"


@pytest.mark.parametrize(("flush", "waits"), [(True, 2), (False, 0)])
def test_the_disk_is_waited_for_unless_it_need_not_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flush: bool, waits: int
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    write_file(tmp_path / "file", b"new", flush=flush)
    assert (tmp_path / "file").read_bytes() == b"new"
    assert len(flushed) == waits


def test_a_reader_keeps_the_file_that_it_has_open(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        write_file(path, b"new and longer")
        assert reader.read() == b"old"


def test_what_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConsoleError) as raised:
        write_file(tmp_path / "none" / "a.conf", b"")
    assert raised.value.remedy
    with pytest.raises(ConsoleError):
        write_file(tmp_path, b"")
    assert "full" in unwritable(tmp_path, OSError(28, "No space left on device")).remedy


def test_a_file_that_does_not_fit_leaves_the_old_one(tmp_path: Path, backups: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"old")
    with full_disk(), pytest.raises(ConsoleError):
        write_file(path, b"x" * 10_000, backups=backups)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.conf", "kept"]


def test_a_backup_that_does_not_fit_leaves_nothing_of_itself(tmp_path: Path, backups: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"old" * 5000)
    with full_disk(), pytest.raises(ConsoleError):
        write_file(path, b"new", backups=backups)
    with full_disk(), pytest.raises(ConsoleError):
        back_up(path, backups)
    assert path.read_bytes() == b"old" * 5000
    assert names(backups) == []


SMALL_DISK = """
import sys
from pathlib import Path
from console.atomic import back_up, put_back, write_file
from console.errors import ConsoleError

folder = Path(sys.argv[1])
site, big = folder / "site.conf", folder / "big"
backup = back_up(site, folder / "backups")
write_file(site, b"new")
with big.open("wb", buffering=0) as file:
    try:
        while file.write(b"x" * 4096):
            pass
    except OSError:
        pass
try:
    write_file(site, b"y" * 20000, backups=folder / "backups")
except ConsoleError as error:
    print(error.remedy)
print(site.read_text(), sorted(path.name for path in folder.iterdir()), len(list((folder / "backups").iterdir())))
put_back(site, backup)
print(site.read_text())
"""


def test_on_a_full_disk_nothing_is_lost_and_the_backup_goes_back(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text("old")
    remedy, kept, restored = run_on_a_small_disk(tmp_path, 64, SMALL_DISK, [str(tmp_path)]).splitlines()
    assert "disk is full" in remedy
    assert kept == "new ['backups', 'big', 'site.conf'] 1"
    assert restored == "old"


WRITER = """
import sys
from pathlib import Path
from console.atomic import write_file

path, backups = Path(sys.argv[1]), Path(sys.argv[2])
print("ready", flush=True)
while True:
    for byte in b"ab":
        write_file(path, bytes([byte]) * 300_000, backups=backups)
"""


@pytest.mark.parametrize("milliseconds", range(0, 40, 5))
def test_kill_in_the_middle_of_writing_leaves_a_whole_file(tmp_path: Path, backups: Path, milliseconds: int) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"b" * 300_000)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(backups)],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(milliseconds / 1000)
        writer.kill()
    assert path.read_bytes() in (b"a" * 300_000, b"b" * 300_000)
    kept = [backup for backup in backups.iterdir() if not backup.name.startswith(".")] if backups.exists() else []
    assert all(len(backup.read_bytes()) == 300_000 for backup in kept)
    write_file(path, b"next", backups=backups)
    assert path.read_bytes() == b"next"


def test_a_backup_is_put_back_with_its_mode(tmp_path: Path, backups: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"old")
    path.chmod(0o600)
    backup = back_up(path, backups)
    write_file(path, b"new")
    put_back(path, backup)
    assert (path.read_bytes(), mode(path)) == (b"old", 0o600)
    assert names(backups) == []


def test_a_backup_is_put_back_behind_a_symlink(tmp_path: Path, backups: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    backup = back_up(link, backups)
    write_file(link, b"new")
    put_back(link, backup)
    assert link.is_symlink()
    assert real.read_bytes() == b"old"


def test_a_backup_from_another_disk_is_put_back(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from console.atomic import back_up, put_back, write_file
path, disk = Path(sys.argv[1]), Path(sys.argv[2])
backup = back_up(path, disk)
write_file(path, b"new")
put_back(path, backup)
print(path.read_text(), list(disk.iterdir()))
"""
    disk = tmp_path / "disk"
    disk.mkdir()
    path = tmp_path / "a.conf"
    path.write_text("old")
    assert run_on_a_small_disk(disk, 64, script, [str(path), str(disk)]) == "old []\n"


def test_a_missing_backup_is_an_error_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"new")
    with pytest.raises(ConsoleError):
        put_back(path, tmp_path / "none")
    assert path.read_bytes() == b"new"


def test_a_link_is_made_and_replaced(tmp_path: Path) -> None:
    link = tmp_path / "venv"
    replace_link(link, "one")
    replace_link(link, tmp_path / "two")
    assert link.readlink() == tmp_path / "two"
    assert names(tmp_path) == ["venv"]


def test_a_link_never_replaces_what_is_real(tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    folder.mkdir()
    with pytest.raises(ConsoleError):
        replace_link(folder, "one")
    assert folder.is_dir()
    with pytest.raises(ConsoleError):
        replace_link(tmp_path / "none" / "venv", "one")


def test_a_diff_shows_the_change() -> None:
    shown = diff(b"a\nb\nc", b"a\nB\nc", "site.conf")
    assert shown.splitlines()[:2] == ["--- site.conf", "+++ site.conf"]
    assert "-b\n+B\n c\n\\ No newline at end of file\n" in shown
    assert diff(b"same", b"same", "site.conf") == ""


def test_a_diff_of_a_text_from_windows_can_be_read() -> None:
    shown = diff("a\nb\n".encode("utf-16"), "a\nB\n".encode("utf-16"), "requirements.txt")
    assert shown.splitlines()[3:] == [" a", "-b", "+B"]


@given(st.text(), st.text())
@settings(deadline=None)
def test_a_diff_marks_every_line_of_any_text(old: str, new: str) -> None:
    shown = diff(old.encode("utf-8", "replace"), new.encode("utf-8", "replace"), "x")
    assert all(line[:1] in (" ", "+", "-", "@", "\\") for line in shown.split("\n")[:-1])
    assert (shown == "") == (old.encode("utf-8", "replace") == new.encode("utf-8", "replace"))
