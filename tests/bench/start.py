"""From the command to the first line and the first useful frame, against an empty Textual app."""

from __future__ import annotations

from console.container import Container
from tests.terminal import console

from .measures import Row, at_rest, medians, megabytes, milliseconds, ratio_row, time_until
from .peers import EMPTY_APP

RUNS = 9
PLAIN_LINE = r"app RUNNING"
USEFUL_FRAME = r"The site is up"


def run(container: Container) -> list[Row]:
    """The two take turns, so that whatever else the machine does hits both alike."""
    ours, empty = [], []
    for _run in range(RUNS):
        ours.append(time_until(console(container.root), PLAIN_LINE, USEFUL_FRAME))
        empty.append(time_until(EMPTY_APP, "READY"))
    plain, frame = medians(ours)
    (peer,) = medians(empty)
    our_memory = at_rest(console(container.root), USEFUL_FRAME, settle=2, seconds=1).rss_bytes
    peer_memory = at_rest(EMPTY_APP, "READY", settle=2, seconds=1).rss_bytes
    return [
        ratio_row("plain line with the truth, against an empty app's first frame", plain, peer, 0.5, milliseconds),
        ratio_row("first useful frame, against an empty app's first frame", frame, peer, 1.5, milliseconds),
        ratio_row("memory (RSS), against an empty app's", our_memory, peer_memory, 1.4, megabytes),
    ]
