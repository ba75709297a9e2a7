"""Small and broken disks: a command run where a folder is on a file system of its own, seen by nobody else."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import needs


def run_on_a_small_disk(folder: Path, kilobytes: int, script: str, arguments: Sequence[str] = ()) -> str:
    """What the Python ``script`` prints when ``folder``, with its content, is on a disk of this size.

    The disk is a tmpfs in a mount namespace of the command, for which root or an unprivileged user namespace is
    needed; it is gone with the command, whose failure is raised.
    """
    before = f'cp -a {shlex.quote(str(folder))}/. "$copy"' if any(folder.iterdir()) else ":"
    lines = [
        "set -e",
        "copy=$(mktemp -d)",
        before,
        f"mount -t tmpfs -o size={kilobytes}k,mode=755 tmpfs {shlex.quote(str(folder))}",
        f'cp -a "$copy"/. {shlex.quote(str(folder))}',
        'rm -r "$copy"',
        shlex.join([sys.executable, "-c", script, *arguments]),
    ]
    return _printed([*namespace(), "sh", "-c", "\n".join(lines)])


def namespace() -> list[str]:
    """The command that gives another one mounts of its own; the test is skipped where the kernel forbids it."""
    command = ["unshare", "--mount", *(["--user", "--map-root-user"] if os.geteuid() != 0 else [])]
    tried = subprocess.run(
        [*command, "sh", "-c", "mount -t tmpfs tmpfs /mnt"], capture_output=True, text=True, check=False
    )
    if tried.returncode != 0:
        needs.missing(f"the right to mount ({tried.stderr.strip()})")
    return command


@contextlib.contextmanager
def mounted(folder: Path, kilobytes: int) -> Iterator[Path]:
    """During the block ``folder`` is on a disk of this size, a tmpfs that every process sees; only root may do that."""
    if os.geteuid() != 0:
        needs.missing("the right to mount a file system")
    options = f"size={kilobytes}k,mode=755"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        needs.missing(f"the right to mount a file system ({done.stderr.strip()})")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def run_on_a_read_only_disk(folder: Path, script: str, arguments: Sequence[str] = ()) -> str:
    """As ``run_on_a_small_disk``, where ``folder`` can be read and not written."""
    place = shlex.quote(str(folder))
    lines = [
        "set -e",
        f"mount --bind {place} {place}",
        f"mount -o remount,bind,ro {place}",
        shlex.join([sys.executable, "-c", script, *arguments]),
    ]
    return _printed([*namespace(), "sh", "-c", "\n".join(lines)])


def run_bound_by_modes(script: str, arguments: Sequence[str] = ()) -> str:
    """What the Python ``script`` prints as a user whom the modes of files bind, which they do not bind root."""
    command = [sys.executable, "-c", script, *arguments]
    if os.geteuid() == 0:
        needs.program("setpriv")
        command = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *command]
    return _printed(command)


def _printed(command: Sequence[str]) -> str:
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
