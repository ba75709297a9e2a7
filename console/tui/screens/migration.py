"""The guide through a migration after the image was switched: what happened, what will change, do it, the site."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from ...errors import ConsoleError
from ...results import Status
from ...text import N_, _
from ..appearance import QUIET, style_sheet
from ..guide import NAMES, REBUILD, REQUIREMENTS, SITE, VERSIONS, WHAT, Guide
from ..job import JobModel
from ..migration_presentation import path_content, requirements_content, site_content, ways_on, what_content
from ..planning import FREEZE, FREEZE_PLAN, Planning
from ..venv_presentation import plan_content
from ..widgets.job_view import JobView
from ..widgets.key_bar import KeyBar
from ..widgets.line import Line
from .base import ConsoleScreen

_KEYS = {
    WHAT: ("Enter", "l"),
    REQUIREMENTS: ("Enter", "b", "l"),
    VERSIONS: ("Enter", "b", "o", "s", "l"),
    REBUILD: ("c", "l"),
    SITE: ("Enter", "a", "f", "b", "l"),
}


class MigrationScreen(ConsoleScreen):
    """Pages that are gone through with Enter and ``b``; leaving it changes nothing, and a job that runs goes on."""

    CSS_PATH = style_sheet("migration")
    BINDINGS = [
        Binding("enter", "go_on", N_("Go on"), id="go-on", key_display="Enter", tooltip=N_("To the next page")),
        Binding(
            "b,left", "turn_back", N_("Page back"), id="turn-back", key_display="b", tooltip=N_("To the page before")
        ),
        Binding(
            "o",
            "offer",
            N_("Change the file"),
            id="change-file",
            tooltip=N_("Write the versions that the plan offers into requirements.txt, and plan again"),
        ),
        Binding(
            "s",
            "another_way",
            N_("Another way"),
            id="another-way",
            tooltip=N_("Plan it another way: repair, beside or in place"),
        ),
        Binding(
            "c",
            "cancel",
            N_("Cancel"),
            id="cancel",
            tooltip=N_("Take the running rebuild back; possible until the switch"),
        ),
        Binding(
            "a",
            "all_the_same",
            N_("All the same"),
            id="all-the-same",
            tooltip=N_("Put the new virtualenv in place although the app does not load with it"),
        ),
        Binding(
            "f",
            "freeze",
            N_("Freeze"),
            id="freeze",
            tooltip=N_("Write requirements.txt from what is installed; the diff comes first"),
        ),
        Binding("l", "logs", N_("Logs"), id="logs", tooltip=N_("The app's log")),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
    ]
    title_text = N_("Migration")
    about = N_(
        "After the image was switched its Python is another one, and the virtualenv has to be made anew. The guide "
        "shows what will change, does it on a yes, and checks the site. It can be left at any point: nothing is "
        "changed before the yes, and a rebuild that runs goes on by itself."
    )

    def compose(self) -> ComposeResult:
        yield Line(id="title")
        with VerticalScroll(id="sheet", can_focus=False):
            yield Line(id="page")
        yield Line(id="said")
        yield JobView()
        yield self.make_key_bar()

    def on_mount(self) -> None:
        self._guide = Guide(self.console_app, self._draw)
        self._planning = Planning(self.console_app, self._guide.tell)
        self._guide.look()
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def keys(self) -> Sequence[tuple[str, str]]:
        """Those that do something on this page."""
        guide = getattr(self, "_guide", None)
        if guide is None:
            return [("q", _("Back"))]
        there = {
            "Enter": bool(guide.next_words()),
            "b": guide.may_turn_back,
            "o": guide.has_offer,
            "s": bool(guide.another_way),
            "c": self.console_app.jobs.running,
            "a": guide.may_force,
            "f": guide.finished,
        }
        words = dict(ConsoleScreen.keys(self)) | {"Enter": guide.next_words()}
        own = [key for key in _KEYS[guide.page] if there.get(key, True)]
        return [(key, words[key]) for key in (*own, "x", "!", "?", "q")]

    # -- what comes ----------------------------------------------------------------------------

    def status_changed(self, status: Status) -> None:
        self._guide.switch = status.image_switch or self._guide.switch
        self._draw()

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name in (FREEZE_PLAN, FREEZE):
            self._planning.ended(name, result, error)
        elif name in NAMES:
            self._guide.ended(name, result, error)

    def job_changed(self) -> None:
        self._guide.job_changed()

    def job_ended(self, job: JobModel, *, begun: bool) -> None:
        self._guide.job_ended(job, begun=begun)

    # -- what the keys do ----------------------------------------------------------------------

    def action_go_on(self) -> None:
        if self._guide.go_on():
            self.action_back()

    def action_turn_back(self) -> None:
        self._guide.turn_back()

    def action_offer(self) -> None:
        self._guide.take_offer()

    def action_another_way(self) -> None:
        self._guide.go_another_way()

    def action_cancel(self) -> None:
        self._guide.cancel()

    def action_all_the_same(self) -> None:
        self._guide.force()

    def action_freeze(self) -> None:
        if self._guide.finished:
            self._planning.plan_freeze()

    def action_logs(self) -> None:
        app = next((program for program in self.console_app.programs if program.name == "app"), None)
        self.console_app.open_logs(app.log_file if app is not None else None)

    def action_scroll(self, by: int) -> None:
        self.query_one("#sheet", VerticalScroll).scroll_relative(y=by, animate=False)

    # -- showing -------------------------------------------------------------------------------

    def _draw(self, other: bool = False) -> None:
        guide, width = self._guide, self.size.width
        at_work = guide.page == REBUILD
        sheet, view = self.query_one("#sheet", VerticalScroll), self.query_one(JobView)
        self.query_one("#title", Line).show(path_content(guide.page, width))
        sheet.display, view.display = not at_work, at_work
        if other:
            sheet.scroll_home(animate=False)
        if at_work:
            view.show(self.console_app.jobs.model)
            view.tell(guide.told or Content(""))
            self.query_one("#said", Line).show("")
        else:
            self.query_one("#page", Line).show(self._content(width))
            busy = Content.styled(f" {guide.busy}", QUIET) if guide.busy else None
            said = [part for part in (guide.told, busy) if part is not None]
            self.query_one("#said", Line).show(Content("\n").join(said))
        self.query_one(KeyBar).show_keys(self.keys())

    def _content(self, width: int) -> Content:
        app, guide = self.console_app, self._guide
        if guide.page == WHAT:
            return what_content(guide.switch, guide.findings, app.status, app.container, width)
        if guide.page == REQUIREMENTS and guide.rescue is not None:
            return requirements_content(guide.rescue, width)
        if guide.page == VERSIONS and guide.plan is not None:
            lines = plan_content(guide.plan, width - 2).split()
            return Content("\n") + Content("\n").join(Content(" ") + line for line in lines)
        if guide.page == SITE and guide.job is not None:
            done = guide.done.commands if guide.done is not None and guide.finished else ()
            ways = ways_on(guide.job, guide.switch, guide.findings, app.container)
            return site_content(guide.job, app.status, ways, done, width)
        return Content("")

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        from ...shell_commands import console_command, rebuild_commands

        container, plan = self.console_app.container, self._guide.done or self._guide.plan
        title = _("The rebuild, as it was planned") if plan is not None else _("The rebuild, as the guide has it")
        commands = plan.commands if plan is not None else rebuild_commands(container)
        console = [console_command(container, "venv", word) for word in ("freeze", "plan", "rebuild", "attach")]
        return ((title, commands), (_("The same without the screens"), console))
