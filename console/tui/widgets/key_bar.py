"""The keys of a screen, in one line at its foot."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from ..appearance import KEY
from .line import Line


class KeyBar(Line):
    """``r Restart  l Logs  ? Help``; what does not fit is left out from the middle, help and quit stay."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; }
    """

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__(id="keys")
        self._keys = tuple(keys)

    def show_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show other keys: each a key's name and what it does."""
        self._keys = tuple(keys)
        self._lay_out()

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        keys = list(self._keys)
        while len(keys) > 2 and sum(len(key) + len(word) + 3 for key, word in keys) > self.size.width:
            del keys[-3]
        parts: list[tuple[str, str] | str] = []
        for key, word in keys:
            parts += [" ", (key, KEY), f" {word} "]
        self.show(Content.assemble(*parts))
