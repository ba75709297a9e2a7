"""Events as they come: a bar that is drawn over on a terminal, lines elsewhere."""

from __future__ import annotations

from ..events import Event, Output, Progress
from ..logs.clean import terminal_safe
from ..units import decimal
from ..wording import count_words, progress_words
from .printing import Printer

BAR_CELLS = 24


class ProgressLines:
    """An ``on_event`` that prints to stderr. With ``--json`` it is silent, unless ``stream`` is set: then each
    event is one JSON line on stdout.
    """

    def __init__(self, printer: Printer, *, stream: bool = False) -> None:
        self._printer = printer
        self._stream = stream
        self._bar = printer.err.isatty()
        self._drawn = False

    def __call__(self, event: Event) -> None:
        if self._printer.json:
            if self._stream:
                self._printer.json_line(event)
        elif isinstance(event, Progress):
            self._draw(event)
        elif not isinstance(event, Output):
            line = progress_words(event)
            if line is not None:
                self.clear()
                print(terminal_safe(line), file=self._printer.err, flush=True)

    def _draw(self, event: Progress) -> None:
        if not self._bar:
            return
        full = int(event.fraction * BAR_CELLS)
        share = decimal(event.fraction * 100, 0)
        bar = f"{'█' * full}{'░' * (BAR_CELLS - full)} {share:>3} %  {count_words(event)}"
        self._printer.err.write(f"\r\x1b[K{bar}")
        self._printer.err.flush()
        self._drawn = True

    def clear(self) -> None:
        """Take the bar off its line, so that something else can be printed."""
        if self._drawn:
            self._printer.err.write("\r\x1b[K")
            self._printer.err.flush()
            self._drawn = False
