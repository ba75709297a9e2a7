"""Static files: what nginx serves from which folder, what is wrong with it, and the keys that change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from ...container import Container
from ...errors import ConsoleError
from ...events import Event
from ...results import Static, StaticList, StaticMapping, StaticServer, Status
from ...text import N_, _
from ..appearance import BAD, QUIET, STRONG, style_sheet
from ..job import JobModel
from ..presentation import Parts, error_lines
from ..static_changes import CHANGE, NAMES, StaticChanges, file_problems
from ..static_django import COLLECT, DjangoFiles
from ..static_django import NAMES as DJANGO_NAMES
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


@dataclass(frozen=True)
class Looked:
    """What a look found, and whether nginx was asked too; ``number`` tells the looks apart."""

    number: int
    asked: bool
    found: StaticList


class StaticScreen(ConsoleScreen):
    """A table of the mappings; below it the steps of the last change, and all about the chosen one."""

    CSS_PATH = style_sheet("static")
    AUTO_FOCUS = "#rows"
    BINDINGS = [
        Binding(
            "space,t,enter",
            "turn",
            N_("On/Off"),
            id="toggle",
            tooltip=N_("Turn the chosen one on or off; the diff comes first"),
        ),
        Binding(
            "r,1",
            "repair(0)",
            N_("Repair"),
            id="repair",
            tooltip=N_("Repair its worst problem (2 to 9: the others); the diff comes first"),
        ),
        *(Binding(str(number), f"repair({number - 1})", show=False) for number in range(2, 10)),
        Binding("a", "add", N_("Add"), id="add", tooltip=N_("Serve a folder at another path of the site")),
        Binding(
            "f",
            "folder",
            N_("Folder"),
            id="folder",
            show=False,
            tooltip=N_("Have it serve another folder: the usual ones, or one to pick"),
        ),
        Binding(
            "e",
            "explain",
            N_("Explain"),
            id="explain",
            tooltip=N_("Which location takes a URL, which file it opens, what it answers"),
        ),
        Binding("u", "undo", N_("Undo"), id="undo", tooltip=N_("Take the last change back; the diff comes first")),
        Binding(
            "c",
            "cancel",
            N_("Cancel"),
            id="cancel",
            tooltip=N_("While Django is asked or its files are collected: leave it"),
        ),
        Binding(
            "c",
            "check",
            N_("Check"),
            id="check",
            show=False,
            tooltip=N_("Ask nginx whether it serves them, and whether it leaks"),
        ),
        Binding(
            "d",
            "django",
            N_("Django"),
            id="django",
            show=False,
            tooltip=N_("Compare a Django project's settings with nginx, collect its files"),
        ),
        Binding("left,pageup,h", "scroll(-5)", show=False),
        Binding("right,pagedown,l", "scroll(5)", show=False),
    ]
    title_text = N_("Static files")
    about = N_(
        "nginx serves a folder at a path of the site, many times quicker than the app could. Each change is shown "
        "first, tested by nginx, and proved by requests; one that fails is taken back."
    )

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
        self.console_app.look_up(LOOK, lambda on_event, cancel: _look(container, number, asked))

    def status_changed(self, status: Status) -> None:
        if status.static != self._seen:
            self._seen = status.static
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

    # -- what the keys do ----------------------------------------------------------------------

    @property
    def _rows(self) -> tuple[Chosen, ...]:
        return (*self._found.files, *self._found.mappings) if self._found is not None else ()

    @property
    def _row(self) -> Chosen | None:
        rows = self._rows
        return rows[min(self.query_one(Rows).cursor, len(rows) - 1)] if rows else None

    def _mapping(self) -> StaticMapping | None:
        """The chosen mapping; None where it is none that can be changed, and that is said."""
        row = self._row
        if isinstance(row, StaticMapping) and row.modifier not in ("~", "~*"):
            return row
        if row is not None:
            self.notify(_("The console leaves it alone."), severity="warning", markup=False)
        return None

    @property
    def _servers(self) -> tuple[StaticServer, ...]:
        return self._found.servers if self._found is not None else ()

    def on_rows_moved(self) -> None:
        if self._job is None or not self._job.running:  # what is at work is not hidden by it
            self._tell(Content(""))
            self._show_job(None)
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One key cancels what can be cancelled, and else checks."""
        return action != "cancel" or self._django.cancellable

    def action_turn(self) -> None:
        row = self._mapping()
        if row is not None:
            self._changes.turn(row, self._servers)

    def action_repair(self, number: int) -> None:
        row = self._row
        repairs = repairs_of(row) if row is not None else ()
        if row is not None and number < len(repairs):
            self._changes.repair(row, repairs[number])

    def action_add(self) -> None:
        servers = sorted(self._servers, key=lambda server: not server.ours)
        if len(servers) > 1:
            from .static_server import StaticServerScreen

            self.app.push_screen(StaticServerScreen(servers, self.console_app.container.http_port), self._add_to)
        else:
            self._add_to(servers[0] if servers else None)

    def _add_to(self, server: StaticServer | None) -> None:
        from .static_folder import StaticFolderScreen

        def add(location: str, folder: str) -> None:
            self._changes.add(location, folder, server)

        taken = [row.location for row in self._rows if isinstance(row, StaticMapping) and row.state != "absent"]
        self.app.push_screen(StaticFolderScreen(add, taken=taken))

    def action_folder(self) -> None:
        from .static_folder import StaticFolderScreen

        row, servers = self._mapping(), self._servers
        if row is None:
            return

        def change(_location: str, folder: str) -> None:
            self._changes.change_folder(row, servers, folder)

        self.app.push_screen(StaticFolderScreen(change, location=row.location, folder=row.folder))

    def action_explain(self) -> None:
        from .static_explaining import StaticExplainingScreen

        row = self._row
        usual = row.location if isinstance(row, StaticMapping) and row.modifier not in ("~", "~*") else "/"
        self.app.push_screen(StaticExplainingScreen(usual))

    def action_undo(self) -> None:
        self._changes.undo()

    def action_django(self) -> None:
        self._django.ask()
        self._show_keys()

    def action_cancel(self) -> None:
        self._django.cancel()
        self._show_keys()

    def action_check(self) -> None:
        self._tell(Content.styled(" " + _("asking nginx …"), QUIET))
        self.look()

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

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

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        from ...shell_commands import console_command

        container, planned = self.console_app.container, self._changes.commands
        words = (("list",), ("on",), ("off",), ("check", "--django"), ("undo",), ("explain", "/static/"), ("collect",))
        return (
            *(((_("As it was planned last"), planned),) if planned else ()),
            (_("c  Check"), ("nginx -T", f"curl -I http://127.0.0.1:{container.http_port}/static/")),
            (_("The same without the screens"), [console_command(container, "static", *each) for each in words]),
        )


def _look(container: Container, number: int, asked: bool) -> Looked:
    from ...static_files.mappings import list_mappings

    found = list_mappings(container, live=asked)
    return Looked(number, asked, replace(found, files=file_problems(container, found)))


def error_content(error: ConsoleError, width: int) -> Content:
    """What happened, why, and what to do, a line below what stands above."""
    return Content("\n") + error_lines(error, width)
