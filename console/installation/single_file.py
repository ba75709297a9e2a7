"""The installer: one file that holds the console and all that it requires, for a machine without a network.

``python -m console.installation.single_file FOLDER`` makes it of the running console; ``make dist`` does that from an
environment with the pinned versions only.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import platform
import shlex
import sys
import tarfile
from pathlib import Path

from ..atomic import write_file
from ..own_python import TREE_FACTS
from ..text import N_
from .contents import Contents, read_contents
from .launcher import NO_PYTHON
from .scripts import in_each_language, script
from .tree import tree_facts

_WRONG_MACHINE = N_("This installer is for {architecture}, and this machine is something else.")
_DAMAGED = N_("The installer is damaged: its digest is wrong. Nothing was changed; fetch it again.")
_NO_ROOM = N_("The installer could not be unpacked. Set TMPDIR to a folder with {megabytes} MB free, and try again.")


def make_installer(folder: Path) -> Path:
    """Write the installer into ``folder``; returns its path. The same files give the same installer, byte for byte.

    Raises ConsoleError when the running console cannot be copied or the file cannot be written.
    """
    contents = read_contents()
    architecture = platform.machine()
    archive = _archive(contents)
    name = f"rosti-console-{contents.version}-{architecture}.sh"
    values = {
        "NAME": name,
        "VERSION": contents.version,
        "ARCHITECTURE": architecture,
        "OLDEST": str(contents.oldest),
        "DIGEST": hashlib.sha256(archive).hexdigest(),
        "NO_PYTHON": in_each_language(NO_PYTHON, oldest=contents.oldest, root="/"),
        "WRONG_MACHINE": in_each_language(_WRONG_MACHINE, architecture=architecture),
        "DAMAGED": in_each_language(_DAMAGED),
        "NO_ROOM": in_each_language(_NO_ROOM, megabytes=(contents.bytes + len(archive)) // 1_000_000 + 1),
    }
    path = folder / name
    write_file(path, script("installer", values) + archive, mode=0o755)
    return path


def _archive(contents: Contents) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for file in contents.files:
            _add(tar, file.target, file.source.read_bytes(), executable=file.source.stat().st_mode & 0o100 != 0)
        _add(tar, TREE_FACTS, json.dumps(tree_facts(contents, ())).encode(), executable=False)
    return packed.getvalue()


def _add(tar: tarfile.TarFile, name: str, data: bytes, *, executable: bool) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    member.mode = 0o755 if executable else 0o644
    member.mtime = 315_532_800  # 1980, as reproducible wheels have it: what a file holds does not depend on the day
    tar.addfile(member, io.BytesIO(data))


def main() -> None:
    """The command."""
    made = make_installer(Path(sys.argv[1]))
    sys.stdout.write(f"{shlex.quote(str(made))}: {made.stat().st_size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
