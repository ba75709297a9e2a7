"""nginx's static files: what is served from where, what is wrong with it, and a change of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .static_block import Static, StaticProblem


@dataclass(frozen=True)
class StaticPlan:
    """A change of the site file that has not been made: ``new`` is its whole content, ``diff`` shows it.

    ``commands`` are the shell commands that it stands for. ``changes`` is False when there is nothing to do; it is
    True without a difference (``diff`` empty) when a change that was killed has to be finished. ``files`` and
    ``bytes`` are what the folder ``alias`` holds, None where it cannot be looked into. ``host`` and ``port`` are
    where the server is asked ("" and None: as the load balancer asks). ``undoes`` is the backup whose content
    ``new`` is, for the undo of a change; ``repairs`` the code of the problem that the change is a repair of.
    """

    before: Static
    wanted: str
    location: str
    alias: str
    old: bytes
    new: bytes
    diff: str
    changes: bool
    problems: tuple[StaticProblem, ...]
    commands: tuple[str, ...]
    files: int | None = None
    bytes: int | None = None
    host: str = ""
    port: int | None = None
    undoes: Path | None = None
    repairs: str = ""


@dataclass(frozen=True)
class StaticChange:
    """A change that was made, or was made and taken back (``ok`` False, ``error`` says why).

    ``proof``: the request that showed it, e.g. "GET /static/logo.svg 200, 1 kB as on the disk".
    """

    ok: bool
    static: Static
    diff: str
    backup: Path | None
    seconds: float
    proof: str = ""
    error: str = ""
    proved: bool = False


@dataclass(frozen=True)
class StaticServer:
    """A ``server`` of nginx's configuration. ``label`` is its first name and the port, as people tell them apart;
    ``ours``: it listens on the port that the load balancer asks.
    """

    label: str
    file: Path
    line: int
    names: tuple[str, ...]
    listens: tuple[str, ...]
    ours: bool


@dataclass(frozen=True)
class StaticMapping:
    """A location that serves a folder, or would if it were not commented out: one row of the list.

    ``modifier`` is "", "=", "^~", "~" or "~*". ``folder`` is what is served at ``location``, with the location put
    behind a ``root``; ``uses`` is "alias", "root" or "inherited" (a root of what is around it), and "" for a block
    whose folder is commented out. ``state``: on, off, broken (on, with an error), or absent (the server has no
    mapping; the row is what ``console static on`` would write). ``files`` and ``bytes`` are None where the folder
    cannot be looked into; ``counted`` False: there are more than were looked at. ``problems`` are worst first.
    """

    location: str
    modifier: str
    folder: str
    uses: str
    file: Path
    line: int | None
    server: str
    state: str
    files: int | None = None
    bytes: int | None = None
    counted: bool = True
    problems: tuple[StaticProblem, ...] = ()

    @property
    def worst(self) -> StaticProblem | None:
        return next(iter(self.problems), None)


@dataclass(frozen=True)
class StaticFileProblem:
    """What is wrong with a file of the configuration as a whole; it is shown and left alone. ``line`` from 1."""

    file: Path
    line: int | None
    problem: StaticProblem


@dataclass(frozen=True)
class StaticList:
    """Every mapping of every server, in the order of the files; and the files that could not be understood."""

    mappings: tuple[StaticMapping, ...]
    servers: tuple[StaticServer, ...]
    files: tuple[StaticFileProblem, ...] = ()


@dataclass(frozen=True)
class ModeChange:
    """``path`` (None for ``before``: a folder to be made) gets the mode ``after``."""

    path: Path
    before: int | None
    after: int


@dataclass(frozen=True)
class StaticRepair:
    """The planned repair of one problem: a change of the site file (``plan``), or of ``modes`` on the disk.

    ``diff`` shows either, ``commands`` are the shell commands that it stands for.
    """

    code: str
    title: str
    plan: StaticPlan | None
    modes: tuple[ModeChange, ...]
    diff: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class StaticPreset:
    """A usual pair of location and folder. ``name``: "srv" (/srv/static/) or "app" (/srv/app/static/).

    ``files`` and ``bytes`` are None where the folder does not exist or cannot be looked into.
    """

    name: str
    location: str
    alias: str
    files: int | None
    bytes: int | None


@dataclass(frozen=True)
class StaticStep:
    """A location that nginx looks at for a request. ``outcome``: exact, prefix (the longest so far), final (a prefix
    with ``^~``: no regular expressions), regex (matched), no-match, unknown (an expression that only nginx
    understands), redirect (the location's path without its last slash), wins.
    """

    location: str
    file: Path
    line: int
    outcome: str


@dataclass(frozen=True)
class StaticDoubt:
    """A directive that may make nginx answer otherwise, as it stands in ``file`` on ``line``."""

    directive: str
    file: Path
    line: int


@dataclass(frozen=True)
class StaticExplanation:
    """What nginx does with a request for ``asked``.

    ``sent`` is the path as it goes over the line, ``path`` what nginx makes of it: decoded, without ``..``, ``//``
    and the query; None where it answers 400 (``refused``: encoding, above-root). ``location`` wins by ``steps``,
    the last of which says so, and stands in ``file`` on ``line``; None where none matches. ``handler`` is the
    directive that answers in place of a file ("proxy_pass http://..."). ``opens`` is the file that nginx opens,
    None where it opens none or a variable decides it. ``found``: file, folder, missing, closed (``closed`` is the
    first folder that nginx may not enter), unreadable, or "" without a file. ``sure`` False: something that only
    nginx understands came before, or there are ``doubts``: directives that are not evaluated here (rewrite, if, set,
    try_files with variables, access rules, error pages). ``status``, ``answered_by`` (nginx, app, nobody) and
    ``seconds`` are those of a real request, None and "" where none was made.
    """

    asked: str
    sent: str
    path: str | None
    refused: str
    server: str
    steps: tuple[StaticStep, ...]
    location: str | None
    file: Path | None
    line: int | None
    handler: str
    opens: Path | None
    found: str
    closed: Path | None
    sure: bool
    status: int | None = None
    answered_by: str = ""
    seconds: float | None = None
    error: str = ""
    doubts: tuple[StaticDoubt, ...] = ()


@dataclass(frozen=True)
class StaticDjango:
    """What a Django project says of its static files. ``settings`` is the module; ``static_root`` is None where the
    project has none. ``staticfiles``: django.contrib.staticfiles is installed, without which there is no
    collectstatic. ``problems`` are where nginx does otherwise.
    """

    settings: str
    version: str
    static_url: str
    static_root: Path | None
    staticfiles: bool
    manage: Path
    problems: tuple[StaticProblem, ...] = ()


@dataclass(frozen=True)
class CollectPlan:
    """``collectstatic`` as it would be run: ``arguments`` in ``directory``, into ``folder``, which holds ``files``."""

    django: StaticDjango
    arguments: tuple[str, ...]
    directory: Path
    folder: Path
    files: int | None
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Collected:
    """How ``collectstatic`` went; its whole output is in ``log`` too. ``files`` and ``bytes`` are the folder's now."""

    ok: bool
    folder: Path
    files: int | None
    bytes: int | None
    output: tuple[str, ...]
    log: Path
    seconds: float
    error: str = ""
