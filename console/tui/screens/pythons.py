"""The image's interpreters: which one is chosen, which one the virtualenv has, and the way to another."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from ...errors import ConsoleError
from ...logs.clean import terminal_safe
from ...results import OfferedPython, PythonList, Status
from ...shell_commands import console_command
from ...text import N_, _
from ...wording import interpreter_words, support_words
from ..appearance import BAD, KEY, QUIET, SELECTED, STRONG, style_sheet
from ..job import JobModel
from ..planning import NAMES, Planning
from ..presentation import error_lines, hanging
from ..widgets.line import Line
from .base import ConsoleScreen

LIST = "python-list"


class PythonsScreen(ConsoleScreen):
    """A row for each interpreter, with what is to be known of the selected one below."""

    CSS_PATH = style_sheet("pythons")
    BINDINGS = [
        Binding(
            "enter",
            "use",
            N_("Use it"),
            id="use",
            key_display="Enter",
            tooltip=N_("Rebuild the virtualenv with it while the app runs, and switch to both; the plan comes first"),
        ),
        Binding(
            "v", "app.open('venv')", N_("Venv"), id="venv", tooltip=N_("The virtualenv: rebuild it, go back, freeze")
        ),
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
    ]
    title_text = N_("Python")
    about = N_(
        "The interpreters of the image. Another one is chosen together with a virtualenv that is made for it: built "
        "and proved while the site runs on, switched to in the time of a restart, and undone together when the app "
        "does not come back."
    )

    def __init__(self) -> None:
        super().__init__()
        self._found: PythonList | None = None
        self._cursor = 0

    def compose(self) -> ComposeResult:
        yield Line(id="title")
        with VerticalScroll(id="sheet", can_focus=False):
            yield Line(id="list")
        yield Line(id="told")
        yield self.make_key_bar()

    def on_mount(self) -> None:
        self._planning = Planning(self.console_app, self._tell)
        self.query_one("#title", Line).show(Content.styled(f" {_('Python')}", STRONG))
        self._draw()
        self._look()

    def on_resize(self) -> None:
        self._draw()

    def _look(self) -> None:
        from ...pythons.listing import list_pythons

        container = self.console_app.container
        self.console_app.look_up(LIST, lambda on_event, cancel: list_pythons(container))

    # -- what comes ----------------------------------------------------------------------------

    def status_changed(self, status: Status) -> None:
        if self._found is not None and status.container.python != self._found.chosen:
            self._look()

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name == LIST:
            if isinstance(result, PythonList):
                self._found = result
                self._cursor = min(self._cursor, max(0, len(result.interpreters) - 1))
                self._draw()
            elif error is not None:
                self._tell(Content("\n") + error_lines(error, self.size.width))
        elif name in NAMES:
            self._planning.ended(name, result, error)

    def job_changed(self) -> None:
        """The job that this screen has begun is followed on the virtualenv's screen."""
        if self.is_current and self.console_app.jobs.running:
            self.app.pop_screen()
            self.console_app.action_open("venv")

    def job_ended(self, job: JobModel, *, begun: bool) -> None:
        self._look()
        if not begun and job.error is not None:
            self._tell(Content("\n") + error_lines(job.error, self.size.width))

    # -- what the keys do ----------------------------------------------------------------------

    @property
    def _selected(self) -> OfferedPython | None:
        rows = self._found.interpreters if self._found is not None else ()
        return rows[self._cursor] if rows else None

    def action_move(self, by: int) -> None:
        if self._found is not None:
            self._cursor = max(0, min(len(self._found.interpreters) - 1, self._cursor + by))
            self._tell(Content(""))
            self._draw()

    def action_use(self) -> None:
        selected = self._selected
        if selected is None:
            return
        if self.console_app.jobs.running:
            self.notify(_("Something is at work still; wait until it ends."), severity="warning", markup=False)
        elif selected.fault or selected.version is None:
            self._tell(Content("\n") + hanging(("✗", BAD), terminal_safe(selected.fault), self.size.width))
        else:
            self._planning.plan_use(selected.version)

    # -- showing -------------------------------------------------------------------------------

    def _tell(self, content: Content) -> None:
        self.query_one("#told", Line).show(content)

    def _draw(self) -> None:
        found, width = self._found, self.size.width
        if found is None:
            self.query_one("#list", Line).show(Content.styled("\n " + _("looking at the interpreters …"), QUIET))
            return
        lines = [Content("")]
        for number, each in enumerate(found.interpreters):
            lines.append(_row(each, width, selected=number == self._cursor))
            words = interpreter_words(each)
            if words:
                lines.append(Content.styled(f"     {words}", QUIET))
            if each.fault:
                lines.append(hanging((" ", ""), Content.styled(terminal_safe(each.fault), BAD), width))
        if found.problem:
            lines += [Content(""), hanging(("✗", BAD), terminal_safe(found.problem), width)]
        if found.interpreters:
            lines += [Content(""), hanging((" ", ""), _where(found), width)]
        self.query_one("#list", Line).show(Content("\n").join(lines))

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        container, plan, selected = self.console_app.container, self._planning.plan, self._selected
        version = selected.version if selected is not None and selected.version else "3.12"
        planned = ((_("Enter  Use it, as it was planned"), plan.commands),) if plan is not None else ()
        return (
            *planned,
            (
                _("The same without the screens"),
                [console_command(container, "python", "list"), console_command(container, "python", "use", version)],
            ),
        )


def _row(each: OfferedPython, width: int, *, selected: bool) -> Content:
    sign = "✗" if each.fault else "▸" if each.chosen else " "
    text = f" {sign} {each.version or '?':<9} {support_words(each):<28} {terminal_safe(str(each.path))}"
    text = text if len(text) <= width else f"{text[: width - 1]}…"
    return (
        Content.styled(text.ljust(width), SELECTED) if selected else Content.styled(text, STRONG if each.chosen else "")
    )


def _where(found: PythonList) -> Content:
    """Where another one is chosen."""
    if found.generation == "image":
        return Content(
            _("Python comes with the container's image: another one is chosen in the hosting's web administration.")
        )
    return Content.assemble((_("Enter"), KEY), " ", _("uses the selected one, with a virtualenv of its own."))
