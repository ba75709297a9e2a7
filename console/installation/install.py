"""`console install`: the tree is built beside what is there and takes its place in one step; what runs goes on."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from ..atomic import replace_link, sync_folder, unwritable, write_file
from ..errors import ConsoleError
from ..events import OnEvent, Progress, ignore
from ..lock import held
from ..login.change import refresh_login
from ..playground.steps import Steps
from ..results import Interpreter
from ..text import _
from ..venv.byte_code import compile_packages
from ..venv.folder_tree import allocated_bytes, remove_tree
from .contents import Contents, read_contents
from .interpreters import interpreters_under
from .launcher import is_launcher, launcher_text
from .places import Places
from .tree import (
    Tree,
    build_tree,
    finish_tree,
    present_tree,
    remove_old,
    remove_unfinished,
    same_files,
)

_COPY, _COMPILE = 0.4, 0.55  # shares of the whole job's time


@dataclass(frozen=True)
class InstallPlan:
    """What ``install`` would do. ``before`` is the version that is there, None where there is none.

    ``interpreters`` are those that the launcher can choose from, one for each 3.Y, the newest first; ``oldest_python``
    ("3.10") is the oldest that the copy serves, ``lacking`` says why not older ones. ``bytes_needed`` counts the files
    that the present tree does not have. ``commands`` are what one would type.
    """

    places: Places
    contents: Contents
    version: str
    before: str | None
    downgrade: bool
    oldest_python: str
    lacking: dict[str, str]
    interpreters: tuple[Interpreter, ...]
    bytes_needed: int
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Installation:
    """What ``install`` did. ``tree`` is where the console runs from now, ``bytes`` what that takes on the disk.

    ``compiled`` are the Pythons that have their byte code already ("3.11.7"). ``removed`` are trees of former versions,
    ``in_use`` those that something still runs from, which a later installation removes. ``on_path``: a shell finds the
    launcher by its name ``console``; else ``path_line`` is for ~/.bashrc. ``notes`` is what else a person should know.
    """

    launcher: Path
    tree: Path
    version: str
    before: str | None
    downgrade: bool
    oldest_python: str
    lacking: dict[str, str]
    compiled: tuple[str, ...]
    bytes: int
    removed: tuple[Path, ...]
    in_use: tuple[Path, ...]
    on_path: bool
    path_line: str
    notes: tuple[str, ...]


def plan_install(places: Places) -> InstallPlan:
    """See what an installation at ``places`` would do; changes nothing.

    Raises ConsoleError when the running console cannot be copied, or when something else stands in the way.
    """
    refuse_foreign(places)
    contents = read_contents()
    old = present_tree(places)
    same = same_files(contents, old)
    return InstallPlan(
        places=places,
        contents=contents,
        version=contents.version,
        before=old.version if old is not None else None,
        downgrade=old is not None and Version(contents.version) < Version(old.version),
        oldest_python=f"3.{contents.oldest}",
        lacking={f"3.{minor}": why for minor, why in contents.lacking.items()},
        interpreters=interpreters_under(places.root, contents.oldest),
        bytes_needed=sum(file.source.stat().st_size for file in contents.files if file.target not in same),
        commands=_commands(places, contents.version),
    )


def install(plan: InstallPlan, *, on_event: OnEvent = ignore) -> Installation:
    """Put the console there. What was there before serves until the new one is complete, and whatever goes wrong.

    Raises ConsoleError (the disk is full, no permission), Locked when another installation is at work.
    """
    places, contents = plan.places, plan.contents
    made = _missing_folders(places)
    # Cleaned up while the lock is held: what another installation is building is not ours to remove.
    with _readable_for_all(), held(places.lock, "install"), _cleaned_up(places, made):
        refuse_foreign(places)
        old = present_tree(places)
        steps = Steps(on_event, 3)
        remove_unfinished(places)
        with steps.step("copy", _("Copying the console and what it requires")):
            unfinished = _build(plan, old, (*(old.made if old is not None else ()), *made), on_event)
        with steps.step("compile", _("Compiling for the Pythons that are here")):
            _compile(plan, unfinished, on_event)
        with steps.step("switch", _("Putting it in place")):
            tree = _put_in_place(plan, unfinished)
        notes = (*_notes(plan), *_refreshed_login(places))
        try:
            removed, in_use = remove_old(places, [tree, *([old.path] if old is not None else [])])
        except OSError as error:  # the new one is in place; a later installation tries again
            removed, in_use = (), ()
            notes += (_("Former versions could not be removed: {error}").format(error=error),)
    return Installation(
        launcher=places.launcher,
        tree=tree,
        version=contents.version,
        before=old.version if old is not None else None,
        downgrade=plan.downgrade,
        oldest_python=plan.oldest_python,
        lacking=plan.lacking,
        compiled=tuple(each.version for each in plan.interpreters if each.version is not None),
        bytes=allocated_bytes(tree),
        removed=removed,
        in_use=in_use,
        on_path=str(places.launcher.parent) in os.environ.get("PATH", "").split(":"),
        path_line=f"export PATH={shlex.quote(str(places.launcher.parent))}:$PATH",
        notes=notes,
    )


def refuse_foreign(places: Places) -> None:
    """Raise ConsoleError where something stands that no installation put there."""
    for path, ours in ((places.launcher, is_launcher(places.launcher)), (places.link, places.link.is_symlink())):
        if (path.exists() or path.is_symlink()) and not ours:
            raise ConsoleError(
                _("{path} is something else than an installed console.").format(path=path),
                _("It was not put there by `console install`, and is not touched."),
                _("Move it away, or choose another place with --to."),
            )


def _build(plan: InstallPlan, old: Tree | None, made: tuple[Path, ...], on_event: OnEvent) -> Path:
    files = len(plan.contents.files)

    def tell(done: int) -> None:
        on_event(Progress("copy", done, files, "files", _COPY * done / files))

    same = same_files(plan.contents, old)
    return build_tree(plan.places, plan.contents, old=old, same=same, made=made, tell=tell)


def _compile(plan: InstallPlan, tree: Path, on_event: OnEvent) -> None:
    """For each Python beforehand: not everybody who starts the console may write into the tree."""
    trees = [each for each in plan.places.trees.iterdir() if each != tree]  # byte code of the same file is linked
    for number, interpreter in enumerate(plan.interpreters):
        begun = _COPY + _COMPILE * number / len(plan.interpreters)

        def tell(done: int, total: int, begun: float = begun) -> None:
            share = _COMPILE / len(plan.interpreters) * done / max(total, 1)
            on_event(Progress("compile", done, total, "files", begun + share))

        compile_packages(interpreter.path, tree, tell=tell, check=_go_on, compiled=trees)


def _put_in_place(plan: InstallPlan, unfinished: Path) -> Path:
    """The tree gets its name, the link its new target, the launcher its text: each in one step."""
    places = plan.places
    tree = finish_tree(places, unfinished, plan.version)
    try:
        # The launcher first: a new one starts an old tree as well, and on a full disk the old tree is still there.
        folder = places.launcher.parent
        if not folder.is_dir():
            folder.mkdir(parents=True)
            sync_folder(folder.parent)
        text = launcher_text(places, plan.contents.oldest)
        if not places.launcher.exists() or places.launcher.read_bytes() != text:
            write_file(places.launcher, text, mode=0o755)
        replace_link(places.link, tree.relative_to(places.home))
    except BaseException:
        remove_tree(tree)
        raise
    return tree


@contextlib.contextmanager
def _readable_for_all() -> Iterator[None]:
    """Whatever an administrator's umask is: what they install is for everybody, the byte code too."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


@contextlib.contextmanager
def _cleaned_up(places: Places, made: tuple[Path, ...]) -> Iterator[None]:
    """Take away what was begun when it does not come to its end; errors of the system become a person's."""
    try:
        yield
    except BaseException as error:
        with contextlib.suppress(OSError):
            remove_unfinished(places)
        if made and present_tree(places) is None:
            launcher = [places.launcher] if is_launcher(places.launcher) else []
            for path in (*launcher, places.lock, places.trees, *reversed(made)):
                with contextlib.suppress(OSError):  # what holds something else stays
                    path.rmdir() if path.is_dir() else path.unlink()
        if isinstance(error, OSError):
            raise unwritable(Path(error.filename or places.home), error) from error
        raise


def _missing_folders(places: Places) -> tuple[Path, ...]:
    """The folders that an installation has to make, those above first."""
    found: dict[Path, None] = {}
    for folder in (places.launcher.parent, places.home):
        for each in reversed((folder, *folder.parents)):
            if not each.exists():
                found[each] = None
    return tuple(found)


def _notes(plan: InstallPlan) -> tuple[str, ...]:
    notes = []
    if plan.contents.lacking:
        whys = "; ".join(f"3.{minor}: {why}" for minor, why in sorted(plan.contents.lacking.items()))
        notes.append(
            _("It runs on Python {oldest} and later only ({whys}).").format(oldest=plan.oldest_python, whys=whys)
        )
    if not plan.interpreters:
        notes.append(
            _(
                "There is no Python {oldest} or later under {root} yet; the launcher looks for one at each start."
            ).format(oldest=plan.oldest_python, root=plan.places.root)
        )
    return tuple(notes)


def _refreshed_login(places: Places) -> tuple[str, ...]:
    """Bring the scripts of `console login on` up to date; what kept them from it, which harms no login."""
    try:
        if places.container is not None:
            refresh_login(places.container)
    except ConsoleError as error:
        return (_("The login keeps the scripts that it had: {error}").format(error=error.title),)
    return ()


def _commands(places: Places, version: str) -> tuple[str, ...]:
    tree = places.trees / version
    return (
        shlex.join(["pip", "install", "--target", str(tree), f"rosti-console=={version}"]),
        shlex.join(["ln", "-sfn", f"{places.trees.name}/{version}", str(places.link)]),
        _("# and {launcher}, a shell script that finds a Python and starts it: {command}").format(
            launcher=places.launcher, command=f"python3 -I -S {places.link} console"
        ),
    )


def _go_on() -> None:
    """Nobody takes an installation back in its middle; Ctrl-C does."""
