"""A piece of text that is only drawn again when it says something else."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget


class Line(Widget):
    """One or more lines of text; give it a height in the style sheet."""

    DEFAULT_CSS = """
    Line { height: 1; width: 1fr; }
    """

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._content = Content("")

    def show(self, content: Content | str) -> None:
        """Show ``content``; nothing is sent to the terminal when it is what stands there already."""
        new = Content(content) if isinstance(content, str) else content
        if new.is_same(self._content):
            return
        self._content = new
        self.refresh(layout=self.styles.auto_dimensions)

    @property
    def text(self) -> str:
        return self._content.plain

    def render(self) -> Content:
        return self._content

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return super().get_content_height(container, viewport, width) if self._content.plain else 0
