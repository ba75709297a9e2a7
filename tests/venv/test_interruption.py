"""Taking a job back, and signals that have to wait."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from console.events import Cancelled
from console.venv.interruption import Interruption


def test_a_set_event_takes_the_job_back() -> None:
    cancel = threading.Event()
    with Interruption(cancel) as interruption:
        interruption.check()
        cancel.set()
        with pytest.raises(Cancelled):
            interruption.check()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_noted_and_takes_effect_when_the_job_has_ended(number: signal.Signals) -> None:
    order: list[str] = []
    before = signal.signal(number, lambda _number, _frame: order.append("handled"))
    try:
        with Interruption() as interruption:
            os.kill(os.getpid(), number)
            order.append("went on")
            with pytest.raises(Cancelled):
                interruption.check()
            order.append("cleaned up")
        assert order == ["went on", "cleaned up", "handled"]
    finally:
        signal.signal(number, before)


def test_ctrl_c_is_raised_after_the_job() -> None:
    order: list[str] = []

    def job() -> None:
        with Interruption():
            os.kill(os.getpid(), signal.SIGINT)
            order.append("went on")

    with pytest.raises(KeyboardInterrupt):
        job()
    assert order == ["went on"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_thread_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[object] = []

    def work() -> None:
        with Interruption():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
