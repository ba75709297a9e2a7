"""Whatever happens to the file, in whatever order, the follower hands out exactly what was written."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from console.logs.follow import Follower

from .logging_program import BACKUPS, polled, rotate


class Sequences(RuleBasedStateMachine):
    """Appends, rotations, truncations, re-creations and cut writes in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="follow-"))
        self.path = self.folder / "python.log"
        self.path.write_bytes(b"")
        self.file = self.path.open("ab", buffering=0)
        self.follower = Follower(self.path)
        self.expected: list[bytes] = []
        self.got: list[bytes] = []
        self.begun = b""  # of a line whose end has not been written
        self.rest = b""
        self.number = 0
        self.rotations = 0

    def teardown(self) -> None:
        self.write_line(b"last", 100)
        self.write_rest()
        self.poll_all()
        self.poll_all()
        assert self.got == self.expected
        assert self.follower.partial == b""
        self.follower.close()
        self.file.close()
        shutil.rmtree(self.folder)

    def poll_all(self) -> None:
        self.got += polled(self.follower)
        self.rotations = 0

    def write(self, data: bytes) -> None:
        self.file.write(data)
        *ended, self.begun = (self.begun + data).split(b"\n")
        self.expected += ended

    def lose_rest(self) -> None:
        if self.begun:
            self.expected.append(self.begun)
        self.begun = self.rest = b""

    @rule(text=st.binary(max_size=300), cut=st.integers(0, 320))
    def write_line(self, text: bytes, cut: int) -> None:
        self.write_rest()
        self.number += 1
        line = b"%d:%s\n" % (self.number, text.replace(b"\n", b"|"))
        self.write(line[:cut])
        self.rest = line[cut:]

    @rule(count=st.integers(2, 200))
    def write_many(self, count: int) -> None:
        self.write_rest()
        self.write(b"".join(b"%d many\n" % (self.number + each) for each in range(count)))
        self.number += count

    @rule()
    def write_rest(self) -> None:
        rest, self.rest = self.rest, b""
        if rest:
            self.write(rest)

    @rule()
    @precondition(lambda self: self.rotations < BACKUPS)
    def rotate(self) -> None:
        self.file.close()
        rotate(self.path)
        self.file = self.path.open("ab", buffering=0)
        self.rotations += 1

    @rule()
    def truncate(self) -> None:
        self.poll_all()
        if not self.path.stat().st_size:
            return
        self.lose_rest()
        self.file.close()
        self.file = self.path.open("wb", buffering=0)
        self.poll_all()  # or a few bytes could be the same again, and nobody could tell

    @rule()
    def truncate_and_grow_past(self) -> None:
        self.poll_all()
        old = self.path.read_bytes()
        new = b""
        while len(new) <= len(old):
            self.number += 1
            new += b"%d grown %s\n" % (self.number, b"g" * random.randrange(200))
        if not old or new[: len(old)][-256:] == old[-256:]:
            return
        self.lose_rest()
        self.file.close()
        self.file = self.path.open("wb", buffering=0)
        self.write(new)

    @rule()
    def empty_under_a_writer_that_keeps_its_place(self) -> None:
        self.poll_all()
        size = self.path.stat().st_size
        if not size:
            return
        self.lose_rest()
        self.file.close()
        os.truncate(self.path, 0)
        self.poll_all()
        self.file = self.path.open("r+b", buffering=0)
        self.file.seek(size)

    @rule()
    def delete_and_create(self) -> None:
        self.got += self.follower.poll(1).lines  # it has seen this file, or nobody could read it any more
        self.rotations = 0
        self.lose_rest()
        self.file.close()
        self.path.unlink()
        self.file = self.path.open("ab", buffering=0)

    @rule(most=st.integers(1, 2000))
    def poll(self, most: int) -> None:
        self.got += self.follower.poll(most).lines
        self.rotations = 0

    @invariant()
    def nothing_else_was_handed_out(self) -> None:
        assert self.got == self.expected[: len(self.got)]


TestSequences = Sequences.TestCase
TestSequences.settings = settings(
    max_examples=120, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
