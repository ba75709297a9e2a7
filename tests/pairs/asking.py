"""What a container answers over HTTP, and which Python it is that answers."""

from __future__ import annotations

import http.client
import re
import urllib.request

from console.container import Container

_TOLD = re.compile(r"Python (\S+), virtualenv")


def answering_python(container: Container) -> str | None:
    """The version of the Python that the sample app says it runs on; None where no app answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{container.app_port}/", timeout=5) as answer:
            found = _TOLD.search(answer.read().decode())
    except (OSError, http.client.HTTPException):  # it is restarted just now
        return None
    return found.group(1) if found else None
