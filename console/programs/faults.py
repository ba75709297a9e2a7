"""supervisord's fault codes, as errors that a person can act on.

The codes are supervisord's own (supervisor/xmlrpc.py, class Faults), the same from 3.0 to 4.3.
"""

from __future__ import annotations

from enum import IntEnum

from ..errors import ConsoleError, NothingThere
from ..text import _


class Code(IntEnum):
    UNKNOWN_METHOD = 1
    INCORRECT_PARAMETERS = 2
    BAD_ARGUMENTS = 3
    SIGNATURE_UNSUPPORTED = 4
    SHUTDOWN_STATE = 6
    BAD_NAME = 10
    BAD_SIGNAL = 11
    NO_FILE = 20
    NOT_EXECUTABLE = 21
    FAILED = 30
    ABNORMAL_TERMINATION = 40
    SPAWN_ERROR = 50
    ALREADY_STARTED = 60
    NOT_RUNNING = 70
    ALREADY_ADDED = 90
    STILL_RUNNING = 91
    CANT_REREAD = 92


class SupervisorFault(ConsoleError):
    """supervisord refused a call. ``code`` is its fault code, ``text`` its own words without the code's name."""

    def __init__(self, code: int, text: str, title: str, cause: str = "", remedy: str = "") -> None:
        super().__init__(title, cause, remedy)
        self.code = code
        self.text = text


def fault_error(code: int, text: str, name: str) -> ConsoleError:
    """The error for fault ``code`` with supervisord's ``text``, on a call for the program ``name``.

    A supervisord that is shutting down is NothingThere, everything else a SupervisorFault.
    """
    own_words = text.partition(": ")[2] or text
    title, cause, remedy = _words(code, own_words, name)
    if code == Code.SHUTDOWN_STATE:
        return NothingThere(title, cause, remedy)
    return SupervisorFault(code, own_words, title, cause, remedy)


def _words(code: int, text: str, name: str) -> tuple[str, str, str]:
    look_into_log = _("Its log and supervisord.log say more.")
    not_understood = (
        _("supervisord did not understand the console."),
        _("It answered: {text}.").format(text=text),
        _("Its version may be older than 3.3.5, the oldest that the console knows."),
    )
    table: dict[int, tuple[str, str, str]] = {
        Code.UNKNOWN_METHOD: not_understood,
        Code.INCORRECT_PARAMETERS: not_understood,
        Code.BAD_ARGUMENTS: not_understood,
        Code.SIGNATURE_UNSUPPORTED: not_understood,
        Code.SHUTDOWN_STATE: (
            _("supervisord is shutting down or restarting."),
            _("It takes no commands until it is back."),
            _("Try again in a few seconds."),
        ),
        Code.BAD_NAME: (
            _("supervisord does not know a program {name}.").format(name=name),
            _("Programs that were added to the configuration are unknown until it is read again."),
            _("See the names with: console status. After a changed file: supervisorctl update"),
        ),
        Code.BAD_SIGNAL: (
            _("{text} is no signal.").format(text=text),
            "",
            _("Use a name such as HUP or a number."),
        ),
        Code.NO_FILE: (
            _("The command of {name} does not exist.").format(name=name),
            _("supervisord says: {text}.").format(text=text),
            _("Correct the command in the program's file in /srv/conf/supervisor.d, or install what is missing."),
        ),
        Code.NOT_EXECUTABLE: (
            _("The command of {name} cannot be executed.").format(name=name),
            _("supervisord says: {text}.").format(text=text),
            _("Make the file executable with: chmod +x FILE"),
        ),
        Code.FAILED: (
            _("supervisord could not do that with {name}.").format(name=name),
            _("It says: {text}.").format(text=text),
            look_into_log,
        ),
        Code.ABNORMAL_TERMINATION: (
            _("{name} ended while it was starting.").format(name=name),
            "",
            look_into_log,
        ),
        Code.SPAWN_ERROR: (
            _("{name} could not be started.").format(name=name),
            _("It ended at once, or its command cannot be run."),
            look_into_log,
        ),
        Code.ALREADY_STARTED: (
            _("{name} runs already.").format(name=name),
            "",
            _("To start it anew: console restart {name}").format(name=name),
        ),
        Code.NOT_RUNNING: (
            _("{name} does not run.").format(name=name),
            "",
            _("Start it with: console start {name}").format(name=name),
        ),
        Code.ALREADY_ADDED: (
            _("supervisord knows {name} already.").format(name=name),
            "",
            "",
        ),
        Code.STILL_RUNNING: (
            _("{name} still runs and cannot be removed.").format(name=name),
            "",
            _("Stop it first with: console stop {name}").format(name=name),
        ),
        Code.CANT_REREAD: (
            _("supervisord cannot read its configuration."),
            _("It says: {text}.").format(text=text),
            _("Correct the file; until then a restart of the container would leave everything down."),
        ),
    }
    return table.get(code, not_understood)
