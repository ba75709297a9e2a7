"""A Django project's static files, for people."""

from __future__ import annotations

from ..logs.clean import terminal_safe
from ..results.static import Collected, CollectPlan, StaticDjango
from ..text import _, ngettext
from ..units import seconds
from .printing import Printer
from .static_printing import folder_words, print_problems


def print_django(printer: Printer, django: StaticDjango) -> None:
    """The settings, and where nginx does otherwise."""
    told = f"Django {django.version}  STATIC_URL {django.static_url or '–'}  STATIC_ROOT {django.static_root or '–'}"
    printer.line(f"{printer.mark(not django.problems)} {terminal_safe(told)}")
    printer.lines(django.settings)
    print_problems(printer, django.problems)


def print_collect_plan(printer: Printer, plan: CollectPlan) -> None:
    """What is run, and where its files go."""
    for command in plan.commands:
        printer.lines(command, indent="")
    held = ""
    if plan.files is not None:
        held = "  " + ngettext("{n} file now", "{n} files now", plan.files).format(n=plan.files)
    printer.line(f"→ {terminal_safe(str(plan.folder))}{held}")


def print_collected(printer: Printer, done: Collected) -> None:
    """How it went, and where its output is."""
    said = f"{done.folder}  {folder_words(done.files, done.bytes)}  ({seconds(done.seconds)})"
    printer.line(f"{printer.mark(done.ok)} {terminal_safe(said)}")
    printer.lines(done.error)
    printer.lines(_("Its output: {path}").format(path=done.log))
