"""A real nginx for a few servers."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from console.static_files.probe import fetch
from tests import needs


@contextlib.contextmanager
def nginx(text: str, folder: Path) -> Iterator[int]:
    """A real nginx with these servers; {port} in ``text`` is its port."""
    program = needs.program("nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    conf = folder / "nginx.conf"
    conf.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error;\n"
        "events { worker_connections 64; }\n"
        f"http {{ access_log off; server_names_hash_bucket_size 128; {text.replace('{port}', str(port))} }}\n"
    )
    process = subprocess.Popen([program, "-p", folder, "-c", conf], stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 10
        while fetch(port, "/", 1.0).status is None:
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def takes(text: str | bytes, folder: Path) -> bool:
    """Whether a real nginx takes this inside its ``http`` block."""
    data = text.encode() if isinstance(text, str) else text
    main = folder / "nginx.conf"
    (folder / "asked.conf").write_bytes(data)
    main.write_text(
        f"pid {folder}/pid;\nerror_log stderr;\nevents {{ }}\nhttp {{ access_log off; include {folder}/asked.conf; }}\n"
    )
    command = [str(needs.program("nginx")), "-t", "-c", str(main), "-p", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    assert "emerg" in done.stderr or done.returncode == 0, done.stderr
    return done.returncode == 0
