"""The job of the virtualenv, whoever began it: this console, another one, or one that is gone by now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..container import Container
from ..errors import ConsoleError, NothingThere
from ..lock import job_words
from ..results import Job, RebuildPlan, Status
from ..text import _, current_language
from ..venv.attaching import JobKilled, cancel
from ..venv.jobs import JobFolder, Request
from ..venv.stages import POINT_OF_NO_RETURN
from .job import JobModel
from .joining import Find, Joining, begun_by, known_as, recovery
from .messages import JobBegan, JobCame, JobEnded
from .watching import Post

KINDS = ("rebuild", "rollback", "recover")


class Jobs:
    """Joins each job that the status tells of, and finishes by itself what was killed.

    ``model`` is the job that runs, or the last one. Lives on the event loop and never waits; its thread posts to
    ``post``, and the app hands the messages back.
    """

    def __init__(self, container: Container, post: Post) -> None:
        self.model: JobModel | None = None
        self.id = ""
        self._container = container
        self._post = post
        self._thread: Joining | None = None
        self._over: set[str] = set()  # followed to the end; a status that is told late may still know them
        self._recover_again = False

    @property
    def running(self) -> bool:
        return self.model is not None and self.model.running

    def running_model(self) -> JobModel | None:
        """The job that runs."""
        return self.model if self.running else None

    # -- beginning and joining -----------------------------------------------------------------

    def begin_rebuild(self, plan: RebuildPlan) -> None:
        """Begin it in a process of its own, and follow it."""
        # What a plan offers is for the person who reads it: the job has no use for it, and it may hold passwords.
        request = Request("rebuild", replace(plan, offers=()), language=current_language())
        self._join("rebuild", begun_by(request))

    def begin_rollback(self) -> None:
        """As ``begin_rebuild``."""
        self._join("rollback", begun_by(Request("rollback", language=current_language())))

    def recover(self) -> None:
        """Finish or take back what was killed."""
        self._join("recover", recovery(Request("recover", language=current_language())))

    def look(self, status: Status) -> None:
        """Join the job that a new ``status`` tells of, or finish what was killed."""
        if self._recover_again and status.supervisor.reachable and not self.running:
            self._recover_again = False
            self.recover()
        else:
            self.join(status.job)

    def join(self, told: Job | None) -> None:
        """Join the job of a status, or finish it when it was killed; nothing while another one is followed."""
        if self.running or told is None or told.id in self._over:
            return
        if not told.running:
            self._over.add(told.id)
            self.recover()
        elif told.kind in KINDS:
            self._join(told.kind, known_as(told.id), told.id)

    def _join(self, kind: str, find: Find, job_id: str = "") -> None:
        self.leave()
        self.model, self.id = JobModel(kind, title_of(kind)), job_id
        self._thread = Joining(self._container, self.model, find, self._post)
        self._thread.start()

    # -- what the thread says ------------------------------------------------------------------

    def began(self, message: JobBegan) -> None:
        if message.model is self.model:
            self.id = message.id
            self.model.began_before(message.age)

    def came(self, message: JobCame) -> None:
        for event in message.take():
            message.model.take(event)

    def ended(self, message: JobEnded) -> None:
        """A job that never began leaves no trace; one that was killed is finished at once."""
        message.model.end(message.result, message.error)
        if message.model is not self.model:
            return
        again = self.id in self._over  # its recovery was tried, and did not come to begin
        if self.id:
            self._over.add(self.id)
        if not message.begun:
            self.model = None
        elif isinstance(message.error, JobKilled) and not again:
            self.recover()
        elif message.model.name == "recover" and isinstance(message.error, NothingThere):
            self._recover_again = True  # supervisord is not there yet; /srv/venv is whole already

    # -- what screens ask for ------------------------------------------------------------------

    def cancel(self) -> Callable[[], None]:
        """What takes the running job back, to be called in a thread. Raises ConsoleError where nothing can."""
        model = self.running_model()
        if model is None:
            raise ConsoleError(_("Nothing is running."))
        if not self.id:
            raise ConsoleError(_("It is only just beginning: try again in a moment."))
        if model.name != "rebuild":
            raise ConsoleError(
                _("This cannot be cancelled: it is over in a moment."),
                _("Cutting it off now could leave the app stopped."),
            )
        container, job = self._container, JobFolder(self._container.jobs / self.id)
        return lambda: cancel(container, job)

    def refusal(self, told: Job | None) -> ConsoleError | None:
        """Why nothing may be started or stopped just now; None when it may. ``told`` is the job of the last status,
        for one that was joined a moment ago.
        """
        model = self.running_model()
        if model is None:
            return None
        # A rebuild in place has stopped the app before it builds; only that kind packs the old one first.
        in_place = model.step != "pack" and any(step.name == "pack" for step in model.steps)
        step = model.step or (told.step if told is not None else "")
        if step not in POINT_OF_NO_RETURN and not in_place and model.name != "recover":
            return None
        return ConsoleError(
            _("Not now: the virtualenv is being exchanged, and its job stops and starts the programs itself."),
            _("Two at once could leave the app stopped."),
            _("It is over in a moment."),
        )

    def leave(self) -> None:
        """Follow the job no longer; it goes on."""
        if self._thread is not None:
            self._thread.leave()

    def goes_on(self, seconds: float) -> JobModel | None:
        """The job that goes on without this console, which has left it; waits at most ``seconds`` until one that was
        asked for last has begun, or has not.
        """
        if self._thread is None or not self.running:
            return None
        self._thread.join(seconds)
        return self.model if self._thread.begun or self._thread.is_alive() else None


def title_of(kind: str) -> str:
    """A kind of job, at the beginning of a line."""
    words = {"rebuild": _("Rebuild"), "rollback": _("Rollback"), "recover": _("Recovery")}
    return words.get(kind, job_words(kind))
