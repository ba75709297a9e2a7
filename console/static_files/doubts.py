"""What may make nginx answer otherwise than its locations tell: rewrites, conditions, access rules, error pages."""

from __future__ import annotations

from collections.abc import Iterator

from ..results.static import StaticDoubt
from .configuration import Node, Server
from .matching import Location

# Run in the server before a location is looked for, and then in the location (ngx_http_rewrite_module).
_REWRITES = ("rewrite", "if", "set", "break")
# Inherited from what is around.
_ACCESS = ("auth_basic", "auth_request", "deny", "limit_except")


def server_doubts(server: Server) -> Iterator[StaticDoubt]:
    """The rewrites and conditions of the server itself, up to a ``return``, behind which nothing is run."""
    for node in server.node.body:
        if node.name == "return":
            return
        if node.name in _REWRITES:
            yield doubt(node)


def location_doubts(location: Location, *, given: bool) -> Iterator[StaticDoubt]:
    """Those of the location that was found. ``given``: a file of it would be given, so that no error page is."""
    for node in location.node.body:
        if node.name in (*_REWRITES, "internal"):
            yield doubt(node)
    for name in (*_ACCESS, *(() if given else ("error_page",))):
        setting = location.setting(name)
        if setting is not None and setting.texts != ("off",):
            yield doubt(setting)


def doubt(node: Node) -> StaticDoubt:
    return StaticDoubt(shown(node), node.source.file, node.line)


def shown(node: Node) -> str:
    """``rewrite ^/old/(.*)$ /new/$1``"""
    return " ".join((node.name, *node.texts))
