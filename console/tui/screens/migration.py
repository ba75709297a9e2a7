"""The guide through a migration after the image was switched: what happened, what will change, do it, the site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from ...errors import ConsoleError
from ...results import ImageSwitch, Rebuild, RebuildPlan, Status
from ...text import N_, _
from ...venv.attaching import JobKilled
from ...venv.migration import Findings
from ..appearance import QUIET, style_sheet
from ..job import JobModel
from ..migration_presentation import path_content, requirements_content, site_content, ways_on, what_content
from ..planning import FREEZE, FREEZE_PLAN, Planning, sensible_strategies
from ..presentation import error_lines
from ..venv_presentation import killed_content, plan_content
from ..widgets.job_view import JobView
from ..widgets.key_bar import KeyBar
from ..widgets.line import Line
from .base import ConsoleScreen

LOOK, WRITE, PLAN, OFFER, CANCEL = (
    "migration-look",
    "migration-write",
    "migration-plan",
    "migration-offer",
    "migration-cancel",
)
_KEYS = {
    "what": ("Enter", "l"),
    "requirements": ("Enter", "b", "l"),
    "versions": ("Enter", "b", "o", "s", "l"),
    "rebuild": ("c", "l"),
    "site": ("Enter", "a", "f", "b", "l"),
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

    def __init__(self) -> None:
        super().__init__()
        self._page = "what"
        self._switch: ImageSwitch | None = None
        self._findings: Findings | None = None
        self._plan: RebuildPlan | None = None
        self._done: RebuildPlan | None = None  # what the job was begun with
        self._job: JobModel | None = None
        self._strategy = "auto"
        self._busy = ""  # what is waited for, in words
        self._told: Content | None = None  # stands below the page until another one comes

    def compose(self) -> ComposeResult:
        yield Line(id="title")
        with VerticalScroll(id="sheet", can_focus=False):
            yield Line(id="page")
        yield Line(id="said")
        yield JobView()
        yield self.make_key_bar()

    def on_mount(self) -> None:
        self._planning = Planning(self.console_app, self._tell)
        status, job = self.console_app.status, self.console_app.jobs.running_model()
        self._switch = status.image_switch if status is not None else None
        if job is not None:
            self._job, self._page = job, "rebuild"
        self._look()
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def keys(self) -> Sequence[tuple[str, str]]:
        """Those that do something on this page."""
        own = [key for key in _KEYS[self._page] if self._applies(key)]
        words = dict(ConsoleScreen.keys(self))
        if "Enter" in own:
            words["Enter"] = self._next_words()
        return [(key, words[key]) for key in (*own, "x", "!", "?", "q")]

    def _applies(self, key: str) -> bool:
        result = self._job.result if self._job is not None else None
        if key == "Enter":
            return bool(self._next_words())
        if key == "o":
            return self._plan is not None and bool(self._plan.offers)
        if key == "s":
            return self._another() != ""
        if key == "c":
            return self.console_app.jobs.running
        if key == "a":
            return isinstance(result, Rebuild) and result.app_failed and not result.venv.usable
        if key == "f":
            return isinstance(result, Rebuild) and result.ok
        if key == "b" and self._page == "site":
            return not (isinstance(result, Rebuild) and result.ok)
        return True

    def _next_words(self) -> str:
        """What Enter does now, empty where it does nothing."""
        if self._busy:
            return ""
        if self._page == "what":
            ready = self._switch is not None and self._findings is not None and self._findings.no_rescue is None
            return _("Go on") if ready else ""
        if self._page == "requirements":
            return _("Write it")
        if self._page == "versions":
            return _("Rebuild") if self._plan is not None and self._plan.ok else ""
        if self._page == "site":
            result = self._job.result if self._job is not None else None
            return _("Finish") if isinstance(result, Rebuild) and result.ok else _("Plan again")
        return ""

    # -- what comes ----------------------------------------------------------------------------

    def status_changed(self, status: Status) -> None:
        self._switch = status.image_switch or self._switch
        self._draw()

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name in (FREEZE_PLAN, FREEZE):
            self._planning.ended(name, result, error)
            return
        if name not in (LOOK, WRITE, PLAN, OFFER, CANCEL):
            return
        self._busy = ""
        if error is not None:
            self._tell(Content("\n") + error_lines(error, self.size.width))
        elif isinstance(result, Findings):
            self._findings = result
        elif isinstance(result, RebuildPlan):
            self._plan = result
        elif name == WRITE:
            self._look()
            self._open("versions")
        elif name == OFFER:
            self._make_plan()
        self._draw()

    def job_changed(self) -> None:
        job = self.console_app.jobs.running_model()
        if job is not None and job is not self._job:
            self._job = job
            self._open("rebuild")
        if self._page == "rebuild":
            self._draw()

    def job_ended(self, job: JobModel, *, begun: bool) -> None:
        if isinstance(job.error, JobKilled):
            self._tell(Content("\n") + killed_content(job.error, self.size.width))
        elif not begun:
            self._open("versions")
            if job.error is not None:
                self._tell(Content("\n") + error_lines(job.error, self.size.width))
        elif job.result is None and job.error is None:  # taken back
            self._open("versions")
            self._tell(Content.styled("\n " + _("Taken back. Nothing was changed."), QUIET))
        else:
            self._job = job
            self._look()
            self._open("site")

    # -- what the keys do ----------------------------------------------------------------------

    def action_go_on(self) -> None:
        if not self._next_words():
            return
        if self._page == "what":
            self._open("versions" if self._rescue() is None else "requirements")
        elif self._page == "requirements":
            self._write()
        elif self._page == "versions":
            self._ask()
        elif self._page == "site" and self._next_words() == _("Finish"):
            self.action_back()
        else:
            self._open("versions")

    def action_turn_back(self) -> None:
        before = {"requirements": "what", "versions": "what", "site": "versions"}.get(self._page)
        if before is not None and not self._busy and self._applies("b"):
            self._open(before)

    def action_scroll(self, by: int) -> None:
        self.query_one("#sheet", VerticalScroll).scroll_relative(y=by, animate=False)

    def action_logs(self) -> None:
        app = next((program for program in self.console_app.programs if program.name == "app"), None)
        self.console_app.open_logs(app.log_file if app is not None else None)

    def action_offer(self) -> None:
        plan = self._plan
        if self._page != "versions" or plan is None or not plan.offers or self._busy:
            return
        from ...venv.offers import apply_offer

        container = self.console_app.container

        def write() -> None:
            if self.console_app.begin(
                OFFER, lambda on_event, cancel: [(offer.path, apply_offer(container, offer)) for offer in plan.offers]
            ):
                self._wait(_("writing …"))

        body = Content("\n").join(plan_content(replace(plan, packages=(), problems=()), self.size.width).split())
        self.console_app.ask(_("Change requirements.txt?"), body, _("Change the file"), (), write)

    def action_another_way(self) -> None:
        if self._page == "versions" and self._another():
            self._strategy = self._another()
            self._make_plan()

    def action_cancel(self) -> None:
        if self._page != "rebuild":
            return
        try:
            work = self.console_app.jobs.cancel()
        except ConsoleError as error:
            self._tell(Content("\n") + error_lines(error, self.size.width))
            return
        self._tell(Content.styled("\n " + _("cancelling …"), QUIET))
        self.console_app.look_up(CANCEL, lambda on_event, cancel: work())

    def action_all_the_same(self) -> None:
        plan = self._done or self._plan
        if self._page != "site" or not self._applies("a") or plan is None:
            return
        forced = replace(plan, app_may_fail=True)
        self.console_app.ask(
            _("Put the new virtualenv in place all the same?"),
            _("It is built again and switched to; the app does not load with it, and stays down till it is mended."),
            _("All the same"),
            forced.commands,
            lambda: self._begin(forced),
        )

    def action_freeze(self) -> None:
        if self._page == "site" and self._applies("f"):
            self._planning.plan_freeze()

    # -- the way -------------------------------------------------------------------------------

    def _open(self, page: str) -> None:
        self._page, self._told = page, None
        if page == "versions":
            self._make_plan()
        self.query_one("#sheet", VerticalScroll).scroll_home(animate=False)
        self._draw()

    def _look(self) -> None:
        from ...venv.migration import look_into

        container = self.console_app.container
        self.console_app.look_up(LOOK, lambda on_event, cancel: look_into(container))

    def _rescue(self) -> object | None:
        return self._findings.rescue if self._findings is not None else None

    def _write(self) -> None:
        from ...venv.rescue import apply_rescue

        container, rescue = self.console_app.container, self._findings.rescue if self._findings is not None else None
        if rescue is not None and self.console_app.begin(
            WRITE, lambda on_event, cancel: apply_rescue(container, rescue)
        ):
            self._wait(_("writing …"))

    def _make_plan(self) -> None:
        from ...venv.planning import plan_elsewhere

        container, strategy = self.console_app.container, self._strategy
        self._plan = None
        self._wait(_("resolving requirements.txt; nothing is changed …"))
        self.console_app.look_up(PLAN, lambda on_event, cancel: plan_elsewhere(container, strategy=strategy))

    def _another(self) -> str:
        """The strategy that comes next in turn, empty where there is no other."""
        if self._plan is None or self._busy:
            return ""
        status = self.console_app.status
        ways = sensible_strategies(self._plan, status.venv if status is not None else None)
        if self._plan.strategy not in ways or len(ways) < 2:
            return "" if self._plan.strategy in ways else ways[0]
        return ways[(ways.index(self._plan.strategy) + 1) % len(ways)]

    def _ask(self) -> None:
        plan = self._plan
        if plan is None or not plan.ok:
            return
        runs = self._switch is not None and self._switch.runs
        body = (
            _("It is built beside the present one and proved; the app is down only while it restarts.")
            if runs
            else _("It is built beside the present one, proved, and the app is started from it.")
        )
        self.console_app.ask(_("Rebuild the virtualenv?"), body, _("Rebuild"), plan.commands, lambda: self._begin(plan))

    def _begin(self, plan: RebuildPlan) -> None:
        self._done = plan
        self.console_app.jobs.begin_rebuild(plan)
        self.console_app.show_job()

    # -- showing -------------------------------------------------------------------------------

    def _wait(self, words: str) -> None:
        self._busy = words
        self._draw()

    def _tell(self, content: Content) -> None:
        self._told = content if content.plain.strip() else None
        self._draw()

    def _draw(self) -> None:
        width = self.size.width
        at_work = self._page == "rebuild"
        self.query_one("#title", Line).show(path_content(self._page, width))
        self.query_one("#sheet").display = not at_work
        view = self.query_one(JobView)
        view.display = at_work
        if at_work:
            view.show(self.console_app.jobs.model)
            view.tell(self._told or Content(""))
            self.query_one("#said", Line).show("")
        else:
            self.query_one("#page", Line).show(self._content(width))
            busy = Content.styled(f" {self._busy}", QUIET) if self._busy else None
            said = [part for part in (self._told, busy) if part is not None]
            self.query_one("#said", Line).show(Content("\n").join(said))
        self.query_one(KeyBar).show_keys(self.keys())

    def _content(self, width: int) -> Content:
        app = self.console_app
        page = Content("")
        if self._page == "what":
            page = what_content(self._switch, self._findings, app.status, app.container, width)
        elif self._page == "requirements" and self._findings is not None and self._findings.rescue is not None:
            page = requirements_content(self._findings.rescue, width)
        elif self._page == "versions" and self._plan is not None:
            lines = plan_content(self._plan, width - 2).split()
            page = Content("\n") + Content("\n").join(Content(" ") + line for line in lines)
        elif self._page == "site" and self._job is not None:
            result = self._job.result
            done = self._done.commands if self._done is not None and isinstance(result, Rebuild) and result.ok else ()
            ways = ways_on(self._job, self._switch, self._findings, app.container)
            page = site_content(self._job, app.status, ways, done, width)
        return page

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        from ...shell_commands import console_command, rebuild_commands

        container, plan = self.console_app.container, self._done or self._plan
        title = _("The rebuild, as it was planned") if plan is not None else _("The rebuild, as the guide has it")
        commands = plan.commands if plan is not None else rebuild_commands(container)
        console = [console_command(container, "venv", word) for word in ("freeze", "plan", "rebuild", "attach")]
        return ((title, commands), (_("The same without the screens"), console))
