"""Mappings, plans and changes of the static files, as lines of a screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from textual.content import Content

from ..logs.clean import terminal_safe
from ..results import StaticProblem
from ..results.static import StaticChange, StaticFileProblem, StaticList, StaticMapping, StaticPlan
from ..text import _, ngettext
from ..units import seconds, size
from ..wording import static_words
from .appearance import ATTENTION, BAD, KEY, QUIET, STRONG, mark
from .job import JobModel
from .presentation import WIDE, Parts, diff_content, hanging
from .widgets.rows import STYLES, Cell, Row, fitted
from .widgets.steps import steps_content

Chosen = StaticMapping | StaticFileProblem
_LOCATION, _FOLDER, _WIDE_FOLDER = 14, 18, 34
_STATE = 9
_OUTPUT = 5  # lines of it shown at most
REPAIR_KEYS = "r23456789"  # of a row's repairs, in the order in which they are shown


def key_of(row: Chosen) -> tuple[str, ...]:
    """What stays when a row looks different: where it is, not how it stands."""
    if isinstance(row, StaticFileProblem):
        return (str(row.file), row.problem.code)
    return (row.server, str(row.file), row.modifier, row.location, str(row.line or ""))


def sign_of(row: Chosen) -> tuple[str, str]:
    """✓, ○, ! or ✗ with its style; the state's word always stands beside it."""
    if isinstance(row, StaticFileProblem):
        return ("✗", BAD) if row.problem.severity == "error" else ("!", ATTENTION)
    if row.state == "on":
        return ("!", ATTENTION) if row.problems else mark(True)
    return mark(None if row.state in ("off", "absent") else False)


def state_words(row: StaticMapping) -> str:
    """The state in a word."""
    words = {"on": _("on"), "off": _("off"), "absent": _("no block"), "broken": _("broken")}
    return words.get(row.state, row.state)


def location_words(row: StaticMapping) -> str:
    """The location with its modifier, as it stands in the file."""
    return terminal_safe(f"{row.modifier} {row.location}".strip())


def title_cells(width: int) -> tuple[Cell, ...]:
    """The names of the columns."""
    folder = _WIDE_FOLDER if width >= WIDE else _FOLDER
    text = (
        f"     {fitted(_('location'), _LOCATION)} {fitted(_('folder'), folder)} {_('files'):>5} {_('size'):>7}  "
        f"{fitted(_('state'), _STATE)} {_('problem')}"
    )
    return ((text, STYLES[QUIET]),)


def row_of(row: Chosen, width: int) -> Row:
    """A line of the table."""
    sign, style = sign_of(row)
    mark_cell: Cell = (sign, STYLES[style])
    folder = _WIDE_FOLDER if width >= WIDE else _FOLDER
    if isinstance(row, StaticFileProblem):
        place = fitted(terminal_safe(place_words(row)), _LOCATION + 1 + folder, end=True)
        rest = f" {place} {'':>5} {'':>7}  {fitted('–', _STATE)} {row.problem.code}"
        return Row(key_of(row), (mark_cell, (rest, STYLES[""])))
    files = "" if row.files is None else f"{row.files}{'' if row.counted else '+'}"
    worst = row.worst
    said = "" if worst is None else terminal_safe(worst.title) if width >= WIDE else worst.code
    more = f" +{len(row.problems) - 1}" if len(row.problems) > 1 else ""
    room = max(8, width - 6 - _LOCATION - folder - 18 - _STATE - len(more))
    text = (
        f" {fitted(location_words(row), _LOCATION)} {fitted(terminal_safe(row.folder or '?'), folder, end=True)}"
        f" {files:>5} {size(row.bytes):>7}  "
    )
    state = (fitted(state_words(row), _STATE), STYLES[style if style != QUIET else ""])
    rest = f" {fitted(said, room).rstrip()}{more}"
    return Row(key_of(row), (mark_cell, (text, STYLES[""]), state, (rest, STYLES[""])))


def place_words(row: Chosen) -> str:
    """``/srv/conf/nginx.d/python.conf:10``"""
    return f"{row.file}:{row.line}" if row.line else str(row.file)


def folder_words(files: int | None, held: int | None, *, counted: bool = True) -> str:
    """``12 files, 340 kB``; empty where the folder cannot be looked into."""
    if files is None:
        return ""
    said = ngettext("{n}{more} file, {size}", "{n}{more} files, {size}", files)
    return said.format(n=files, more="" if counted else "+", size=size(held or 0))


def repairs_of(row: Chosen) -> tuple[StaticProblem, ...]:
    """The problems of a row that the console can repair, in the order of REPAIR_KEYS."""
    problems = (row.problem,) if isinstance(row, StaticFileProblem) else row.problems
    return tuple(problem for problem in problems if problem.repair)[: len(REPAIR_KEYS)]


def chosen_content(row: Chosen, width: int, *, asked: bool) -> Content:
    """All that is to be known of the chosen row; ``asked``: nginx has been asked too."""
    if isinstance(row, StaticFileProblem):
        head = Content.styled(terminal_safe(place_words(row)), STRONG)
        lines = [hanging(sign_of(row), head, width), *_problems([row.problem], repairs_of(row), width)]
        if not row.problem.repair and row.line is not None:
            lines.append(_indented(Content.styled(_("The console leaves it alone."), QUIET), width))
        return Content("\n").join(lines)
    head = Content.styled(f"{location_words(row)} → {terminal_safe(row.folder or '?')}", STRONG)
    facts = [terminal_safe(fact) for fact in (row.uses, row.server) if fact]
    held = folder_words(row.files, row.bytes, counted=row.counted)
    lines = [
        hanging(sign_of(row), Content.assemble(head, f"  {state_words(row)}"), width),
        _indented(
            Content.styled(" · ".join([terminal_safe(place_words(row)), *facts, *filter(None, [held])]), QUIET), width
        ),
        *_problems(row.problems, repairs_of(row), width),
    ]
    if not row.problems and row.state == "on" and asked:
        lines.append(hanging(mark(True), _("nginx serves it, and nothing beside the folder can be reached."), width))
    return Content("\n").join([*lines, *_ways(row, width)])


def _ways(row: StaticMapping, width: int) -> list[Content]:
    """What the keys do with it."""
    if row.modifier in ("~", "~*"):
        return [_indented(Content.styled(_("A regular expression: it is shown, and left alone."), QUIET), width)]
    if row.state == "absent":
        said = _("There is no block for static files; this one is offered, the diff comes first.")
        parts: Parts = [said + "\n", ("Space", KEY), " " + _("Write it"), "  ", ("a", KEY), " " + _("Another folder")]
    else:
        word = _("Turn off") if row.state in ("on", "broken") else _("Turn on")
        parts = [("Space", KEY), f" {word}", "  ", ("f", KEY), " " + _("Another folder")]
    return [_indented(Content.assemble(*parts), width)]


def _problems(problems: Iterable[StaticProblem], repairs: Sequence[StaticProblem], width: int) -> list[Content]:
    """Each problem; of those of one kind that have no repair of their own the first one, and how many more."""
    lines = []
    for _kind, group in groupby(problems, key=lambda each: (each.code, each if each in repairs else None)):
        problem, *more = group
        key = REPAIR_KEYS[repairs.index(problem)] if problem in repairs else ""
        lines.append(problem_content(problem, width, key=key, more=len(more)))
    return lines


def problem_content(problem: StaticProblem, width: int, *, key: str = "", more: int = 0) -> Content:
    """A problem by sign, word and colour of its severity, its remedy, and the ``key`` that repairs it; ``more`` are
    of the same kind.
    """
    error = problem.severity == "error"
    parts: Parts = [f"{_('error') if error else _('warning')}: ", (terminal_safe(problem.title), STRONG)]
    if more:
        parts.append(" " + ngettext("And {n} more like it.", "And {n} more like it.", more).format(n=more))
    if problem.remedy:
        parts.append("\n" + "\n".join(map(terminal_safe, problem.remedy.splitlines())))
    if key:
        parts += ["\n", (key, KEY), " " + _("Repair: the diff comes first")]
    elif problem.code == "folder-empty":
        parts += ["\n", ("d", KEY), " " + _("Django: collect its files, the plan comes first")]
    return hanging(("✗", BAD) if error else ("!", ATTENTION), Content.assemble(*parts), width)


def nothing_content(found: StaticList, width: int) -> Content:
    """Why the table is empty."""
    if any(server.ours for server in found.servers):
        return hanging(mark(None), _("nginx serves no files from folders."), width)
    said = _("No server of nginx's configuration listens on the port that the load balancer asks.")
    return hanging(("✗", BAD), said, width)


def plan_content(plan: StaticPlan, width: int) -> Content:
    """What will be served from where, how much that is, what speaks against it, and the diff."""
    lines: list[Content] = []
    if plan.wanted == "on" and plan.alias:
        held = folder_words(plan.files, plan.bytes)
        served = terminal_safe(f"{plan.location} → {plan.alias}")
        lines.append(Content.assemble((served, STRONG), f"  {held}" if held else ""))
    elif plan.wanted == "off":
        said = _("nginx serves no files at {location} any more.").format(location=terminal_safe(plan.location))
        lines.append(Content.styled(said, STRONG))
    lines += [problem_content(problem, width) for problem in plan.problems]
    if plan.diff:
        lines += [Content(""), diff_content(plan.diff)]
    return Content("\n").join(lines)


def change_content(change: StaticChange, width: int, *, steps: bool) -> Content:
    """How it stands now or why it failed, and how long it took; without ``steps`` above it, which have told them, the
    proof and where the old file lies.
    """
    took = (f"  ({seconds(change.seconds)})", QUIET)
    parts: Parts = []
    if not change.ok:
        parts += [(terminal_safe(change.error), STRONG), took, "\n" + terminal_safe(static_words(change.static))]
    else:
        parts += [(terminal_safe(static_words(change.static)), STRONG), took]
        if change.proof and not steps:
            parts.append("\n" + terminal_safe(change.proof))
    if change.backup is not None and not steps:
        told = _("The file as it was: {path}").format(path=terminal_safe(str(change.backup)))
        parts.append((f"\n{told}", QUIET))
    return hanging(mark(change.ok), Content.assemble(*parts), width)


def job_content(job: JobModel, width: int) -> Content:
    """The steps of a change, and the end of what its program wrote."""
    lines = [Content(""), *(hanging((" ", ""), line, width) for line in list(job.output)[-_OUTPUT:])]
    return steps_content(job, width) + (Content("\n").join(lines) if job.output else Content(""))


def _indented(content: Content | str, width: int) -> Content:
    return hanging((" ", ""), content, width)
