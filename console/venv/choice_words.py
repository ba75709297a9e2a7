"""What a person is told of the chosen interpreter when it was exchanged together with the virtualenv."""

from __future__ import annotations

from dataclasses import replace

from ..pythons.primary_tech import link_text
from ..results import ChoiceChange
from ..text import _
from .service import Service


def with_choice(service: Service, change: ChoiceChange | None) -> Service:
    """``service`` with what became of the chosen interpreter, where its ``change`` was to be made as well."""
    if change is None:
        return service
    made = link_text(change.path) == change.new
    if service.undone and made:
        said = _("{path} could not be put back: it still leads to {new}, and led to {old}.")
        said = said.format(path=change.path, new=change.new or _("nothing"), old=change.old or _("nothing"))
        return replace(service, remedy=f"{service.remedy} {said}".strip())
    if not service.undone and made:
        return replace(service, note=f"{service.note} {_chosen(change)}".strip())
    return service


def _chosen(change: ChoiceChange) -> str:
    if change.new is None:
        return _("{path}, which was not there before, is removed.").format(path=change.path)
    said = _("Python {version} is chosen now: {path} leads to {target}.")
    return said.format(version=change.to_python or "?", path=change.path, target=change.new)
