"""The order in which processes are ended where memory runs out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from console.out_of_memory import JOB, SCREENS, go_first
from console.venv.child import run_child

OWN = "from console.out_of_memory import SCREENS, go_first, shell_line\n"


def _said(code: str) -> list[str]:
    return subprocess.run([sys.executable, "-c", OWN + code], capture_output=True, text=True, check=True).stdout.split()


def test_a_process_that_goes_first_takes_along_what_it_starts() -> None:
    code = "go_first(); import subprocess; subprocess.run(['cat', '/proc/self/oom_score_adj'])"
    assert _said(code) == ["1000"]


def test_the_screens_go_before_the_customer_s_and_after_a_job() -> None:
    assert _said("go_first(turn=SCREENS); print(open('/proc/self/oom_score_adj').read())") == ["800"]
    assert 0 < SCREENS < JOB


def test_a_shell_gets_back_the_turn_that_was_before() -> None:
    before = Path("/proc/self/oom_score_adj").read_text().strip()
    code = (
        "go_first(); import subprocess\nsubprocess.run(['sh', '-c', shell_line() + '\\ncat /proc/self/oom_score_adj'])"
    )
    assert _said(code) == [before]


def test_what_a_job_runs_goes_first() -> None:
    said: list[str] = []
    script = "sleep 0.3; cat /proc/self/oom_score_adj"
    assert run_child(["sh", "-c", script], on_line=said.append, check=lambda: None) == 0
    assert said == ["1000"]


def test_a_kernel_that_does_not_take_it_is_no_error(tmp_path: Path) -> None:
    go_first(proc=tmp_path)
    go_first(1, proc=tmp_path)
