"""Builds a virtualenv beside the present one: created, filled, byte-compiled; nothing that runs is touched."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..container import Container, disk
from ..errors import ConsoleError
from ..events import Output
from ..results import RebuildPlan
from ..text import _, ngettext
from .anatomy import count_packages, minor, read_anatomy
from .byte_code import compile_packages
from .child import clean_environment, masked, run_child
from .create import create_command, numbers
from .generations import finished
from .index_settings import IndexSettings, read_index_settings
from .installer import UV, agreed_versions, choose_installer, install_command, scarce_disk_cache
from .memory_room import has_room_for_step
from .pip_resolution import pip_explanation
from .progress import JobProgress, PipLines, UvLines
from .requirements import Requirements, read_requirements
from .uv import OLDEST as OLDEST_FOR_UV
from .uv import explanation

KEPT_LINES = 400
COUNT_SECONDS = 0.5


class Builder:
    """One build: runs its programs, tells ``progress``, and keeps the last KEPT_LINES lines in ``output``.

    ``check`` raises to take the job back; it is called ten times a second.
    """

    def __init__(self, container: Container, plan: RebuildPlan, progress: JobProgress, check: Callable[[], None]):
        if plan.interpreter is None or plan.to_python is None or plan.requirements is None:
            raise ConsoleError(_("The plan has no interpreter or no requirements."))
        self.output: deque[str] = deque(maxlen=KEPT_LINES)
        self._interpreter = plan.interpreter
        self._version = plan.to_python
        self._requirements = plan.requirements
        self._packages = plan.packages
        self._needed = plan.bytes_needed
        self._container = container
        self._progress = progress
        self.check = check

    def build(self, folder: Path, *, compiled: bool = True) -> None:
        """Make the virtualenv in ``folder``, which is empty but for its mark.

        Stages "create", "install" and, where it is to be ``compiled``, "compile". Raises ConsoleError with the reason
        when one fails; what is half done in ``folder`` is the caller's to remove.
        """
        with self._progress.stage("create"):
            self._create(folder)
        with self._progress.stage("install"):
            self._install(folder)
        if compiled:
            with self._progress.stage("compile"):
                self._compile(folder)

    def compile_rest(self, folder: Path) -> None:
        """Compile what is not compiled yet of a virtualenv that is in service already. Stage "compile-rest"; nothing
        takes that back, and where it fails, or there is no memory for it beside the app, a start takes a little longer.
        """
        self.check = _nothing_to_check
        with self._progress.stage("compile-rest"):
            if not has_room_for_step():
                self._progress.detail = _("There is no memory for that beside the app. The next start does the rest.")
                return
            try:
                self._compile(folder, behind=True)
            except ConsoleError as error:
                self._progress.detail = _("{reason} The next start does the rest.").format(reason=error.title)

    def run(self, command: Sequence[str], environment: dict[str, str], read: Callable[[str], None]) -> int:
        """Run a program of the job in the requirements' folder; its lines become Output events."""

        def read_and_tell(line: str) -> None:
            self.heard(line)
            read(line)

        code = run_child(
            command, on_line=read_and_tell, check=self.check, cwd=self._requirements.parent, environment=environment
        )
        if code == -signal.SIGKILL:
            read_and_tell(_("It was killed, as happens where memory runs out."))
        return code

    def heard(self, line: str) -> None:
        """A line that a program of the job wrote; passwords in URLs are hidden."""
        self.output.append(masked(line))
        self._progress.on_event(Output(masked(line)))

    def _create(self, folder: Path, *, packages: bool = True) -> None:
        command = create_command(self._interpreter, self._version, folder, packages=packages)
        code = self.run(command, clean_environment(), _nothing)
        anatomy = read_anatomy(folder)
        if code != 0 or anatomy is None or not anatomy.usable:
            raise ConsoleError(
                _("The virtualenv for Python {version} could not be made.").format(version=self._version),
                anatomy.fault if anatomy is not None and anatomy.fault else "\n".join(list(self.output)[-5:]),
                _("Nothing was changed."),
            )
        self._progress.detail = _("Python {version}").format(version=self._version)

    def _install(self, folder: Path) -> None:
        free = disk(self._container).free_bytes
        with scarce_disk_cache(folder, self._needed, free) as cache:
            self._install_with(folder, cache)
        anatomy = read_anatomy(folder)
        count = count_packages(anatomy.site_packages if anatomy is not None else None)
        self._progress.detail = ngettext("{n} package", "{n} packages", count).format(n=count)

    def _install_with(self, folder: Path, cache: Path | None) -> None:
        python = folder / "bin" / "python"
        asked = read_requirements(self._requirements)
        settings = read_index_settings(os.environ, self._container.venv, asked.options)
        if cache is None and self._link(folder, asked, settings):
            return
        installer = choose_installer(python, self._version, asked, check=self.check, cache=cache)
        command, environment = install_command(installer, python, self._requirements, settings, cache)
        lines = UvLines(self._progress) if installer == UV else PipLines(self._progress)
        said: deque[str] = deque(maxlen=KEPT_LINES)

        def read(line: str) -> None:
            said.append(line)
            lines.read(line)

        with self._counted_by(lines, folder):
            code = self.run(command, environment, read)
        if code != 0:
            explain = explanation if installer == UV else pip_explanation
            raise ConsoleError(_("The packages could not be installed."), explain(list(said)), _("Nothing was changed."))

    def _link(self, folder: Path, asked: Requirements, settings: IndexSettings) -> bool:
        """Install what was agreed to out of uv's cache, where that has all of it; whether it did.

        uv installs nothing before it has everything, so that this is all or nothing too. What it writes when it has not
        is about a network that it may not use, which would mislead people; so nothing is told before it is done, and a
        build, which takes its time, is left to the usual way, which tells of it.
        """
        versions = agreed_versions(asked, self._packages)
        if not versions or numbers(self._version) < OLDEST_FOR_UV:
            return False
        command, environment = install_command(UV, folder / "bin" / "python", self._requirements, settings)
        said: list[str] = []

        def hear(line: str) -> None:
            if UvLines.is_of_build(line):
                raise _BuildBegins
            said.append(line)

        lines = UvLines(self._progress)
        constraints = folder / "agreed.txt"
        try:
            constraints.write_text("\n".join(versions))
            with self._counted_by(lines, folder):
                code = run_child(
                    [*command, "--offline", "--constraint", str(constraints)],
                    on_line=hear,
                    check=self.check,
                    cwd=self._requirements.parent,
                    environment=environment,
                )
        except (_BuildBegins, OSError):  # OSError: a full disk, of which the usual way tells
            return False
        finally:
            constraints.unlink(missing_ok=True)
        if code != 0:
            return False
        for line in said:
            self.heard(line)
            lines.read(line)
        return True

    @contextlib.contextmanager
    def _counted_by(self, lines: UvLines | PipLines, folder: Path) -> Iterator[None]:
        """Tell ``lines`` twice a second how many packages are in ``folder``: both install without a word."""
        anatomy = read_anatomy(folder)
        site_packages = anatomy.site_packages if anatomy is not None else None
        before, looked, check = count_packages(site_packages), time.monotonic(), self.check

        def check_and_count() -> None:
            nonlocal looked
            check()
            if time.monotonic() - looked >= COUNT_SECONDS:
                looked = time.monotonic()
                lines.found_installed(count_packages(site_packages) - before)

        self.check = check_and_count
        try:
            yield
        finally:
            self.check = check

    def create_shell(self, folder: Path) -> None:
        """Make a virtualenv without packages in ``folder``, for a repair. Stage "create"; raises ConsoleError."""
        with self._progress.stage("create"):
            self._create(folder, packages=False)

    def _compile(self, folder: Path, *, behind: bool = False) -> None:
        anatomy = read_anatomy(folder)
        if anatomy is None or anatomy.site_packages is None:
            return

        of = 0

        def tell(done: int, total: int) -> None:
            nonlocal of
            of = total
            self._progress.advance(done, total, "files", done / total if total else 1.0)

        python = folder / "bin" / "python"
        done = compile_packages(
            python, anatomy.site_packages, tell=tell, check=self.check, compiled=self._compiled_before(), behind=behind
        )
        self._progress.detail = ngettext("{n} file", "{n} files", done).format(n=done)
        if done < of:
            left = _("{n} of {total} files; it was killed, as happens where memory runs out. The first start does the rest.")
            self._progress.detail = left.format(n=done, total=of)

    def _compiled_before(self) -> list[Path]:
        """The site-packages of the other virtualenvs for this Python, the newest first."""
        found = [read_anatomy(folder) for folder in reversed(finished(self._container))]
        return [
            each.site_packages
            for each in found
            if each is not None and each.site_packages is not None and minor(each.python) == minor(self._version)
        ]


class _BuildBegins(Exception):
    """uv has no wheel of a package and begins to build one."""


def _nothing_to_check() -> None:
    """It is too late to take the job back."""


def _nothing(line: str) -> None:
    """virtualenv's lines have no meaning for the progress."""
