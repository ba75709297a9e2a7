"""The line in which one types what to look for in a log, or where to go."""

from __future__ import annotations

from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input

from ...text import N_, _


class LogPrompt(Input):
    """One line for several questions; Enter answers, Ctrl+R makes it a regular expression and back."""

    BINDINGS = [Binding("ctrl+r", "regex", N_("Regular expression"), show=False)]

    class Answered(Message):
        """``text`` was typed to the question ``kind``; ``regex`` says how it is meant."""

        def __init__(self, kind: str, text: str, regex: bool) -> None:
            super().__init__()
            self.kind = kind
            self.text = text
            self.regex = regex

    class Asking(Message):
        """``about`` is what may be typed now."""

        def __init__(self, about: str) -> None:
            super().__init__()
            self.about = about

    def __init__(self) -> None:
        super().__init__(id="prompt", compact=True, select_on_focus=False)
        self.kind = ""
        self.regex = False
        self._about = ""
        self._takes_regex = False

    def ask(self, kind: str, about: str, value: str, *, takes_regex: bool = False) -> None:
        """Ask for ``kind``; ``about`` says what may be typed."""
        self.kind, self._about, self._takes_regex = kind, about, takes_regex
        self.value = value
        self.cursor_position = len(value)
        self.display = True
        self._show_about()
        # At once: focus() waits for a turn of the loop, and what is typed meanwhile is lost.
        self.screen.set_focus(self)

    def close(self) -> None:
        self.display = False
        self.kind = ""

    def action_regex(self) -> None:
        if self._takes_regex:
            self.regex = not self.regex
            self._show_about()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        kind = self.kind
        self.close()
        self.post_message(self.Answered(kind, event.value, self.regex and self._takes_regex))

    def _show_about(self) -> None:
        how = ""
        if self._takes_regex:
            how = _("regular expression; Ctrl+R: text") if self.regex else _("text; Ctrl+R: regular expression")
        self.post_message(self.Asking(f"{self._about} ({how})" if how else self._about))
