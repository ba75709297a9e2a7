"""Which location of a server nginx takes for a request: its own order, step by step.

The order is that of ngx_http_core_find_location (https://nginx.org/en/docs/http/ngx_http_core_module.html#location):
an exact location wins at once; else the longest prefix is remembered, and looked into for nested locations; then the
regular expressions are tried in the order of the configuration, unless the prefix has ``^~``.
"""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import dataclass

from .block import location_words
from .configuration import Node, Server, is_location

_PASSES = ("proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass")


@dataclass(frozen=True)
class Location:
    """A location with what is nested in it; ``path`` is without its modifier."""

    node: Node
    modifier: str
    path: str
    nested: tuple[Location, ...]
    around: tuple[Node, ...]

    @property
    def shown(self) -> str:
        return f"{self.modifier} {self.path}" if self.modifier else self.path

    @property
    def is_regex(self) -> bool:
        return self.modifier in ("~", "~*")

    def setting(self, *names: str) -> Node | None:
        """The directive of these names that counts here: its own, or the nearest of what is around it."""
        for node in (self.node, *reversed(self.around)):
            found = node.first(*names)
            if found is not None:
                return found
        return None

    @property
    def handler(self) -> Node | None:
        """What answers in place of files: a ``return``, or a ``proxy_pass`` and its like."""
        return self.node.first("return", *_PASSES)


@dataclass(frozen=True)
class MatchStep:
    """One location that was looked at. ``outcome``: exact, prefix (the longest so far), final (a prefix whose ``^~``
    ends the search), regex (matched), no-match (a regular expression), unknown (one that could not be tried),
    redirect (the location without its last slash), wins.
    """

    location: Location
    outcome: str


@dataclass(frozen=True)
class Match:
    """``location`` is None where none matches. ``redirect``: nginx answers with the path and a slash.

    ``captures`` are those of a regular expression, the whole match first. ``sure`` False: an expression that only
    nginx understands stood before the winner.
    """

    location: Location | None
    steps: tuple[MatchStep, ...]
    captures: tuple[str, ...] = ()
    redirect: bool = False

    @property
    def sure(self) -> bool:
        return not any(step.outcome == "unknown" for step in self.steps)


def locations_of(server: Server) -> tuple[Location, ...]:
    """The server's locations as a tree, in the order of the configuration."""
    return _locations(server.node.body, (*server.around, server.node))


def every_location(locations: tuple[Location, ...]) -> tuple[Location, ...]:
    """All of a tree, the outer before the nested."""
    found: list[Location] = []
    for location in locations:
        found += [location, *every_location(location.nested)]
    return tuple(found)


def match(locations: tuple[Location, ...], path: bytes) -> Match:
    """The location that takes a request for ``path``, decoded and normalised as nginx has it."""
    search = _Search(path)
    search.run(locations)
    if search.found is not None:
        search.steps.append(MatchStep(search.found, "wins"))
    return Match(search.found, tuple(search.steps), search.captures, search.redirect)


class _Search:
    def __init__(self, path: bytes) -> None:
        self._path = path
        self.found: Location | None = None
        self.captures: tuple[str, ...] = ()
        self.redirect = False
        self.steps: list[MatchStep] = []

    def run(self, locations: tuple[Location, ...]) -> bool:
        """Search one level; True when nothing after it counts any more."""
        ended, prefix = self._static(locations)
        if ended:
            return True
        if prefix is not None and self.run(prefix.nested):
            return True
        if prefix is not None and prefix.modifier == "^~":
            return False
        for location in locations:
            if location.is_regex and self._regex(location):
                self.run(location.nested)
                return True
        return False

    def _static(self, locations: tuple[Location, ...]) -> tuple[bool, Location | None]:
        """Exact and prefix locations: whether the search ends, and the longest prefix."""
        path = self._path
        best: Location | None = None
        for location in locations:
            name = os.fsencode(location.path)
            if location.modifier == "=" and name == path:
                self._take(location, "exact")
                return True, None
        for location in locations:
            name = os.fsencode(location.path)
            if location.modifier in ("", "^~") and path.startswith(name):
                longer = best is None or len(name) > len(os.fsencode(best.path))
                best = location if longer else best
        slashed = [
            each for each in locations if each.modifier in ("", "^~", "=") and os.fsencode(each.path) == path + b"/"
        ]
        # The exact one and the prefix are one entry for nginx: either makes it redirect, and the exact one is taken.
        redirects = None
        if any(each.node.first(*_PASSES) is not None for each in slashed):
            redirects = next((each for each in slashed if each.modifier == "="), slashed[0])
        # A prefix that is the whole path is taken before the redirect is thought of.
        if redirects is not None and (best is None or os.fsencode(best.path) != path):
            self._take(redirects, "redirect")
            self.redirect = True
            return True, None
        if best is not None:
            self._take(best, "final" if best.modifier == "^~" else "prefix")
        return False, best

    def _regex(self, location: Location) -> bool:
        pattern = compiled(location)
        if pattern is None:
            self.steps.append(MatchStep(location, "unknown"))
            return False
        found = pattern.search(self._path)
        if found is None:
            self.steps.append(MatchStep(location, "no-match"))
            return False
        self.captures = tuple(os.fsdecode(group or b"") for group in (found.group(), *found.groups()))
        self._take(location, "regex")
        return True

    def _take(self, location: Location, outcome: str) -> None:
        self.found = location
        self.steps.append(MatchStep(location, outcome))


def compiled(location: Location) -> re.Pattern[bytes] | None:
    """A location's regular expression; None where Python's syntax does not have what PCRE's has."""
    text = location.path.replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")
    # For PCRE "$" also matches before a last line break, as for Python; \z is Python's \Z.
    text = text.replace(r"\z", r"\Z")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(os.fsencode(text), re.IGNORECASE if location.modifier == "~*" else 0)
    except (re.error, FutureWarning, DeprecationWarning, OverflowError, RecursionError):
        return None


def _locations(body: tuple[Node, ...], around: tuple[Node, ...]) -> tuple[Location, ...]:
    found = []
    for node in body:
        if not is_location(node):
            continue
        words = location_words(node.directive)
        assert words is not None
        found.append(Location(node, words[0], words[1].text, _locations(node.body, (*around, node)), around))
    return tuple(found)
