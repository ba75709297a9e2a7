"""A Django project's own word on its static files: read from its settings, compared with nginx, and collected.

The settings are Python, so they are asked by the virtualenv's interpreter in a process of its own, with the
environment that the app has (https://docs.djangoproject.com/en/stable/howto/static-files/deployment/).
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from ..atomic import write_file
from ..container import Container
from ..errors import ConsoleError
from ..events import OnEvent, Output, Step, StepDone, ignore
from ..results import StaticProblem
from ..results.static import Collected, CollectPlan, StaticDjango, StaticList, StaticMapping
from ..shell_commands import console_command
from ..text import _
from .child import Check, Ended, no_check, run_child
from .folders import survey
from .nginx import worker_account
from .rules import protected

_SETTINGS_SECONDS = 30.0
_COLLECT_SECONDS = 900.0
_NAMED = re.compile(r"""DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']""")
_MARK = "console-django:"
# Taken by Python 2.7 too. A settings module may print; the line with the mark is ours.
_ASK = f"""
import json, os, sys
sys.path.insert(0, os.getcwd())
import django
from django.conf import settings
root = settings.STATIC_ROOT
print({_MARK!r} + json.dumps({{
    "version": django.get_version(),
    "static_url": settings.STATIC_URL and str(settings.STATIC_URL),
    "static_root": root and os.path.abspath(str(root)),
    "staticfiles": "django.contrib.staticfiles" in settings.INSTALLED_APPS,
}}))
"""
_SHOWN_LINES = 6


def read_django(container: Container, program: str = "app", *, check: Check = no_check) -> StaticDjango:
    """The project's settings for static files, asked of its own interpreter, at most 30 s.

    Raises ConsoleError where there is no Django project, no interpreter, or the settings do not load; the cause is
    then the end of the traceback. ``check`` is called ten times a second; what it raises ends the question.
    """
    directory, environment = _surroundings(container, program)
    manage = _manage(container, directory)
    module = environment.get("DJANGO_SETTINGS_MODULE") or _settings_module(manage)
    environment["DJANGO_SETTINGS_MODULE"] = module
    ended = _run(container, manage, ["-c", _ASK], environment, _SETTINGS_SECONDS, check=check)
    line = next((line for line in ended.output if line.startswith(_MARK)), None)
    if ended.status != 0 or line is None:
        said = "\n".join(ended.output[-_SHOWN_LINES:])
        if ended.status is None:
            said = _("They did not load within {seconds:.0f} s.").format(seconds=_SETTINGS_SECONDS)
        raise ConsoleError(
            _("The Django settings {module} do not load.").format(module=module),
            said,
            _("See the same with: {command}").format(command=_words(container, manage, "check")),
        )
    told = json.loads(line.removeprefix(_MARK))
    return StaticDjango(
        settings=module,
        version=str(told["version"]),
        static_url=str(told["static_url"] or ""),
        static_root=Path(told["static_root"]) if told["static_root"] else None,
        staticfiles=bool(told["staticfiles"]),
        manage=manage,
    )


def compare_django(container: Container, program: str = "app", *, check: Check = no_check) -> StaticDjango:
    """``read_django`` with the ``problems`` that there are between the project and what nginx serves."""
    from .mappings import list_mappings

    django = read_django(container, program, check=check)
    return replace(django, problems=tuple(_problems(container, django, list_mappings(container))))


def plan_collect(container: Container, program: str = "app", *, check: Check = no_check) -> CollectPlan:
    """How ``collectstatic`` would be run; nothing has been changed.

    Raises ConsoleError where the project cannot collect, or would collect into a folder that must not be served.
    """
    django = read_django(container, program, check=check)
    if not django.staticfiles:
        raise ConsoleError(
            _("The project has no collectstatic."),
            _("django.contrib.staticfiles is not in INSTALLED_APPS."),
            _("Add it to INSTALLED_APPS in {module}.").format(module=django.settings),
        )
    if django.static_root is None:
        problem = _no_root(container, django)
        raise ConsoleError(problem.title, "", problem.remedy)
    folder = django.static_root
    if container.root != Path("/") and not folder.is_relative_to(container.root):
        raise ConsoleError(
            _("STATIC_ROOT is {folder}, which is not in this container.").format(folder=folder),
            _("The container is under {root}.").format(root=container.root),
        )
    reason = protected(container, folder)
    if reason is not None:
        raise ConsoleError(
            _("STATIC_ROOT is {folder}, which must not be served.").format(folder=folder),
            reason,
            _("Set STATIC_ROOT to a folder of its own: {folder}").format(folder=container.srv / "static"),
        )
    facts = survey(folder, worker_account(container)) if folder.is_dir() else None
    return CollectPlan(
        django,
        ("manage.py", "collectstatic", "--noinput"),
        django.manage.parent,
        folder,
        facts.files if facts is not None else None,
        (_words(container, django.manage, "collectstatic", "--noinput"),),
    )


def collect(
    container: Container,
    plan: CollectPlan,
    *,
    program: str = "app",
    on_event: OnEvent = ignore,
    check: Check = no_check,
) -> Collected:
    """Run ``collectstatic`` with the app's environment; each line that it writes is an Output event.

    The output is kept in ``/srv/.console/collectstatic.log``. Raises Locked when another job is at work, ConsoleError
    when the interpreter cannot be run; what the program itself fails with is in the result.
    """
    from ..lock import held

    _directory, environment = _surroundings(container, program)
    environment.setdefault("DJANGO_SETTINGS_MODULE", plan.django.settings)
    log = container.state_dir / "collectstatic.log"
    with held(container.lock, "static"):
        on_event(Step("collect", _("Collect the static files"), 1, 1))
        ended = _run(
            container,
            plan.django.manage,
            list(plan.arguments),
            environment,
            _COLLECT_SECONDS,
            lambda line: on_event(Output(line)),
            check,
        )
        write_file(log, "".join(f"{line}\n" for line in ended.output).encode("utf-8", "surrogateescape"), mode=0o600)
        on_event(StepDone("collect", ended.seconds, next(iter(ended.output[-1:]), "")))
    facts = survey(plan.folder, worker_account(container)) if plan.folder.is_dir() else None
    error = ""
    if ended.status is None:
        error = _("It did not end within {seconds:.0f} s.").format(seconds=_COLLECT_SECONDS)
    elif ended.status != 0:
        error = "\n".join(ended.output[-_SHOWN_LINES:])
    return Collected(
        ok=ended.status == 0,
        folder=plan.folder,
        files=facts.files if facts is not None else None,
        bytes=facts.bytes if facts is not None else None,
        output=ended.output,
        log=log,
        seconds=ended.seconds,
        error=error,
    )


def _problems(container: Container, django: StaticDjango, found: StaticList) -> Iterator[StaticProblem]:
    url = django.static_url
    if not url.startswith("/"):  # on another site, and none of nginx's business here
        return
    if django.static_root is None:
        yield _no_root(container, django)
        return
    path = url.rstrip("/") + "/"
    root = container.under_root(django.static_root)
    reason = protected(container, root)
    if reason is not None:
        yield StaticProblem(
            "django-secret",
            "error",
            _("STATIC_ROOT is {folder}, which must not be served.").format(folder=root),
            reason + " " + _("Serve a folder that holds nothing but static files."),
        )
        return
    rows = [row for row in found.mappings if row.location.rstrip("/") == url.rstrip("/") and row.modifier in ("", "^~")]
    on = [row for row in rows if row.state in ("on", "broken")]
    command = console_command(container, "static", "on", "--location", path, "--alias", f"{root}/")
    if not on:
        yield StaticProblem(
            "django-url",
            "error",
            _("STATIC_URL is {url}, and nginx serves no folder there.").format(url=url),
            _("Serve it: {command}").format(command=command),
            "edit",
        )
    elif not any(_same(container, row, root) for row in on):
        yield StaticProblem(
            "django-root",
            "error",
            _("STATIC_ROOT is {root}, and nginx serves {folder} at {url}.").format(
                root=root, folder=on[0].folder, url=url
            ),
            _("Serve what collectstatic fills: {command}").format(command=command),
            "edit",
        )
    if not root.is_dir() or not any(root.iterdir()):
        yield StaticProblem(
            "django-empty",
            "error",
            _("STATIC_ROOT {root} is empty.").format(root=root),
            _("Collect the files: {command}").format(command=console_command(container, "static", "collect")),
        )


def _no_root(container: Container, django: StaticDjango) -> StaticProblem:
    return StaticProblem(
        "django-no-root",
        "error",
        _("The project has no STATIC_ROOT: collectstatic does not know where to put the files."),
        _('Write into {module}: STATIC_ROOT = "{folder}"').format(
            module=django.settings, folder=f"{container.srv / 'static'}/"
        ),
    )


def _same(container: Container, row: StaticMapping, root: Path) -> bool:
    served = container.under_root(os.path.normpath(row.folder))
    return served.resolve() == root.resolve()


def _surroundings(container: Container, program: str) -> tuple[Path, dict[str, str]]:
    """The folder and the environment that the app runs in, as supervisord's configuration has them."""
    from ..programs.config import program_config, supervisor_environment

    config = program_config(container, program)
    environment = supervisor_environment(container)
    if config is None:
        return container.app, environment
    return config.directory or container.app, environment | dict(config.environment)


def _manage(container: Container, directory: Path) -> Path:
    below = sorted(container.app.glob("*/manage.py"))
    for place in (directory / "manage.py", container.app / "manage.py", *below):
        if place.is_file():
            return place
    raise ConsoleError(
        _("There is no Django project in {folder}.").format(folder=container.app),
        _("It has no manage.py."),
    )


def _settings_module(manage: Path) -> str:
    """The module that manage.py names, as every one that Django made does."""
    try:
        found = _NAMED.search(manage.read_text("utf-8", "replace"))
    except OSError as error:
        raise ConsoleError(_("Could not read {path}.").format(path=manage), error.strerror or str(error)) from error
    if found is None:
        raise ConsoleError(
            _("It is not known which settings the Django project has."),
            _("{path} names no DJANGO_SETTINGS_MODULE, and the app's environment neither.").format(path=manage),
            _("Set DJANGO_SETTINGS_MODULE in the environment of the program app."),
        )
    return found.group(1)


def _run(
    container: Container,
    manage: Path,
    arguments: list[str],
    environment: dict[str, str],
    seconds: float,
    on_line: Callable[[str], None] | None = None,
    check: Check = no_check,
) -> Ended:
    python = container.venv / "bin" / "python"
    if not python.exists():
        raise ConsoleError(
            _("The virtualenv has no interpreter that runs."),
            _("{path} does not exist.").format(path=python),
            _("Rebuild the virtualenv: {command}").format(command=console_command(container, "venv", "rebuild")),
        )
    extra = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}
    return run_child([str(python), *arguments], manage.parent, environment | extra, seconds, on_line, check)


def _words(container: Container, manage: Path, *words: str) -> str:
    python = container.venv / "bin" / "python"
    return f"cd {shlex.quote(str(manage.parent))} && {shlex.join([str(python), 'manage.py', *words])}"
