"""What looking at a virtualenv, planning, rebuilding and freezing return."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .programs import Restart
from .pythons import ChoiceChange


@dataclass(frozen=True)
class Venv:
    """What is in the virtualenv's place.

    ``state``: ok, missing, dead (its interpreter does not run), mismatch (the image's Python is another, be it in the
    patch release alone) or foreign (no virtualenv). ``fits``: programs run from it with the image's Python as it is:
    ok, or a mismatch of the patch release alone. ``usable``: they run from it, be it with another Python.
    ``made_by``: virtualenv, venv, pyvenv or uv. ``python`` is its
    Python from its own files, ``image_python`` the image's. ``packages`` counts distributions. ``unmet`` is None
    without a requirements.txt, else the names that are missing or have a version that it does not allow.
    ``rollback``: an older one stands ready. ``size_bytes``, ``dead_scripts`` (names in its ``bin`` whose first line
    names an interpreter that is gone) and ``requirements`` are None where only a quick look was asked for.
    """

    state: str
    path: Path
    python: str | None
    packages: int
    rollback: bool
    image_python: str | None = None
    made_by: str | None = None
    target: Path | None = None
    reason: str = ""
    unmet: tuple[str, ...] | None = None
    size_bytes: int | None = None
    dead_scripts: tuple[str, ...] | None = None
    requirements: RequirementsState | None = None
    fits: bool = False
    usable: bool = False


@dataclass(frozen=True)
class ImageSwitch:
    """The image has another Python than the one that the virtualenv was made for.

    ``title`` says it in one sentence. ``runs``: programs still start from the virtualenv, as the old interpreter is
    there beside the new one. ``seen`` is when a console last found the image with the old one, None where none did.
    """

    title: str
    from_python: str
    to_python: str
    runs: bool
    seen: datetime | None = None


@dataclass(frozen=True)
class OtherVersion:
    """``name`` is installed in the version ``installed``, and ``wanted`` is what the requirement says ("<2,>=1.4")."""

    name: str
    installed: str
    wanted: str


@dataclass(frozen=True)
class RequirementsState:
    """What is installed against requirements.txt, by normalized names.

    ``extra``: installed, asked for by no line, and needed by nothing that one asks for. ``problems``: lines and
    files that pip and uv would stop at, one sentence each.
    """

    path: Path
    missing: tuple[str, ...]
    other: tuple[OtherVersion, ...]
    extra: tuple[str, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class PackageChange:
    """``how``: wheel, build, kept, removed or impossible. ``why`` says why it is impossible, or a build doubtful.

    ``nearest`` is then the nearest version that the new Python can have; None where there is none.
    """

    name: str
    from_version: str | None
    to_version: str | None
    how: str
    why: str | None = None
    nearest: str | None = None


@dataclass(frozen=True)
class RequirementsChange:
    """A change of a requirements file that is only offered: ``new`` is its whole content, ``diff`` shows it.

    ``reason`` says in one sentence what it is for. ``old`` is what it was made from, to be refused when the file
    is another by then. ``diff`` is for people: passwords in it are hidden, those in ``old`` and ``new`` are not.
    """

    path: Path
    old: bytes = field(repr=False)
    new: bytes = field(repr=False)
    diff: str
    reason: str


@dataclass(frozen=True)
class RebuildPlan:
    """What a rebuild would do; nothing has been changed.

    ``strategy``: repair (the interpreter's links are made anew, the packages stay), beside, or in-place.
    ``problems`` are what stops it (then not ``ok``), ``warnings`` what should be known before. ``offers`` are changes,
    one for each file of requirements, that together would help; a person makes them or nobody. ``programs`` are those
    that are stopped and started, in the order of their starts. ``own_files`` are the customer's own inside the present
    virtualenv (at most a hundred, relative to it), which stay with it. ``memory_bytes`` is what the job takes at
    its peak, ``memory_free_bytes`` what the container's limit leaves (None without a limit).
    ``requirements_digest`` is the file's sha256 in hex at the time of the plan. ``usual_seconds`` is what the last job
    of this strategy took here, None where there was none. ``app_may_fail``: the new one is switched to even if the app
    does not load with it. ``primary_tech`` is the change of the chosen interpreter that is made together with that of
    the virtualenv, None where it stays.
    """

    strategy: str
    reason: str
    from_python: str | None
    to_python: str | None
    interpreter: Path | None
    requirements: Path | None
    packages: tuple[PackageChange, ...]
    bytes_needed: int
    bytes_free: int
    ok: bool
    problems: tuple[str, ...]
    commands: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    offers: tuple[RequirementsChange, ...] = ()
    programs: tuple[str, ...] = ()
    own_files: tuple[str, ...] = ()
    memory_bytes: int = 0
    memory_free_bytes: int | None = None
    requirements_digest: str = ""
    usual_seconds: float | None = None
    app_may_fail: bool = False
    primary_tech: ChoiceChange | None = None


@dataclass(frozen=True)
class RollbackPlan:
    """What a rollback would do; nothing has been changed. ``title`` says it in one sentence, ``note`` what should be
    known beside it. ``primary_tech`` is the change of the chosen interpreter that goes with it, None where it stays.
    """

    title: str
    target: Path
    from_python: str | None
    to_python: str | None
    commands: tuple[str, ...]
    programs: tuple[str, ...] = ()
    primary_tech: ChoiceChange | None = None
    note: str = ""


@dataclass(frozen=True)
class Rebuild:
    """How a rebuild or a rollback ended. ``ok`` False means that what stood before stands again, or what
    ``error`` says. ``kept`` is the virtualenv for ``rollback``, ``freed_bytes`` what removing older ones gave.
    ``note`` says what a person should know although all went well ("app is stopped and stays so"). ``programs`` were
    restarted. ``app_failed``: all was good but the app's own code, which does not load with the new one.
    ``headline`` is what to say first where that is not how long the rebuild took: a recovery's outcome.
    ``primary_tech`` is the text of the symlink that chooses the interpreter as it is now, None where there is none.
    """

    ok: bool
    venv: Venv
    seconds: float
    downtime_seconds: float | None = None
    restart: Restart | None = None
    undone: bool = False
    error: str = ""
    remedy: str = ""
    output: tuple[str, ...] = ()
    kept: Path | None = None
    freed_bytes: int = 0
    note: str = ""
    programs: tuple[str, ...] = ()
    headline: str = ""
    app_failed: bool = False
    primary_tech: str | None = None


@dataclass(frozen=True)
class Freeze:
    """``requirements.txt`` as a freeze would write it: ``diff`` against the present one."""

    path: Path
    old: bytes
    new: bytes
    diff: str
    packages: int


@dataclass(frozen=True)
class Rescue:
    """A ``requirements.txt`` that does not exist yet, from what is in the virtualenv: ``new`` is its whole content,
    ``diff`` shows it. ``unknown`` is what could not be known or written, one sentence each; ``packages`` counts the
    lines that ask for something.
    """

    path: Path
    new: bytes
    diff: str
    packages: int
    unknown: tuple[str, ...]
