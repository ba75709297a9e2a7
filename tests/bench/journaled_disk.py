"""A disk for measurements that make and remove many files: ext4 with a journal, as the hosts of containers have.

Without one, as on some machines for tests, ext4 gives no inode again that was freed in the last minutes, and looks long
for others: what is measured then depends on what was removed before.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.containers import new_folder

BYTES = 6 << 30  # sparse: about 1 GiB of it is written


@contextmanager
def journaled_disk() -> Iterator[Path | None]:
    """A folder with a short path on a new ext4 with a journal, in a file; None, with the reason on stderr, where it
    cannot be mounted.
    """
    folder = new_folder()
    try:
        with tempfile.NamedTemporaryFile() as image:
            image.truncate(BYTES)
            reason = _mount(Path(image.name), folder)
            if reason:
                print(f"The rebuilds are on the machine's own disk: {reason}", file=sys.stderr)
                yield None
                return
            try:
                yield folder
            finally:
                subprocess.run(["umount", folder], check=True)
    finally:
        folder.rmdir()


def _mount(image: Path, folder: Path) -> str:
    """Why it is not mounted; empty when it is."""
    if os.geteuid() != 0:
        return "only root may mount a file system."
    if shutil.which("mkfs.ext4") is None:
        return "there is no mkfs.ext4."
    for command in (["mkfs.ext4", "-q", "-F", str(image)], ["mount", "-o", "loop", str(image), str(folder)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return done.stderr.strip()
    return ""
