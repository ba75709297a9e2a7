"""Which folder is to be served: the usual ones by a key, or one to pick."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from ...errors import ConsoleError
from ...logs.clean import terminal_safe
from ...results.static import StaticPreset
from ...shell_commands import console_command
from ...text import N_, _, ngettext
from ..appearance import KEY, QUIET, STRONG, style_sheet
from ..folder_reading import Folders, read_folders
from ..presentation import Parts, error_lines
from ..static_presentation import folder_words
from ..widgets.key_bar import KeyBar
from ..widgets.line import Line
from ..widgets.rows import STYLES, Row, Rows, fitted
from .base import ConsoleScreen

READ, PRESETS = "static-folders", "static-presets"
USUAL = ("/static/", "/media/")


class StaticFolderScreen(ConsoleScreen):
    """Calls ``then`` with a location and the chosen folder when one is chosen; what it means is planned there.

    ``location`` and ``folder`` are those of the mapping that is to serve another folder. Without a location it is
    asked for too, and the first usual one that is not in ``taken`` offered.
    """

    CSS_PATH = style_sheet("static_folder")
    AUTO_FOCUS = "#folders"
    BINDINGS = [
        Binding(
            "enter",
            "open",
            N_("Open"),
            id="open",
            key_display="Enter",
            tooltip=N_("Look into it; on the first line: serve the folder that is open"),
        ),
        Binding("space", "serve", N_("Serve it"), id="serve", tooltip=N_("Have nginx serve it; the diff comes first")),
        Binding("h,left,backspace", "up", N_("Up"), id="up", tooltip=N_("The folder that this one is in")),
        Binding("1", "preset(0)", N_("/srv/static/"), id="preset-srv", show=False),
        Binding("2", "preset(1)", N_("/srv/app/static/"), id="preset-app", show=False),
        Binding(
            "tab",
            "location",
            N_("Location"),
            id="location",
            tooltip=N_("Between the folders and the path that they are served at"),
            priority=True,
        ),
        Binding("right,l", "open", show=False),
        Binding("pageup", "page(-10)", show=False),
        Binding("pagedown", "page(10)", show=False),
    ]
    title_text = N_("Which folder?")
    about = N_(
        "Everything in a served folder can be read by everybody. A folder that holds code, settings, a database or "
        "keys is refused when the change is planned."
    )

    def __init__(
        self,
        then: Callable[[str, str], None],
        *,
        location: str = "",
        folder: str = "",
        taken: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._then = then
        self._location = location
        self._folder = Path(folder) if folder else None
        self._offered = next((usual for usual in USUAL if usual not in taken), "/")
        self._presets: tuple[StaticPreset, ...] = ()
        self._found: Folders | None = None
        self._wanted = Path("/")
        self._at: str | None = None  # the folder that the cursor shall stand on

    def compose(self) -> ComposeResult:
        yield Line(id="title")
        yield Line(id="location-title")
        yield Input(id="location", compact=True)
        yield Line(id="presets")
        yield Line(id="place")
        yield Rows("folders")
        yield Line(id="told")
        yield KeyBar(())

    def on_mount(self) -> None:
        container = self.console_app.container
        box = self.query_one("#location", Input)
        box.cursor_blink = False
        box.value = self._location or self._offered
        box.display = not self._location
        title = _("Another folder for {location}") if self._location else _("Serve a folder")
        said = title.format(location=terminal_safe(self._location))
        self.query_one("#title", Line).show(Content.styled(f" {said}", STRONG))
        if not self._location:
            self.query_one("#location-title", Line).show(_(" At which path of the site? (Tab)"))
        from ...static_files.mappings import presets

        self.console_app.look_up(PRESETS, lambda on_event, cancel: presets(container))
        start = self._folder.parent if self._folder is not None else container.srv
        self._at = self._folder.name if self._folder is not None else None
        self._read(start if start.is_dir() else container.srv)

    def keys(self) -> Sequence[tuple[str, str]]:
        """While the location is typed, letters are text."""
        if self.query_one("#location", Input).has_focus:
            return (("Enter", _("To the folders")), ("Esc", _("Back")))
        hidden = "Tab" if self._location else ""
        return [pair for pair in ConsoleScreen.keys(self) if pair[0] != hidden]

    def on_descendant_focus(self) -> None:
        self.query_one(KeyBar).show_keys(self.keys())

    def on_descendant_blur(self) -> None:
        self.query_one(KeyBar).show_keys(self.keys())

    def _read(self, path: Path) -> None:
        self._wanted = path
        self.console_app.look_up(READ, lambda on_event, cancel: read_folders(path))

    # -- what comes ----------------------------------------------------------------------------

    def operation_ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        if name not in (READ, PRESETS):
            return
        if error is not None:
            self._tell(error_lines(error, self.size.width))
            if self._found is not None:
                self._wanted = self._found.path
        elif name == PRESETS and isinstance(result, tuple):
            self._presets = result
            self._draw_presets()
        elif isinstance(result, Folders) and result.path == self._wanted:
            self._found = result
            self._tell(Content(""))
            self._draw(anew=True)
            self._at = None

    def on_input_changed(self, event: Input.Changed) -> None:
        safe = terminal_safe(event.value)
        if safe != event.value:  # it would go to the terminal as it is
            event.input.value = safe

    def on_input_submitted(self) -> None:
        self.query_one(Rows).focus()

    def on_resize(self) -> None:
        self._draw_presets()
        self._draw(anew=False)

    # -- what the keys do ----------------------------------------------------------------------

    def action_open(self) -> None:
        name = self._chosen_name
        if self._found is None:
            return
        if name:
            self._read(self._found.path / name)
        else:
            self._serve(self._found.path)

    def action_up(self) -> None:
        if self._found is not None and self._found.path != self.console_app.container.root:
            self._at = self._found.path.name
            self._read(self._found.path.parent)

    def action_serve(self) -> None:
        if self._found is not None:
            self._serve(self._found.path / self._chosen_name)

    def action_preset(self, number: int) -> None:
        if number < len(self._presets):
            self._serve(Path(self._presets[number].alias))

    def action_location(self) -> None:
        box = self.query_one("#location", Input)
        if not self._location:
            self.set_focus(self.query_one(Rows) if box.has_focus else box)

    def action_page(self, by: int) -> None:
        self.query_one(Rows).move(by)

    def action_back(self) -> None:
        if self.query_one("#location", Input).has_focus:
            self.query_one(Rows).focus()
        else:
            super().action_back()

    def _serve(self, folder: Path) -> None:
        location = self._location or self.query_one("#location", Input).value.strip()
        self.app.pop_screen()
        self._then(location, f"{folder}/")

    @property
    def _chosen_name(self) -> str:
        """The name of the folder under the cursor, empty for the one that is open."""
        number = self.query_one(Rows).cursor
        return self._found.names[number - 1] if self._found is not None and number else ""

    # -- showing -------------------------------------------------------------------------------

    def _tell(self, content: Content) -> None:
        self.query_one("#told", Line).show(content)

    def _draw_presets(self) -> None:
        lines = []
        for number, preset in enumerate(self._presets, 1):
            held = folder_words(preset.files, preset.bytes) or _("not there")
            parts: Parts = [" ", (str(number), KEY), f" {terminal_safe(preset.alias)}", (f"  {held}", QUIET)]
            lines.append(Content.assemble(*parts))
        self.query_one("#presets", Line).show(Content("\n").join(lines))

    def _draw(self, *, anew: bool) -> None:
        found, width = self._found, self.size.width
        if found is None:
            return
        name = fitted(terminal_safe(str(found.path)), min(width - 6, len(str(found.path))), end=True)
        rule = f"── {name} "
        self.query_one("#place", Line).show(Content.styled(rule + "─" * max(0, width - len(rule)), QUIET))
        files = ngettext("{n} file beside the folders", "{n} files beside the folders", found.files)
        first = f"./  {_('this folder')}, {files.format(n=found.files)}"
        rows = [Row("", ((first, STYLES[""]),))]
        rows += [Row(f"/{name}", ((f"{terminal_safe(name)}/", STYLES[""]),)) for name in found.names]
        at = f"/{self._at}" if self._at is not None else None
        self.query_one(Rows).show_rows(rows, at=at, anew=anew)

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        container = self.console_app.container
        location = self._location or self.query_one("#location", Input).value.strip()
        words = ("static", "on", "--location", location)
        return (
            (_("What this screen shows"), (shlex.join(["ls", "-lA", str(self._wanted)]),)),
            (
                _("The same without the screens"),
                [
                    console_command(container, *words, "--preset", "srv"),
                    console_command(container, *words, "--preset", "app"),
                    console_command(container, *words, "--alias", f"{self._wanted}/"),
                ],
            ),
        )
