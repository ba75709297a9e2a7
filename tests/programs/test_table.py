"""The programs' table over real supervisords."""

from __future__ import annotations

import os
import signal

from console.programs.table import read_programs
from console.programs.usage import Usage
from console.results import Program

from .sandbox import Sandbox
from .waiting import wait_for


def by_name(sandbox: Sandbox) -> dict[str, Program]:
    return {program.full_name: program for program in read_programs(sandbox.container)[1]}


def test_every_program_with_its_state_and_logs(any_sandbox: Sandbox) -> None:
    any_sandbox.add("app", "/bin/sleep 1000")
    any_sandbox.add("never", "/bin/sleep 1000", autostart="false", stdout_logfile="/dev/null")
    any_sandbox.add("once", "/bin/true", autorestart="false")
    any_sandbox.add("gone", "/no/such/program", startretries=0)
    any_sandbox.add("w", "/bin/sleep 9", process_name="w%(process_num)s", numprocs=2, redirect_stderr="false")
    any_sandbox.up()
    wait_for(lambda: by_name(any_sandbox)["gone"].state == "FATAL" and by_name(any_sandbox)["once"].state == "EXITED")
    supervisor, programs = read_programs(any_sandbox.container)
    assert supervisor.reachable
    assert supervisor.state == "RUNNING"
    assert supervisor.version == any_sandbox.supervisord.version
    assert supervisor.pid == any_sandbox.client.pid()
    assert [program.full_name for program in programs] == ["app", "gone", "never", "once", "w:w0", "w:w1"]
    app, gone, never, once, w0, _w1 = programs
    assert (app.state, app.pid, app.spawn_error) == ("RUNNING", any_sandbox.pid("app"), "")
    assert app.uptime_seconds is not None
    assert app.uptime_seconds == app.since_seconds
    assert app.log_file == any_sandbox.container.log_dir / "app.log"
    assert (gone.pid, gone.uptime_seconds, gone.spawn_error) == (None, None, "can't find command '/no/such/program'")
    assert gone.since_seconds is not None
    assert (never.state, never.since_seconds, never.log_file) == ("STOPPED", None, None)
    assert once.since_seconds is not None
    assert w0.error_log_file is not None
    assert w0.error_log_file != w0.log_file


def test_with_usage_each_program_has_its_trees_cpu_and_memory(sandbox: Sandbox) -> None:
    busy = "import os\nos.fork()\nwhile True: pass"
    sandbox.add("busy", sandbox.script(busy, "busy"), killasgroup="true", stopasgroup="true")
    sandbox.add("idle", "/bin/sleep 1000")
    sandbox.add("off", "/bin/sleep 1000", autostart="false")
    sandbox.up()
    usage = Usage()
    usage.warm([sandbox.pid("busy"), sandbox.pid("idle")], 0.3)
    measured = {program.name: program for program in read_programs(sandbox.container, usage)[1]}
    assert measured["busy"].processes == 2
    assert measured["busy"].cpu_percent is not None
    assert measured["busy"].cpu_percent > 5
    assert measured["idle"].cpu_percent == 0
    assert measured["idle"].memory_bytes
    assert (measured["off"].cpu_percent, measured["off"].memory_bytes, measured["off"].processes) == (None, None, 0)


def test_a_supervisord_that_is_gone_is_told_not_raised(sandbox: Sandbox) -> None:
    sandbox.up()
    assert read_programs(sandbox.container)[0].reachable
    sandbox.kill()
    supervisor, programs = read_programs(sandbox.container)
    assert not supervisor.reachable
    assert programs == ()
    assert "does not run" in (supervisor.error or "")


def test_a_new_supervisord_is_told_from_the_old_one(sandbox: Sandbox) -> None:
    sandbox.up()
    first = read_programs(sandbox.container)[0]
    sandbox.kill()
    sandbox.up()
    second = read_programs(sandbox.container)[0]
    assert second.pid == sandbox.client.pid() != first.pid


def test_a_program_that_is_stopping_has_no_known_time_in_its_state(sandbox: Sandbox) -> None:
    sandbox.add("slow", sandbox.script("import signal, time\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(1000)"))
    sandbox.up()
    wait_for(lambda: "15" in str(int_mask(sandbox.pid("slow"))))
    sandbox.client.stop("slow")
    slow = by_name(sandbox)["slow"]
    assert (slow.state, slow.since_seconds) == ("STOPPING", None)
    os.kill(sandbox.pid("slow"), signal.SIGKILL)


def int_mask(pid: int) -> list[int]:
    """The signals that ``pid`` ignores."""
    with open(f"/proc/{pid}/status") as file:  # noqa: PTH123
        mask = next(int(line.split()[1], 16) for line in file if line.startswith("SigIgn"))
    return [number for number in range(1, 32) if mask >> (number - 1) & 1]
