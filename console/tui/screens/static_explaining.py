"""A URL explained: which location takes it and why, which file nginx opens, and what it really answers."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input

from ...errors import ConsoleError
from ...logs.clean import terminal_safe
from ...results.static import StaticExplanation
from ...shell_commands import console_command
from ...text import N_, _
from ..appearance import QUIET, STRONG, style_sheet
from ..presentation import error_lines
from ..static_explanation import explanation_content
from ..widgets.key_bar import KeyBar
from ..widgets.line import Line
from .base import ConsoleScreen

EXPLAIN = "static-explain"


class StaticExplainingScreen(ConsoleScreen):
    """A line to type or paste a path or a URL into; what comes of it below. ``usual`` stands there at first."""

    CSS_PATH = style_sheet("static_explaining")
    AUTO_FOCUS = "#url"
    BINDINGS = [
        Binding(
            "enter,e,slash",
            "again",
            N_("Another URL"),
            id="again",
            key_display="Enter",
            tooltip=N_("Type or paste a path or a URL, Enter explains it"),
        ),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup,h,left", "scroll(-10)", show=False),
        Binding("pagedown,space,l,right", "scroll(10)", show=False),
        Binding("home,g", "scroll(-100000)", show=False),
        Binding("end,G", "scroll(100000)", show=False),
    ]
    title_text = N_("Explain a URL")
    about = N_("Which location takes a request and why, which file nginx opens for it, and what it really answers.")

    def __init__(self, usual: str) -> None:
        super().__init__()
        self._usual = usual
        self._asked = ""
        self._found: StaticExplanation | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="title")
        yield Input(id="url", compact=True, placeholder=_("a path or a URL of the site"))
        with VerticalScroll(id="sheet", can_focus=False):
            yield Line(id="told")
        yield KeyBar(())

    def on_mount(self) -> None:
        box = self.query_one("#url", Input)
        box.cursor_blink = False
        box.select_on_focus = False
        box.value = self._usual
        self.query_one("#title", Line).show(Content.styled(f" {_('Explain a URL')}", STRONG))
        self._tell(Content.styled(" " + _("Type or paste a path or a URL of the site; Enter explains it."), QUIET))

    def keys(self) -> Sequence[tuple[str, str]]:
        """While something is typed, letters are text."""
        if self.query_one("#url", Input).has_focus:
            return (("Enter", _("Explain it")), ("Esc", _("Back")))
        return super().keys()

    def on_descendant_focus(self) -> None:
        self.query_one(KeyBar).show_keys(self.keys())

    def on_descendant_blur(self) -> None:
        self.query_one(KeyBar).show_keys(self.keys())

    def on_input_changed(self, event: Input.Changed) -> None:
        safe = terminal_safe(event.value)
        if safe != event.value:  # it would go to the terminal as it is
            event.input.value = safe

    def on_input_submitted(self, event: Input.Submitted) -> None:
        from ...static_files.explain import explain

        asked, container = event.value.strip(), self.console_app.container
        if not asked:
            return
        self._asked = asked
        self.set_focus(None)
        self._tell(Content.styled(" " + _("asking nginx …"), QUIET))
        self.console_app.look_up(EXPLAIN, lambda on_event, cancel: explain(container, asked))

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name != EXPLAIN:
            return
        if error is not None:
            self._tell(error_lines(error, self.size.width))
        elif isinstance(result, StaticExplanation) and result.asked == self._asked:
            self._found = result
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def action_again(self) -> None:
        self.set_focus(self.query_one("#url", Input))

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def action_back(self) -> None:
        if self.query_one("#url", Input).has_focus and self._found is not None:
            self.set_focus(None)
        else:
            super().action_back()

    def _draw(self) -> None:
        if self._found is not None:
            self._tell(explanation_content(self._found, self.size.width))

    def _tell(self, content: Content) -> None:
        self.query_one("#told", Line).show(Content("\n") + content)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        container, path = self.console_app.container, self._asked or self._usual
        url = path if "://" in path else f"http://127.0.0.1:{container.http_port}/{path.lstrip('/')}"
        return (
            (
                _("What this screen shows"),
                ("nginx -T", shlex.join(["curl", "-sS", "-o", "/dev/null", "-D", "-", "--path-as-is", url])),
            ),
            (_("The same without the screens"), [console_command(container, "static", "explain", path)]),
        )
