"""Static files: what nginx serves from which folder, what is wrong with it, and the keys that change it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from ...results.static import StaticMapping, StaticServer
from ...text import N_, _
from ..appearance import QUIET
from ..static_presentation import repairs_of
from .static_mappings import StaticMappingsScreen


class StaticScreen(StaticMappingsScreen):
    """The keys: each one plans what it is for, and shows the plan first."""

    BINDINGS = [
        Binding(
            "space,t,enter",
            "turn",
            N_("On/Off"),
            id="toggle",
            tooltip=N_("Turn the chosen one on or off; the diff comes first"),
        ),
        Binding(
            "r,1",
            "repair(0)",
            N_("Repair"),
            id="repair",
            tooltip=N_("Repair its worst problem (2 to 9: the others); the diff first"),
        ),
        *(Binding(str(number), f"repair({number - 1})", show=False) for number in range(2, 10)),
        Binding("a", "add", N_("Add"), id="add", tooltip=N_("Serve a folder at another path of the site")),
        Binding(
            "f",
            "folder",
            N_("Folder"),
            id="folder",
            show=False,
            tooltip=N_("Have it serve another folder: the usual ones, or one to pick"),
        ),
        Binding(
            "e",
            "explain",
            N_("Explain"),
            id="explain",
            tooltip=N_("Which location takes a URL, which file it opens, what it answers"),
        ),
        Binding("u", "undo", N_("Undo"), id="undo", tooltip=N_("Take the last change back; the diff comes first")),
        Binding(
            "c",
            "cancel",
            N_("Cancel"),
            id="cancel",
            tooltip=N_("While Django is asked or its files are collected: leave it"),
        ),
        Binding(
            "c",
            "check",
            N_("Check"),
            id="check",
            show=False,
            tooltip=N_("Ask nginx whether it serves them, and whether it leaks"),
        ),
        Binding(
            "d",
            "django",
            N_("Django"),
            id="django",
            show=False,
            tooltip=N_("Compare a Django project's settings with nginx, collect its files"),
        ),
        Binding("left,pageup,h", "scroll(-5)", show=False),
        Binding("right,pagedown,l", "scroll(5)", show=False),
    ]
    title_text = N_("Static files")
    about = N_(
        "nginx serves a folder at a path of the site, many times quicker than the app could. Each change is shown "
        "first, tested by nginx, and proved by requests; one that fails is taken back."
    )

    # -- what the keys do ----------------------------------------------------------------------

    def _mapping(self) -> StaticMapping | None:
        """The chosen mapping; None where it is none that can be changed, and that is said."""
        row = self._row
        if isinstance(row, StaticMapping) and row.modifier not in ("~", "~*"):
            return row
        if row is not None:
            self.notify(_("The console leaves it alone."), severity="warning", markup=False)
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One key cancels what can be cancelled, and else checks."""
        return action != "cancel" or self._django.cancellable

    def action_back(self) -> None:
        """Not while something is at work: nobody would be told what came of it."""
        if self.at_work:
            self.notify(_("Something is at work still; wait until it ends."), severity="warning", markup=False)
        else:
            super().action_back()

    def action_turn(self) -> None:
        row = self._mapping()
        if row is not None:
            self._changes.turn(row, self._servers)

    def action_repair(self, number: int) -> None:
        row = self._row
        repairs = repairs_of(row) if row is not None else ()
        if row is not None and number < len(repairs):
            self._changes.repair(row, repairs[number])

    def action_add(self) -> None:
        servers = sorted(self._servers, key=lambda server: not server.ours)

        def chosen(number: int | None) -> None:
            if number is not None:
                self._add_to(servers[number])

        if len(servers) > 1:
            from .static_server import StaticServerScreen

            choices = [(server.label, f"{server.file}:{server.line}") for server in servers]
            self.app.push_screen(StaticServerScreen(choices, self.console_app.container.http_port), chosen)
        else:
            self._add_to(servers[0] if servers else None)

    def _add_to(self, server: StaticServer | None) -> None:
        from .static_folder import StaticFolderScreen

        def add(location: str, folder: str) -> None:
            self._changes.add(location, folder, server)

        taken = [row.location for row in self._rows if isinstance(row, StaticMapping) and row.state != "absent"]
        self.app.push_screen(StaticFolderScreen(add, taken=taken))

    def action_folder(self) -> None:
        from .static_folder import StaticFolderScreen

        row, servers = self._mapping(), self._servers
        if row is None:
            return

        def change(_location: str, folder: str) -> None:
            self._changes.change_folder(row, servers, folder)

        self.app.push_screen(StaticFolderScreen(change, location=row.location, folder=row.folder))

    def action_explain(self) -> None:
        from .static_explaining import StaticExplainingScreen

        row = self._row
        usual = row.location if isinstance(row, StaticMapping) and row.modifier not in ("~", "~*") else "/"
        self.app.push_screen(StaticExplainingScreen(usual))

    def action_undo(self) -> None:
        self._changes.undo()

    def action_django(self) -> None:
        self._django.ask()
        self._show_keys()

    def action_cancel(self) -> None:
        self._django.cancel()
        self._show_keys()

    def action_check(self) -> None:
        self._tell(Content.styled(" " + _("asking nginx …"), QUIET))
        self.look()

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def shell_commands(self) -> Sequence[tuple[str, Sequence[str]]]:
        from ...shell_commands import console_command

        container, planned = self.console_app.container, self._changes.commands
        words = (("list",), ("on",), ("off",), ("check", "--django"), ("undo",), ("explain", "/static/"), ("collect",))
        return (
            *(((_("As it was planned last"), planned),) if planned else ()),
            (_("c  Check"), ("nginx -T", f"curl -I http://127.0.0.1:{container.http_port}/static/")),
            (_("The same without the screens"), [console_command(container, "static", *each) for each in words]),
        )
