"""A small package index over HTTP (packaging.python.org, "Simple repository API"), with a password where wanted."""

from __future__ import annotations

import base64
import html
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote


@dataclass
class SimpleIndex:
    """Serves the files of ``folder``: each project's page names those whose name begins with it.

    ``yanked`` gives reasons by file name, ``python`` what a page says of Requires-Python. ``password`` is asked for,
    of the user "me". ``asked`` are the paths that were fetched.
    """

    folder: Path
    yanked: Mapping[str, str] = field(default_factory=dict)
    python: Mapping[str, str] = field(default_factory=dict)
    password: str = ""
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> SimpleIndex:
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.answer(self)

            do_HEAD = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Not on the tests' output."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        who = f"me:{self.password}@" if self.password else ""
        return f"http://{who}127.0.0.1:{self.server.server_address[1]}/simple"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        wanted = "Basic " + base64.b64encode(f"me:{self.password}".encode()).decode()
        if self.password and request.headers.get("Authorization") != wanted:
            request.send_response(401)
            request.send_header("WWW-Authenticate", "Basic")
            request.end_headers()
            return
        words = [unquote(word) for word in request.path.strip("/").split("/")]
        if words[0] == "files":
            data, kind = (self.folder / words[1]).read_bytes(), "application/octet-stream"
        else:
            data, kind = self._page(words[1]).encode(), "text/html"
        request.send_response(200 if data else 404)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        if request.command == "GET":
            request.wfile.write(data)

    def _page(self, project: str) -> str:
        anchors = []
        for file in sorted(self.folder.iterdir()):
            if file.name.partition("-")[0].replace("_", "-").lower() == project:
                more = f' data-requires-python="{html.escape(self.python[file.name])}"' if file.name in self.python else ""
                more += f' data-yanked="{html.escape(self.yanked[file.name])}"' if file.name in self.yanked else ""
                anchors.append(f'<a href="/files/{file.name}"{more}>{file.name}</a><br>')
        return "<!DOCTYPE html><html><body>" + "\n".join(anchors) + "</body></html>" if anchors else ""
