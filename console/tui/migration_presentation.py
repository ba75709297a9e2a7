"""What each page of the migration's guide says."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from ..container import Container
from ..logs.clean import terminal_safe
from ..results import ImageSwitch, Rebuild, Rescue, Status
from ..shell_commands import console_command
from ..text import _, ngettext
from ..venv.migration import Findings
from .appearance import ATTENTION, BAD, KEY, QUIET, STRONG, mark
from .guide import REBUILD, REQUIREMENTS, SITE, VERSIONS, WHAT
from .job import JobModel
from .presentation import Parts, diff_content, error_lines, hanging, verdict_lines
from .venv_presentation import outcome_content

PAGES = (WHAT, REQUIREMENTS, VERSIONS, REBUILD, SITE)


def path_content(page: str, width: int) -> Content:
    """The guide's pages in a row, the present one standing out."""
    words = {
        WHAT: _("What happened"),
        REQUIREMENTS: _("Requirements"),
        VERSIONS: _("Versions"),
        REBUILD: _("Rebuild"),
        SITE: _("The site"),
    }
    parts: Parts = [(f" {_('Migration')} ", STRONG)]
    for number, name in enumerate(PAGES, 1):
        text = f" {number} {words[name]} "
        parts.append((text, "reverse") if name == page else (text, QUIET))
    row = Content.assemble(*parts)
    if row.cell_length <= width:
        return row
    short = f" {PAGES.index(page) + 1}/{len(PAGES)} {words[page]} "
    return Content.assemble((f" {_('Migration')} ", STRONG), (short, "reverse"))


def what_content(
    switch: ImageSwitch | None, findings: Findings | None, status: Status | None, container: Container, width: int
) -> Content:
    """What happened, how the app is, where the packages' names come from, and what would come next."""
    if switch is None:
        said = _("The virtualenv fits the image's Python: there is nothing to migrate.")
        return Content("\n").join([Content(""), hanging(mark(True), said, width)])
    sign = ("!", ATTENTION) if switch.runs else ("✗", BAD)
    lines = [Content(""), hanging(sign, Content.styled(terminal_safe(switch.title), STRONG), width)]
    if switch.seen is not None:
        when = switch.seen.astimezone().strftime("%d.%m. %H:%M")
        said = _("On {time} the image still had {python}.").format(time=when, python=switch.from_python)
        lines.append(_indented(said, width))
    if status is not None and status.verdict is not None:
        lines.append(_indented(terminal_safe(status.verdict.title), width))
    lines.append(Content(""))
    if findings is None:
        lines.append(_indented(_("looking at the virtualenv …"), width))
        return Content("\n").join(lines)
    lines += [*_sources(findings, width), Content("")]
    lines += [
        _indented(
            _("What will change is shown first. Until you say yes nothing is changed, and you can leave at any point."),
            width,
        ),
        Content(""),
        _indented(way_back(switch, findings, container), width),
    ]
    return Content("\n").join(lines)


def _sources(findings: Findings, width: int) -> list[Content]:
    """What the new virtualenv's packages would be told from."""
    if findings.requirements is not None:
        count = findings.requirements
        said = ngettext("requirements.txt asks for {n} package.", "requirements.txt asks for {n} packages.", count)
        return [hanging(mark(True), said.format(n=count), width)]
    lines = [hanging(("!", ATTENTION), _("There is no requirements.txt."), width)]
    if findings.rescue is not None:
        count = findings.rescue.packages
        said = ngettext(
            "{n} package can be read from the old virtualenv's files, and one is written.",
            "{n} packages can be read from the old virtualenv's files, and one is written.",
            count,
        )
        lines.append(hanging(mark(True), said.format(n=count), width))
    elif findings.no_rescue is not None:
        lines.append(error_lines(findings.no_rescue, width))
    return lines


def way_back(switch: ImageSwitch, findings: Findings | None, container: Container) -> str:
    """How to go on with the old Python instead."""
    if container.generation == "image":
        said = _(
            "The way back: choose Python {python} again in the hosting's administration; the old virtualenv runs then."
        )
        return said.format(python=switch.from_python)
    if findings is not None and findings.old_python is not None:
        command = console_command(container, "python", "use", findings.old_python)
        return _("The way back, as the image still has it: {command}").format(command=command)
    return _("The image has no Python {python} any more.").format(python=switch.from_python)


def requirements_content(rescue: Rescue, width: int) -> Content:
    """The file that would be written, and what could not be known."""
    lines = [
        Content(""),
        hanging(("!", ATTENTION), _("There is no requirements.txt. This one would be written:"), width),
        *(hanging(("!", ATTENTION), terminal_safe(sentence), width) for sentence in rescue.unknown),
        Content(""),
        diff_content(rescue.diff),
    ]
    return Content("\n").join(lines)


def site_content(
    job: JobModel,
    status: Status | None,
    ways: Sequence[tuple[str, str]],
    commands: Sequence[str],
    width: int,
) -> Content:
    """How the job ended, whether the site answers, and what to do now; after a good end what was done, as commands."""
    lines = [Content(""), outcome_content(job, width, keys=False)]
    if status is not None and status.image_switch is None and getattr(job.result, "ok", False):
        lines += [Content(""), verdict_lines(status, None, width)]
    lines.append(Content(""))
    lines += [_row((f"   {key:<6}", KEY), text, width) for key, text in ways]
    if commands:
        lines += [Content(""), _indented(Content.styled(_("What was done, as commands:"), QUIET), width)]
        lines += [_row(("     ", ""), terminal_safe(command), width) for command in commands]
    return Content("\n").join(lines)


def ways_on(
    job: JobModel, switch: ImageSwitch | None, findings: Findings | None, container: Container
) -> list[tuple[str, str]]:
    """Keys and what they would do now, after the job's end; without a key what is done elsewhere."""
    result = job.result
    if isinstance(result, Rebuild) and result.ok:
        return [
            ("f", _("Freeze: write the versions that are installed now into requirements.txt")),
            ("Enter", _("Back to the first screen")),
        ]
    again = [("Enter", _("Plan it once more"))]
    ways = []
    if isinstance(result, Rebuild) and (result.app_failed or not result.undone):
        ways.append(("!", _("A shell, to mend the code")))
    if isinstance(result, Rebuild) and result.app_failed and not result.venv.usable:
        text = _("Put the new virtualenv in place all the same: the app stays down, and you can work with it")
        ways.append(("a", text))
    if isinstance(result, Rebuild) and not result.undone and result.venv.fits:
        ways.append(("q", _("Back to the first screen: the new virtualenv is in place, r starts the app")))
    ways += again
    if switch is not None and (not isinstance(result, Rebuild) or result.undone):
        ways.append(("", way_back(switch, findings, container)))
    return ways


def _row(label: tuple[str, str], text: str, width: int) -> Content:
    """``text`` behind ``label``, its further lines under its first."""
    indent = len(label[0])
    lines = [line.rstrip() for line in Content(text).wrap(max(20, width - indent - 1))]
    return Content.assemble(label, Content("\n" + " " * indent).join(lines))


def _indented(content: Content | str, width: int) -> Content:
    return hanging((" ", ""), content, width)
