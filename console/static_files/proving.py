"""The requests that prove a change of the site file: the file of the folder, one that is not there, the leaks."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ..container import Container
from ..results.static import StaticPlan
from ..text import _
from ..units import size
from .block import location_words
from .configuration import read_configuration, walk
from .nginx import worker_account
from .probe import Answer, a_file, fetch, is_the_apps, leaks, url_of
from .sample import a_file_of
from .syntax import every, parse
from .tokens import SiteSyntaxError

_PROVE_SECONDS = 5.0
_LOOK_SECONDS = 0.02
_ANSWERING = {"try_files", "error_page", "autoindex", "rewrite", "if", "return"}


class StepFailed(Exception):
    """A step of a change did not do what it should; the text says why."""


def prove(container: Container, plan: StaticPlan) -> tuple[str, bool]:
    """The requests that show the change, and whether there was a file to show it with.

    Raises StepFailed where they show otherwise, but for an undo and for a repair that leaves other errors: what stood
    before may not have served either.
    """
    proving = _Proving(container, plan)
    folder = container.under_root(Path(plan.alias)) if plan.alias else None
    if folder is None or not folder.is_dir():
        return _("There is no file in the folder to prove it with."), False
    try:
        return proving.proved(folder)
    except StepFailed as failed:
        if plan.undoes is None and not (plan.repairs and _errors(plan)):
            raise
        return str(failed), False


class _Proving:
    def __init__(self, container: Container, plan: StaticPlan) -> None:
        self._container = container
        self._plan = plan

    def proved(self, folder: Path) -> tuple[str, bool]:
        plan = self._plan
        on = plan.wanted == "on"
        found = a_file_of(self._container, plan.location, folder, host=plan.host) if on else a_file(folder)
        if found is None:
            if self._plan.wanted == "on":
                self._prove_missing()
            return _("There is no file in the folder to prove it with."), False
        path, data = found
        url = url_of(self._plan.location, str(path.relative_to(folder)))
        deadline = time.monotonic() + _PROVE_SECONDS
        while True:
            answer = self._fetch(url)
            proof = self._proof(url, answer, data)
            if proof:
                break
            # A worker of the old configuration may have taken the request.
            if time.monotonic() >= deadline:
                raise StepFailed(self._disproof(url, answer))
            time.sleep(_LOOK_SECONDS)
        if self._plan.wanted == "on":
            missing = self._prove_missing()
            self._prove_no_leak(folder)
            proof = " · ".join(filter(None, [proof, missing, _("nothing beside the folder is given")]))
        return proof, True

    def _fetch(self, url: str) -> Answer:
        return fetch(self._container.http_port, url, host=self._plan.host)

    def _prove_missing(self) -> str:
        """A file that is not there is nginx's 404, where the block does not say otherwise; how that was shown."""
        if not self._is_plain():
            return ""
        url = url_of(self._plan.location, f"console-{os.urandom(4).hex()}.txt")
        answer = self._fetch(url)
        if answer.status == 404 and not self._from_the_app(url, answer):
            return _("a missing file is nginx's 404")
        if answer.status == 404:
            raise StepFailed(
                _("The proof failed: GET {url}, which is not there, is answered by the app.").format(url=url)
            )
        said = answer.status if answer.status is not None else answer.error
        raise StepFailed(
            _("The proof failed: GET {url}, which is not there, gives {status} and not 404.").format(
                url=url, status=said
            )
        )

    def _from_the_app(self, url: str, answer: Answer) -> bool:
        if answer.is_nginx_page:
            return False
        pages = any(path[-1].name == "error_page" for path in walk(read_configuration(self._container).nodes))
        return not pages or is_the_apps(answer, self._container.app_port, url, host=self._plan.host)

    def _is_plain(self) -> bool:
        """Whether nothing in the block, or around it, answers in place of nginx for a missing file."""
        try:
            site = parse(self._plan.new)
        except SiteSyntaxError:
            return False
        for path in every(site.body):
            words = location_words(path[-1]) if path[-1].name == "location" else None
            if words is not None and words[1].text == self._plan.location:
                inside = {each.name for each in path[-1].body}
                around = {each.name for block in path[:-1] for each in block.body}
                return not (inside & _ANSWERING or around & (_ANSWERING - {"autoindex"}))
        return False

    def _prove_no_leak(self, folder: Path) -> None:
        plan = self._plan
        found = leaks(
            self._container.http_port,
            plan.location,
            plan.alias,
            folder,
            worker_account(self._container),
            host=plan.host,
        )
        for leak in found[:1]:
            raise StepFailed(
                _("The proof failed: GET {url} gives {path}, which is not in the folder.").format(
                    url=leak.url, path=leak.path
                )
            )

    def _proof(self, url: str, answer: Answer, data: bytes) -> str:
        """What the answer proves; empty when it does not show what was meant."""
        if self._plan.wanted == "on":
            if not answer.gives(data):
                return ""
            return _("GET {url} 200, {size} as on the disk").format(url=url, size=size(len(data)))
        if answer.status is None:
            return ""
        if not answer.gives(data):
            return _("GET {url} {status}: nginx does not serve it").format(url=url, status=answer.status)
        if fetch(self._container.app_port, url, host=self._plan.host).gives(data):
            return _("GET {url} {status}: the app serves it").format(url=url, status=answer.status)
        return ""

    def _disproof(self, url: str, answer: Answer) -> str:
        if answer.status is None:
            return _("The proof failed: GET {url} got no answer, {error}.").format(url=url, error=answer.error)
        if self._plan.wanted == "on":
            return _("The proof failed: GET {url} gives {status} and not the file on the disk.").format(
                url=url, status=answer.status
            )
        return _("The proof failed: GET {url} still gives the file on the disk.").format(url=url)


def _errors(plan: StaticPlan) -> bool:
    return any(problem.severity == "error" for problem in plan.problems)
