"""Where a git checkout came from, read from its files: git itself may not be there."""

from __future__ import annotations

import re
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ORIGIN = re.compile(r'^\s*\[remote "origin"\][^\[]*?^\s*url\s*=\s*(\S+)\s*$', re.MULTILINE)
_SCP = re.compile(r"([\w.-]+@)?([\w.-]+):(?!//)(.+)")  # git's own short way of writing an SSH address


def checkout_link(folder: Path) -> str | None:
    """``git+https://host/project@commit`` of what is checked out in ``folder``; None where that is no git checkout,
    or its origin is no address that another machine could ask. Never raises.
    """
    git = folder / ".git"
    commit = _commit(git, _text(git / "HEAD").strip())
    origin = _ORIGIN.search(_text(git / "config"))
    if commit is None or origin is None:
        return None
    url = origin.group(1)
    short = _SCP.fullmatch(url)
    if short is not None:
        url = f"ssh://{short.group(1) or ''}{short.group(2)}/{short.group(3)}"
    return f"git+{url}@{commit}" if re.match(r"(?:https?|ssh|git)://", url) else None


def _commit(git: Path, head: str) -> str | None:
    reference = head.removeprefix("ref: ")
    if reference != head:
        packed = (line.split(" ") for line in _text(git / "packed-refs").splitlines())
        named = [words[0] for words in packed if words[1:] == [reference]]
        head = _text(git / reference).strip() or "".join(named[:1])
    return head if _COMMIT.fullmatch(head) else None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace") if path.is_file() else ""
    except (OSError, ValueError):
        return ""
