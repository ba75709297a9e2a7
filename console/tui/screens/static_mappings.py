"""A table of what nginx serves from which folder, the steps of the last change, and all about the chosen row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from ...errors import ConsoleError
from ...events import Event
from ...results import Static, Status
from ...results.static import StaticList, StaticServer
from ...text import _
from ..appearance import BAD, QUIET, STRONG, style_sheet
from ..job import JobModel
from ..presentation import Parts, error_lines
from ..static_changes import CHANGE, NAMES, StaticChanges
from ..static_django import COLLECT, DjangoFiles
from ..static_django import NAMES as DJANGO_NAMES
from ..static_looking import Looked, look_at_static
from ..static_presentation import (
    Chosen,
    chosen_content,
    job_content,
    nothing_content,
    repairs_of,
    row_of,
    title_cells,
)
from ..widgets.key_bar import KeyBar
from ..widgets.line import Line
from ..widgets.rows import Rows
from .base import ConsoleScreen

LOOK = "static-look"
_HIDDEN = ("commands", "shell")  # from the foot, which has no room for them; help has them


class StaticMappingsScreen(ConsoleScreen):
    """Looks, and shows what was found; ``_changes`` and ``_django`` do what the keys of its subclass ask for."""

    CSS_PATH = style_sheet("static")
    AUTO_FOCUS = "#rows"

    def __init__(self) -> None:
        super().__init__()
        self._seen: Static | None = None  # of the last status; another one is worth a look
        self._found: StaticList | None = None
        self._asked = False
        self._looks = 0
        self._job: JobModel | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="title")
        yield Rows("rows")
        with VerticalScroll(id="sheet", can_focus=False):
            yield Line(id="steps")
            yield Line(id="told")
            yield Line(id="chosen")
        yield self.make_key_bar()

    def on_mount(self) -> None:
        app = self.console_app
        self._changes = StaticChanges(app, self._tell, self._show_job, self.look)
        self._django = DjangoFiles(app, self._tell, self._show_job, self.look, self._changes)
        self._seen = app.status.static if app.status is not None else None
        self._draw()
        self.look()

    def on_resize(self) -> None:
        self._draw()
        self._show_job(self._job)

    def own_bindings(self) -> list[Binding]:
        return [replace(each, show=each.show and each.id not in _HIDDEN) for each in super().own_bindings()]

    def keys(self) -> Sequence[tuple[str, str]]:
        """Cancel only while there is something to cancel, Repair where there is something to repair."""
        hidden = [] if self._django.cancellable else ["c"]
        row = self._row
        if row is None or not repairs_of(row):
            hidden.append("r")
        return [pair for pair in ConsoleScreen.keys(self) if pair[0] not in hidden]

    def make_key_bar(self) -> KeyBar:
        return KeyBar(ConsoleScreen.keys(self))

    # -- what comes ----------------------------------------------------------------------------

    def look(self) -> None:
        """Look at the files, which is quick; when that is shown, nginx is asked too."""
        self._looks += 1
        self._look_up(asked=False)

    def _look_up(self, *, asked: bool) -> None:
        container, number = self.console_app.container, self._looks
        self.console_app.look_up(LOOK, lambda on_event, cancel: look_at_static(container, number, asked))

    def status_changed(self, status: Status) -> None:
        if status.static != self._seen:
            self._seen = status.static
            if not self.at_work:  # a change ends with a look
                self.look()
        self._show_title()

    def operation_progress(self, name: str, event: Event) -> None:
        if name == CHANGE:
            self._changes.progress(event)
        elif name == COLLECT:
            self._django.progress(event)

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name == LOOK and error is not None:
            self.query_one("#told", Line).show(error_content(error, self.size.width))
        elif name == LOOK and isinstance(result, Looked) and result.number == self._looks:
            self._found, self._asked = result.found, result.asked
            self._draw()
            if not result.asked:
                self._look_up(asked=True)
        elif name in NAMES:
            self._changes.ended(name, result, error)
        elif name in DJANGO_NAMES:
            self._django.ended(name, result, error)
        self._show_keys()

    def on_unmount(self) -> None:
        self._django.leave()

    # -- showing -------------------------------------------------------------------------------

    def _tell(self, content: Content) -> None:
        self.query_one("#told", Line).show(Content("\n") + content if content.plain else content)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def _show_job(self, job: JobModel | None) -> None:
        self._job = job
        self.query_one("#steps", Line).show(job_content(job, self.size.width) if job is not None else "")
        self._show_keys()

    def _show_title(self) -> None:
        parts: Parts = [(f" {_('Static files')}", STRONG)]
        status = self.console_app.status
        if status is not None and not any(each.listening for each in status.request_path[:1]):
            parts += [
                "  ",
                ("✗", BAD),
                " " + _("nobody listens on port {port}").format(port=self.console_app.container.http_port),
            ]
        self.query_one("#title", Line).show(Content.assemble(*parts))

    def _show_keys(self) -> None:
        self.query_one(KeyBar).show_keys(self.keys())

    def _draw(self) -> None:
        self._show_title()
        found, width, table = self._found, self.size.width, self.query_one(Rows)
        if found is None:
            self.query_one("#chosen", Line).show(Content.styled("\n " + _("looking at nginx's configuration …"), QUIET))
            return
        rows = self._rows
        table.show_rows([row_of(row, width) for row in rows], title_cells(width) if rows else ())
        chosen = self._row
        said = chosen_content(chosen, width, asked=self._asked) if chosen is not None else nothing_content(found, width)
        self.query_one("#chosen", Line).show(Content("\n") + said)
        self._show_keys()

    @property
    def at_work(self) -> bool:
        """Whether a change or a collecting runs."""
        return self._job is not None and self._job.running

    @property
    def _rows(self) -> tuple[Chosen, ...]:
        return (*self._found.files, *self._found.mappings) if self._found is not None else ()

    @property
    def _row(self) -> Chosen | None:
        rows = self._rows
        return rows[min(self.query_one(Rows).cursor, len(rows) - 1)] if rows else None

    @property
    def _servers(self) -> tuple[StaticServer, ...]:
        return self._found.servers if self._found is not None else ()

    def on_rows_moved(self) -> None:
        if not self.at_work:  # what is at work is not hidden by it
            self._tell(Content(""))
            self._show_job(None)
        self._draw()


def error_content(error: ConsoleError, width: int) -> Content:
    """What happened, why, and what to do, a line below what stands above."""
    return Content("\n") + error_lines(error, width)
