"""How far a job is: its steps, and a fraction of the whole that never runs back."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..events import OnEvent, Progress, Step, StepDone

LEAST_SHARE = 0.02  # of a step in the whole, whatever it took the last time
QUIET_SECONDS = 0.1  # at most one Progress in this time, so that ten thousand files are not ten thousand events
_RESOLVED = re.compile(r"Resolved (\d+) packages? in")
_PREPARED = re.compile(r"Prepared (\d+) packages? in")
_INSTALLED = re.compile(r"Installed (\d+) packages? in")
_INSTALLING = re.compile(r"Installing collected packages: (.+)")
_LOADING = re.compile(r"\s*Downloading (.+) \(([\d.]+)\s*([KMG]i)?B\)")
_LOADED = re.compile(r"\s*Downloaded (.+)")
_BUILDING = re.compile(r"\s*Building (.+)")
_BUILT = re.compile(r"\s*Built (.+)")
_UNITS = {None: 1, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}


@dataclass(frozen=True)
class Stage:
    """A step of a job: stable ``name``, ``title`` for people, ``weight`` its share of the job's usual time."""

    name: str
    title: str
    weight: float


class JobProgress:
    """Reports a job's stages, which come in order, to ``on_event``. ``detail`` may be set within a stage.

    ``usual`` has the seconds that each stage took the last time here, if there was one: they are better weights than
    the given ones, and the only ground for saying how long it will take.
    """

    def __init__(self, on_event: OnEvent, stages: Sequence[Stage], usual: Mapping[str, float] | None = None) -> None:
        self.on_event = on_event
        self.detail = ""
        self._stages = tuple(stages)
        self._usual_seconds = 0.0
        if usual and all(stage.name in usual for stage in stages):
            # None is without weight: a step that took no time then may take some now, and 100 % is only at the end.
            least = LEAST_SHARE * sum(usual[stage.name] for stage in stages) or LEAST_SHARE
            self._stages = tuple(replace(stage, weight=max(least, usual[stage.name])) for stage in stages)
            self._usual_seconds = sum(stage.weight for stage in self._stages)
        self._began = time.monotonic()
        self._number = 0
        self._fraction = 0.0
        self._spoke = 0.0
        self._counted: tuple[int, int | None, str] = (1, 1, "steps")

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """The time of one stage. It ends with StepDone, and with the fraction at its end, unless by an exception."""
        self._number = 1 + next(index for index, stage in enumerate(self._stages) if stage.name == name)
        stage = self._stages[self._number - 1]
        self.detail = ""
        self._counted = (1, 1, "steps")
        began = time.monotonic()
        self.on_event(Step(name, stage.title, self._number, len(self._stages)))
        yield
        self._fraction = max(self._fraction, self._place(1.0))
        self.on_event(Progress(name, *self._counted, self._fraction, self._remaining()))
        self.on_event(StepDone(name, time.monotonic() - began, self.detail))

    def advance(self, done: int, total: int | None, unit: str, within: float, *, always: bool = False) -> None:
        """``done`` of ``total`` ``unit``s; ``within`` (0 to 1) is how far the stage is."""
        self._fraction = max(self._fraction, self._place(within))
        self._counted = (done, total, unit)
        now = time.monotonic()
        if always or now - self._spoke >= QUIET_SECONDS:
            self._spoke = now
            name = self._stages[self._number - 1].name
            self.on_event(Progress(name, done, total, unit, self._fraction, self._remaining()))

    def _remaining(self) -> float | None:
        if not self._usual_seconds:
            return None
        usual = self._usual_seconds * (1 - self._fraction)
        # How this run has gone so far counts the more, the more of it there is.
        pace = (time.monotonic() - self._began) / self._fraction if self._fraction > 0 else self._usual_seconds
        return (1 - self._fraction) * usual + self._fraction * (1 - self._fraction) * pace

    def _place(self, within: float) -> float:
        whole = sum(stage.weight for stage in self._stages)
        before = sum(stage.weight for stage in self._stages[: self._number - 1])
        here = self._stages[self._number - 1].weight
        return min(1.0, (before + here * min(1.0, max(0.0, within))) / whole)


class UvLines:
    """Reads what uv writes when it is not on a terminal, and tells ``progress`` how far it is.

    uv names the downloads of more than a megabyte and the builds; what is small it does silently between
    "Resolved" and "Prepared". So packages are counted when uv says a number, and bytes when it says a size.
    """

    def __init__(self, progress: JobProgress) -> None:
        self._progress = progress
        self._total: int | None = None
        self._sizes: dict[str, int] = {}
        self._loaded = 0
        self._building: dict[str, bool] = {}

    def read(self, line: str) -> None:
        """One line of uv's output, in its order."""
        if found := _RESOLVED.match(line):
            self._total = int(found.group(1))
            self._progress.advance(0, self._total, "packages", 0.15, always=True)
        elif found := _LOADING.match(line):
            self._sizes[found.group(1)] = int(float(found.group(2)) * _UNITS[found.group(3)])
            self._tell_bytes()
        elif found := _LOADED.match(line):
            self._loaded += self._sizes.get(found.group(1), 0)
            self._tell_bytes()
        elif found := _BUILDING.match(line):
            self._building[found.group(1)] = False
            self._tell_builds()
        elif found := _BUILT.match(line):
            self._building[found.group(1)] = True
            self._tell_builds()
        elif _PREPARED.match(line):
            self._progress.advance(0, self._total, "packages", 0.85, always=True)
        elif found := _INSTALLED.match(line):
            self._progress.advance(int(found.group(1)), self._total, "packages", 1.0, always=True)

    @staticmethod
    def is_of_build(line: str) -> bool:
        """Whether ``line`` says that a package begins to be built from its source."""
        return _BUILDING.match(line) is not None

    def found_installed(self, count: int) -> None:
        """So many packages are there: uv links one after the other without a word."""
        if self._total is not None and 0 < count <= self._total:
            self._progress.advance(count, self._total, "packages", 0.85 + 0.15 * count / self._total)

    def _tell_bytes(self) -> None:
        self._progress.advance(self._loaded, sum(self._sizes.values()), "bytes", self._prepared(), always=True)

    def _tell_builds(self) -> None:
        built, wanted = sum(self._building.values()), len(self._building)
        self._progress.advance(built, wanted, "builds", self._prepared(), always=True)

    def _prepared(self) -> float:
        """Downloads and builds that have ended among those begun. A build takes about as long as 5 MB to load."""
        build = 5 << 20
        ended = self._loaded + build * sum(self._building.values())
        begun = sum(self._sizes.values()) + build * len(self._building)
        return 0.15 + 0.65 * ended / begun if begun else 0.15


class PipLines:
    """Reads what pip writes, and tells ``progress`` how far it is: it names each package that it has chosen, and then
    those that it installs, all at once.
    """

    def __init__(self, progress: JobProgress) -> None:
        self._progress = progress
        self._collected = 0
        self._total: int | None = None

    def read(self, line: str) -> None:
        """One line of pip's output, in its order."""
        if line.startswith("Collecting "):
            self._collected += 1
            # Nothing says how many there will be: each takes a part of what is left.
            self._progress.advance(self._collected, None, "packages", 0.5 - 0.5 / (1 + self._collected / 10))
        elif found := _INSTALLING.match(line):
            self._total = found.group(1).count(",") + 1
            self._progress.advance(0, self._total, "packages", 0.5, always=True)

    def found_installed(self, count: int) -> None:
        """So many packages are there."""
        if self._total is not None and 0 < count <= self._total:
            self._progress.advance(count, self._total, "packages", 0.5 + 0.5 * count / self._total)
