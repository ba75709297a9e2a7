"""Static files for people: the block, the list, a plan, a change."""

from __future__ import annotations

from collections.abc import Iterable

from ..logs.clean import terminal_safe
from ..results import Static, StaticProblem
from ..results.static import StaticChange, StaticList, StaticMapping, StaticPlan, StaticRepair
from ..text import _, ngettext
from ..units import size
from ..wording import static_words
from .printing import Printer


def print_static(printer: Printer, static: Static) -> None:
    """The state, where it stands in the file, and what is wrong with it."""
    good = {"on": True, "off": None, "absent": None}.get(static.state, False)
    printer.line(f"{printer.mark(False if static.problems else good)} {terminal_safe(static_words(static))}")
    printer.lines(f"{static.file}:{static.line}" if static.line else str(static.file))
    print_problems(printer, static.problems)


def print_problems(printer: Printer, problems: Iterable[StaticProblem]) -> None:
    """Each problem with its code and remedy, by sign and colour of its severity."""
    for problem in problems:
        sign = printer.paint("✗", "red") if problem.severity == "error" else printer.paint("!", "yellow")
        printer.line(f"  {sign} {terminal_safe(problem.title)} [{problem.code}]")
        printer.lines(problem.remedy, indent="    ")


def print_list(printer: Printer, found: StaticList) -> None:
    """Each mapping by server and file, then the files that could not be understood."""
    for server in dict.fromkeys(row.server for row in found.mappings):
        printer.line(printer.paint(terminal_safe(server) or _("no server"), "bold"))
        for row in found.mappings:
            if row.server == server:
                _print_mapping(printer, row)
    if not found.mappings:
        printer.line(_("nginx serves no files from folders."))
    for each in found.files:
        printer.line(f"{printer.mark(False)} {terminal_safe(str(each.file))}{f':{each.line}' if each.line else ''}")
        print_problems(printer, (each.problem,))


def _print_mapping(printer: Printer, row: StaticMapping) -> None:
    words = {"on": _("on"), "off": _("off"), "absent": _("no block"), "broken": _("broken")}
    good = {"on": True, "off": None, "absent": None}.get(row.state, False)
    location = f"{row.modifier} {row.location}".strip()
    held = f"  {folder_words(row.files, row.bytes, row.counted)}" if row.files is not None else ""
    mapped = terminal_safe(f"{location} → {row.folder or '?'}")
    printer.line(f"  {printer.mark(good)} {mapped}  {words[row.state]}{held}")
    printer.lines(f"{row.file}:{row.line}" if row.line else str(row.file), indent="    ")
    print_problems(printer, row.problems)


def folder_words(files: int | None, held: int | None, counted: bool = True) -> str:
    """``12 files, 340 kB``"""
    if files is None:
        return ""
    more = "" if counted else "+"
    said = ngettext("{n}{more} file, {size}", "{n}{more} files, {size}", files)
    return said.format(n=files, more=more, size=size(held or 0))


def print_plan(printer: Printer, plan: StaticPlan) -> None:
    """What is served from where afterwards, its problems, the diff."""
    if plan.wanted == "on" and plan.alias:
        held = f"  {folder_words(plan.files, plan.bytes)}" if plan.files is not None else ""
        printer.line(f"{terminal_safe(f'{plan.location} → {plan.alias}')}{held}")
    print_problems(printer, plan.problems)
    printer.diff(plan.diff)


def print_repair(printer: Printer, repair: StaticRepair) -> None:
    """A repair on the disk: the modes before and after."""
    printer.line(terminal_safe(repair.title))
    printer.diff(repair.diff)


def print_change(printer: Printer, change: StaticChange) -> None:
    """How it stands now, the proof or the reason, and where the old file lies."""
    printer.line(f"{printer.mark(change.ok)} {terminal_safe(static_words(change.static))}")
    printer.lines(change.error)
    printer.lines(change.proof)
    if change.backup is not None:
        printer.lines(_("The file as it was: {path}").format(path=change.backup))
