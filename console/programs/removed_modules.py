"""Modules of the standard library that a later Python has no more, and the package that gives each again.

From the "Removed" sections of docs.python.org/3/whatsnew of 3.9 to 3.13, checked against what these Pythons bring; the
packages are on PyPI, most of them the "standard-" redistributions (github.com/youknowone/python-deadlib).
"""

from __future__ import annotations

from dataclasses import dataclass

_STANDARD = "aifc chunk imghdr mailcap nntplib pipes sndhdr sunau telnetlib uu xdrlib"
_REMOVED: dict[str, tuple[str, str]] = {
    "dummy_threading": ("3.9", ""),
    **dict.fromkeys(("formatter", "parser", "symbol"), ("3.10", "")),
    "binhex": ("3.11", ""),
    "asynchat": ("3.12", "pyasynchat"),
    "asyncore": ("3.12", "pyasyncore"),
    "distutils": ("3.12", "setuptools"),
    "imp": ("3.12", ""),
    "smtpd": ("3.12", "standard-smtpd"),
    **{name: ("3.13", f"standard-{name}") for name in _STANDARD.split()},
    "audioop": ("3.13", "audioop-lts"),
    **dict.fromkeys(("cgi", "cgitb"), ("3.13", "legacy-cgi")),
    "crypt": ("3.13", "legacycrypt"),
    **dict.fromkeys(("lib2to3", "nis", "ossaudiodev", "spwd"), ("3.13", "")),
}
# Those that are still found in code of today; the rest of what Python 3 has no more is rarer.
_PYTHON_2 = frozenset(
    [
        "BaseHTTPServer",
        "CGIHTTPServer",
        "ConfigParser",
        "Cookie",
        "HTMLParser",
        "Queue",
        "SimpleHTTPServer",
        "SimpleXMLRPCServer",
        "SocketServer",
        "StringIO",
        "UserDict",
        "UserList",
        "UserString",
        "__builtin__",
        "anydbm",
        "cPickle",
        "cStringIO",
        "commands",
        "cookielib",
        "copy_reg",
        "exceptions",
        "htmlentitydefs",
        "httplib",
        "md5",
        "mimetools",
        "new",
        "popen2",
        "rfc822",
        "robotparser",
        "sets",
        "sha",
        "thread",
        "urllib2",
        "urlparse",
        "xmlrpclib",
    ]
)


@dataclass(frozen=True)
class Removed:
    """``version`` of Python is the first without the module; ``package`` gives it again, empty where none does."""

    version: str
    package: str


def removed_module(name: str) -> Removed | None:
    """What became of the top-level module ``name``; None where it never was the standard library's, or still is."""
    if name in _PYTHON_2:
        return Removed("3.0", "")
    found = _REMOVED.get(name)
    return Removed(*found) if found is not None else None
