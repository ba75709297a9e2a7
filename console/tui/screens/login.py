"""The console at an SSH login: how it stands, and on, off, or two lines only."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from ...errors import ConsoleError
from ...login.results import Login, LoginChange, LoginPlan
from ...logs.clean import terminal_safe
from ...shell_commands import console_command
from ...text import N_, _
from ...wording import login_words
from ..appearance import ATTENTION, QUIET, STRONG, mark, style_sheet
from ..presentation import diff_content, error_lines, hanging
from ..widgets.line import Line
from .base import ConsoleScreen

LOOK, PLAN, CHANGE = "login-look", "login-plan", "login-change"


class LoginScreen(ConsoleScreen):
    """State and what keeps the console from coming; the diff of .bashrc is shown before it is changed."""

    CSS_PATH = style_sheet("login")
    BINDINGS = [
        Binding(
            "space,t",
            "turn",
            N_("On/Off"),
            id="toggle",
            tooltip=N_("Turn it on or off; the diff comes first"),
        ),
        Binding(
            "n",
            "notice",
            N_("Two lines"),
            id="notice",
            tooltip=N_("At login two lines about the site in place of the screens"),
        ),
    ]
    title_text = N_("At login")
    about = N_(
        "The console can open by itself at an SSH login; leaving it gives the shell. It never comes for scp, rsync or "
        "a command given to ssh, and when it fails the shell is there at once. CONSOLE_SKIP=1 leaves it out once."
    )

    def __init__(self) -> None:
        super().__init__()
        self._login: Login | None = None
        self._plan: LoginPlan | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="title")
        with VerticalScroll(id="sheet", can_focus=False):
            yield Line(id="state")
        yield Line(id="told")
        yield self.make_key_bar()

    def on_mount(self) -> None:
        from ...login.look import read_login

        container = self.console_app.container
        self.query_one("#title", Line).show(Content.styled(f" {_('At login')}", STRONG))
        self.console_app.look_up(LOOK, lambda on_event, cancel: read_login(container))

    def on_resize(self) -> None:
        self._draw()

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name not in (LOOK, PLAN, CHANGE):
            return
        if error is not None:
            self._tell(Content("\n") + error_lines(error, self.size.width))
        elif isinstance(result, Login):
            self._login = result
            self._draw()
        elif isinstance(result, LoginPlan):
            self._ask(result)
        elif isinstance(result, LoginChange):
            self._login = result.login
            self._draw()
            self._tell_change(result)

    # -- what the keys do ----------------------------------------------------------------------

    def action_turn(self) -> None:
        if self._login is not None:
            self._make_plan("off" if self._login.state == "on" else "on", notice=self._login.shows == "notice")

    def action_notice(self) -> None:
        """Two lines, or the screens again."""
        if self._login is not None:
            self._make_plan("on", notice=not (self._login.state == "on" and self._login.shows == "notice"))

    def _make_plan(self, wanted: str, *, notice: bool) -> None:
        from ...login.change import plan_login

        container, edited = self.console_app.container, self._login is not None and self._login.state == "edited"
        self._tell(Content(""))
        self.console_app.look_up(
            PLAN, lambda on_event, cancel: plan_login(container, wanted, notice=notice, discard_edits=edited)
        )

    def _ask(self, plan: LoginPlan) -> None:
        from ...login.change import apply_login

        app, container = self.console_app, self.console_app.container
        self._plan = plan
        if not plan.changes:
            self._tell(Content("\n") + hanging(mark(None), _("Nothing to change."), self.size.width))
            return

        def change() -> None:
            app.begin(CHANGE, lambda on_event, cancel: apply_login(container, plan))

        if plan.wanted == "off":
            title, agree = _("No console at login any more?"), _("Off")
        elif plan.shows == "notice":
            title, agree = _("Two lines about the site at login?"), _("On")
        else:
            title, agree = _("The console at login?"), _("On")
        app.ask(title, diff_content(plan.diff), agree, plan.commands, change)

    # -- showing -------------------------------------------------------------------------------

    def _tell(self, content: Content) -> None:
        self.query_one("#told", Line).show(content)

    def _tell_change(self, change: LoginChange) -> None:
        if change.backup is not None:
            said = _("The file as it was: {path}").format(path=terminal_safe(str(change.backup)))
            self._tell(Content("\n") + hanging(mark(True), Content.styled(said, QUIET), self.size.width))

    def _draw(self) -> None:
        login, width = self._login, self.size.width
        if login is None:
            return
        good = {"on": not login.problems, "off": None}.get(login.state, False)
        said = Content.styled(terminal_safe(login_words(login)), STRONG)
        lines = [Content(""), hanging(mark(good), said, width)]
        if login.line is not None:
            place = terminal_safe(f"{login.file}:{login.line}")
            lines.append(hanging((" ", ""), Content.styled(place, QUIET), width))
        if login.block is not None:
            lines += [Content("   │ " + terminal_safe(line)) for line in login.block.splitlines()]
        for problem in login.problems:
            text = "\n".join(terminal_safe(part) for part in (problem.title, problem.remedy) if part)
            lines.append(hanging(("!", ATTENTION), text, width))
        self.query_one("#state", Line).show(Content("\n").join(lines))

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        container, plan = self.console_app.container, self._plan
        planned = (
            ((_("Space  On/Off, as it was planned"), plan.commands),) if plan is not None and plan.commands else ()
        )
        words = (("status",), ("on",), ("on", "--notice"), ("off",))
        return (
            *planned,
            (_("The same without the screens"), [console_command(container, "login", *each) for each in words]),
        )
