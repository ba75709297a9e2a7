"""From a key to the job: the plan, what it offers to change first, the way back, and requirements.txt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from ..container import Container
from ..errors import ConsoleError
from ..logs.clean import terminal_safe
from ..results import Freeze, RebuildPlan, Rescue, RollbackPlan, Venv
from ..shell_commands import console_command
from ..text import _
from ..units import size
from ..wording import strategy_words
from .appearance import ATTENTION, QUIET, mark
from .presentation import Parts, diff_content, error_lines, hanging, sheet_width
from .venv_presentation import plan_content

if TYPE_CHECKING:
    from .app import ConsoleApp

PLAN, OFFER, ROLLBACK_PLAN = "venv-plan", "offer", "rollback-plan"
USE_PLAN = "use-plan"  # another interpreter together with the virtualenv
FREEZE_PLAN, FREEZE = "freeze-plan", "freeze"
RESCUE_PLAN, RESCUE = "rescue-plan", "rescue"  # a freeze that a rebuild waits for
WRITES = (OFFER, FREEZE, RESCUE)
NAMES = (PLAN, USE_PLAN, OFFER, ROLLBACK_PLAN, FREEZE_PLAN, FREEZE, RESCUE_PLAN, RESCUE)
Written = list["tuple[Path, Path | None]"]  # the files that were written, each with its backup


class Planning:
    """Asks what a job would do, shows that, and begins the job on a yes. ``tell`` shows a line below the steps.

    ``plan`` and ``rollback`` are the last plans, None before the first.
    """

    def __init__(self, app: ConsoleApp, tell: Callable[[Content], None]) -> None:
        self.plan: RebuildPlan | None = None
        self.rollback: RollbackPlan | None = None
        self._app = app
        self._tell = tell
        self._strategy = "auto"
        self._version = ""  # of the interpreter that is to be chosen, empty where that stays
        self._written: object | None = None  # for the plan that comes, as ``_written_content`` takes it
        self._busy = False

    # -- what the keys do ----------------------------------------------------------------------

    def plan_use(self, version: str, strategy: str = "auto") -> None:
        """As ``plan_rebuild``, with Python ``version`` chosen together with it."""
        from ..venv.planning import plan_use_elsewhere

        if leaves_screens(self._app, "python", "use", version, *strategy_option(strategy)):
            return
        self._strategy, self._version = strategy, version
        self._look_up(
            USE_PLAN,
            lambda container: plan_use_elsewhere(container, version, strategy=strategy),
            _("resolving requirements.txt; nothing is changed …"),
        )

    def plan_rebuild(self, strategy: str = "auto") -> None:
        """Plan it by ``strategy``; the sheet comes when it is planned."""
        from ..venv.planning import plan_elsewhere

        if leaves_screens(self._app, "venv", "rebuild", *strategy_option(strategy)):
            return
        self._strategy, self._version = strategy, ""
        self._look_up(
            PLAN,
            lambda container: plan_elsewhere(container, strategy=strategy),
            _("resolving requirements.txt; nothing is changed …"),
        )

    def plan_rollback(self) -> None:
        from ..venv.rollback import plan_rollback

        self._look_up(ROLLBACK_PLAN, plan_rollback, _("looking at the virtualenv before …"))

    def plan_freeze(self, name: str = FREEZE_PLAN) -> None:
        self._look_up(name, _freeze_or_rescue, _("reading what is installed; nothing is changed …"))

    def _look_up(self, name: str, work: Callable[[Container], object], words: str) -> None:
        if self._busy:
            return
        self._busy = True
        container = self._app.container
        self._tell(Content.styled("\n " + words, QUIET))
        self._app.look_up(name, lambda on_event, cancel: work(container))

    # -- what comes ----------------------------------------------------------------------------

    def ended(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        """One of NAMES has ended."""
        if name not in WRITES:
            self._busy = False
        self._tell(Content(""))
        if error is not None:
            self._written = None
            self._tell(Content("\n") + error_lines(error, self._app.size.width))
        elif name in WRITES:
            self._wrote(name, result)
        elif isinstance(result, RebuildPlan):
            self._show_plan(result)
        elif name == USE_PLAN:
            said = _("Python {version} is chosen already, and the virtualenv is made for it.")
            self._tell(Content("\n") + hanging(mark(True), said.format(version=self._version), self._app.size.width))
        elif isinstance(result, RollbackPlan):
            self._show_rollback(result)
        elif isinstance(result, Freeze | Rescue):
            self._show_freeze(result, RESCUE if name == RESCUE_PLAN else FREEZE)

    def _wrote(self, name: str, result: object | None) -> None:
        self._tell(Content("\n") + _written_content(result, self._app.size.width))
        if name != FREEZE:  # a rebuild waits for it
            self._plan_again(self._strategy)
            self._written = result

    def _show_plan(self, plan: RebuildPlan) -> None:
        from .screens.plan import OFFER as CHANGE
        from .screens.plan import WAY, Choice

        app, self.plan = self._app, plan
        written, self._written = self._written, None
        if self._lacks_requirements(plan):
            app.ask(
                _("There is no requirements.txt."),
                _("It can be written from what is installed; what it would say comes first."),
                _("Go on"),
                (),
                lambda: self.plan_freeze(RESCUE_PLAN),
            )
            return
        width = sheet_width(app.size.width)
        parts = [plan_content(plan, width)]
        if written is not None:
            parts.insert(0, _written_content(written, width))
        agree, then = (_("Rebuild"), lambda: self._begin(plan)) if plan.ok else ("", lambda: None)
        title = _("Rebuild the virtualenv?") if plan.ok else _("The virtualenv cannot be rebuilt like this.")
        if plan.ok and self._version:
            said = _("Choose Python {version}, and rebuild the virtualenv with it?")
            title = said.format(version=plan.to_python or self._version)
        if plan.offers and not plan.ok:
            agree, then = _("Change the file"), lambda: self._apply_offers(plan)
        choices = []
        if plan.offers and plan.ok:
            choices.append(Choice(CHANGE, _("Change the file"), lambda: self._apply_offers(plan)))
        another = next_strategy(plan, app.status.venv if app.status is not None else None)
        if another:
            label = _("Another way: {way}").format(way=strategy_words(another))
            choices.append(Choice(WAY, label, lambda: self._plan_again(another)))
        app.ask(
            title,
            Content("\n").join(parts),
            agree,
            plan.commands if plan.ok else (),
            then,
            choices,
        )

    def _plan_again(self, strategy: str) -> None:
        if self._version:
            self.plan_use(self._version, strategy)
        else:
            self.plan_rebuild(strategy)

    def _lacks_requirements(self, plan: RebuildPlan) -> bool:
        status = self._app.status
        packages = status.venv.packages if status is not None else 0
        return not plan.ok and plan.requirements is None and plan.strategy != "repair" and packages > 0

    def _begin(self, plan: RebuildPlan) -> None:
        self._app.jobs.begin_rebuild(plan)
        self._app.show_job()

    def _apply_offers(self, plan: RebuildPlan) -> None:
        from ..venv.offers import apply_offer

        container = self._app.container
        self._app.begin(
            OFFER, lambda on_event, cancel: [(offer.path, apply_offer(container, offer)) for offer in plan.offers]
        )

    def _show_rollback(self, plan: RollbackPlan) -> None:
        app, self.rollback = self._app, plan

        def begin() -> None:
            app.jobs.begin_rollback()
            app.show_job()

        lines = [plan.title, *([plan.note] if plan.note else [])]
        if plan.programs:
            lines.append(_("Stopped and started: {names}").format(names=", ".join(plan.programs)))
        title = _("Go back to the virtualenv before?")
        app.ask(title, "\n".join(map(terminal_safe, lines)), _("Roll back"), plan.commands, begin)

    def _show_freeze(self, plan: Freeze | Rescue, name: str) -> None:
        app, container = self._app, self._app.container
        if not plan.diff:
            self._tell(Content("\n ○ " + _("requirements.txt says what is installed already.")))
            return
        unknown = plan.unknown if isinstance(plan, Rescue) else ()
        width = sheet_width(app.size.width)
        warnings = [hanging(("!", ATTENTION), terminal_safe(sentence), width) for sentence in unknown]
        app.ask(
            _("Write requirements.txt?"),
            Content("\n").join([*warnings, diff_content(plan.diff)]),
            _("Write"),
            (f"{container.venv}/bin/python -m pip freeze > {container.requirements}",),
            lambda: app.begin(name, lambda on_event, cancel: _apply(container, plan)),
        )


def leaves_screens(app: ConsoleApp, *words: str) -> bool:
    """Whether memory is too short for a job beside the screens; then it is offered to do it without them, as
    ``console WORDS``.
    """
    from ..venv.memory_room import room_for_job

    short = room_for_job()
    if short is None:
        return False
    needed, left = short
    app.ask(
        _("There is no memory for the screens and a rebuild at once."),
        _(
            "A rebuild takes about {needed}, and the container's limit leaves {left}. Without the screens there is"
            " more: the plan and its question come line by line, and the screens come back afterwards."
        ).format(needed=size(needed), left=size(left)),
        _("Go on without the screens"),
        (console_command(app.container, *words),),
        lambda: app.leave_for(words),
    )
    return True


def strategy_option(strategy: str) -> tuple[str, ...]:
    """The option of the command line that asks for ``strategy``."""
    return () if strategy == "auto" else ("--strategy", strategy)


def next_strategy(plan: RebuildPlan, venv: Venv | None) -> str:
    """The strategy that comes after the plan's in turn, empty where there is no other."""
    ways = sensible_strategies(plan, venv)
    if plan.strategy not in ways:
        return ways[0]
    return ways[(ways.index(plan.strategy) + 1) % len(ways)] if len(ways) > 1 else ""


def sensible_strategies(plan: RebuildPlan, venv: Venv | None) -> list[str]:
    """The ways that can come into question, in the order in which they are gone through."""
    ways = ["beside"]
    there = venv is not None and venv.state not in ("missing", "foreign")
    if there:
        ways.append("in-place")
    if there and plan.from_python and plan.to_python and _minor(plan.from_python) == _minor(plan.to_python):
        ways.insert(0, "repair")
    return ways


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _freeze_or_rescue(container: Container) -> Freeze | Rescue:
    from ..venv.freeze import plan_freeze
    from ..venv.rescue import plan_rescue

    return plan_freeze(container) if container.requirements.exists() else plan_rescue(container)


def _apply(container: Container, plan: Freeze | Rescue) -> Written:
    from ..venv.freeze import apply_freeze
    from ..venv.rescue import apply_rescue

    if isinstance(plan, Freeze):
        return [(plan.path, apply_freeze(container, plan))]
    apply_rescue(container, plan)
    return [(plan.path, None)]


def _written_content(result: object | None, width: int) -> Content:
    """The files that were written, and where they stand as they were."""
    lines = []
    for path, backup in result if isinstance(result, list) else []:
        parts: Parts = [_("Written: {path}").format(path=terminal_safe(str(path)))]
        if backup is not None:
            told = _("The file as it was: {path}").format(path=terminal_safe(str(backup)))
            parts.append((f"\n{told}", QUIET))
        lines.append(hanging(mark(True), Content.assemble(*parts), width))
    return Content("\n").join(lines)
