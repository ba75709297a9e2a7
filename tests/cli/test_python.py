"""`console python` on real containers of both generations, and on broken ones of files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from console.container import Container
from console.playground import Interpreter
from console.pythons.primary_tech import set_link
from console.venv.jobs import find_job
from tests import containers, needs
from tests.faults.scene import wait, wait_for_step
from tests.terminal import Terminal, console
from tests.venv.chosen import link, text_for

from .test_commands import document, run

Pythons = tuple[Interpreter, Interpreter]


@pytest.fixture(scope="module")
def runtime() -> Iterator[Container]:
    """A container with three Pythons, the second newest chosen; each test leaves it with that one."""
    needs.program("nginx")
    made = containers.make(generation="runtime", python=needs.interpreters(2)[1].version)
    yield made
    containers.remove(made.root)


def test_the_list_for_people_and_for_programs(runtime: Container, pythons: Pythons) -> None:
    new, old = pythons
    done = run(runtime, "python")
    assert done.returncode == 0, done.stderr
    first, words, second, *_others = done.stdout.splitlines()
    assert first.startswith(f"▸ {old.version} ")
    assert first.endswith(f"/opt/techs/python-{old.version}/bin/python3")
    assert words == "    chosen, the virtualenv runs with it"
    assert second.startswith(f"  {new.version} ")
    assert "fixes until " in first or "supported until " in first or "end of life since " in first
    told = document(runtime, "python", "list")
    assert told.keys() == {
        "generation",
        "chosen",
        "primary_tech",
        "venv_python",
        "venv_interpreter",
        "interpreters",
        "problem",
    }
    assert (told["generation"], told["chosen"], told["venv_python"]) == ("runtime", old.version, old.version)
    assert told["primary_tech"] == text_for(runtime, old.version)
    assert told["interpreters"][0] == {
        "path": str(runtime.root / f"opt/techs/python-{old.version}/bin/python3"),
        "version": old.version,
        "chosen": True,
        "venv": True,
        "made_for": True,
        "support": told["interpreters"][0]["support"],
        "fixes_until": told["interpreters"][0]["fixes_until"],
        "end_of_life": told["interpreters"][0]["end_of_life"],
        "fault": "",
    }
    explained = run(runtime, "python", "list", "--explain").stdout.splitlines()
    assert f"readlink {runtime.primary_tech}" in explained


def test_another_is_used_and_taken_back(runtime: Container, pythons: Pythons) -> None:
    new, old = pythons
    dry = run(runtime, "python", "use", new.version, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert f"{text_for(runtime, old.version)} → {text_for(runtime, new.version)}" in dry.stdout
    planned = document(runtime, "python", "use", new.version, "--dry-run")
    assert planned["primary_tech"] == {
        "path": str(runtime.primary_tech),
        "from": text_for(runtime, old.version),
        "to": text_for(runtime, new.version),
        "from_python": old.version,
        "to_python": new.version,
    }
    assert (planned["from"], planned["to"], planned["ok"]) == (old.version, new.version, True)
    explained = run(runtime, "python", "use", new.version, "--explain").stdout.splitlines()
    assert f"ln -sfn {text_for(runtime, new.version)} {runtime.primary_tech}" in explained
    asked = run(runtime, "python", "use", new.version)
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert link(runtime) == text_for(runtime, old.version)

    done = run(runtime, "python", "use", new.version, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["event"], last["ok"], last["primary_tech"]) == ("done", True, text_for(runtime, new.version))
    assert document(runtime, "status")["container"]["python"] == new.version
    assert document(runtime, "python")["chosen"] == new.version

    again = run(runtime, "python", "use", new.version, "--yes")
    assert again.returncode == 0
    assert "Nothing to do" in again.stdout
    told = document(runtime, "python", "use", new.version)
    assert (told["changes"], told["python"], told["venv"]["state"]) == (False, new.version, "ok")
    assert run(runtime, "python", "use", new.version, "--explain").stdout == ""
    with runtime.requirements.open("a") as file:
        file.write("six\n")
    lacking = run(runtime, "python", "use", new.version)
    assert (lacking.returncode, "venv rebuild" in lacking.stdout) == (0, True)
    runtime.requirements.write_text(runtime.requirements.read_text().replace("six\n", ""))

    back = document(runtime, "venv", "rollback", "--dry-run")
    assert (back["primary_tech"]["from"], back["primary_tech"]["to"]) == (
        text_for(runtime, new.version),
        text_for(runtime, old.version),
    )
    undone = run(runtime, "venv", "rollback", "--yes")
    assert undone.returncode == 0, undone.stderr
    assert f"Python {old.version} is chosen again with it" in undone.stdout
    assert f"Python {old.version} is chosen now" in undone.stdout
    assert link(runtime) == text_for(runtime, old.version)


def test_begun_and_left_alone_it_is_joined(runtime: Container, pythons: Pythons) -> None:
    new, old = pythons
    told = document(runtime, "python", "use", new.version, "--yes", "--detach")
    assert told.keys() == {"job"}
    joined = run(runtime, "venv", "attach")
    assert joined.returncode == 0, joined.stderr
    assert f"Python {new.version} is chosen now" in joined.stdout
    assert run(runtime, "venv", "rollback", "--yes").returncode == 0
    assert link(runtime) == text_for(runtime, old.version)


def test_ctrl_c_takes_both_back(runtime: Container, pythons: Pythons) -> None:
    command = [
        sys.executable,
        "-m",
        "console",
        "--root",
        str(runtime.root),
        "python",
        "use",
        pythons[0].version,
        "--yes",
    ]
    before = os.path.realpath(runtime.venv)
    latest = find_job(runtime)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:

        def begun() -> bool:
            job = find_job(runtime)
            return job is not None and job != latest and job.journal.exists()

        wait(begun)
        job = find_job(runtime)
        assert job is not None
        wait_for_step(job, "install")
        process.send_signal(signal.SIGINT)
        _output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Nothing was changed" in errors
    assert (link(runtime), os.path.realpath(runtime.venv)) == (text_for(runtime, pythons[1].version), before)


def test_a_person_is_asked_and_may_say_no(runtime: Container, pythons: Pythons) -> None:
    new = pythons[0]
    with Terminal(console(runtime.root, "python", "use", new.version)) as terminal:
        terminal.wait_for(f"Choose Python {new.version}")
        terminal.press("n\r")
        terminal.wait_for("Nothing was changed.")
    assert link(runtime) == text_for(runtime, pythons[1].version)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("use",), 2, "Which version?"),
        (("list", "3.12"), 2, "takes no version"),
        (("use", "9.9"), 2, "offers no Python 9.9"),
        (("use", "newest"), 2, "no version of Python"),
        (("choose", "3.12"), 2, ""),
        (("use", "3", "4"), 2, ""),
    ],
)
def test_what_cannot_be_meant_is_told(runtime: Container, words: tuple[str, ...], code: int, said: str) -> None:
    done = run(runtime, "python", *words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_image_says_where_it_is_done(shared_container: Container) -> None:
    told = document(shared_container, "python")
    (only,) = told["interpreters"]
    assert (told["generation"], only["chosen"], told["chosen"]) == ("image", True, only["version"])
    same = run(shared_container, "python", "use", only["version"])
    assert (same.returncode, "Nothing to do" in same.stdout) == (0, True)
    other = run(shared_container, "python", "use", "9.9", "--yes")
    assert other.returncode == 1
    assert "web administration" in other.stderr
    error = json.loads(run(shared_container, "python", "use", "9.9", "--json").stdout)["error"]
    assert error.keys() == {"title", "cause", "remedy"}


def test_a_container_in_which_none_is_chosen_is_a_problem(techs: Container) -> None:
    done = run(techs, "python", "list")
    assert done.returncode == 1
    assert f"No Python is chosen: {techs.primary_tech} is missing." in done.stdout
    assert document(techs, "python")["problem"] != ""


def test_no_text_of_the_symlink_moves_the_cursor(techs: Container) -> None:
    set_link(techs.primary_tech, "/opt/\x1b[31mred\x1b[2J")
    (techs.techs / "python-\x1b[31m3.1.1" / "bin").mkdir(parents=True)
    for words in (("list",), ("list", "--explain"), ("use", "3", "--dry-run"), ("use", "3", "--explain")):
        done = run(techs, "python", *words)
        assert "\x1b" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_the_list_loads_nothing_heavy(techs: Container) -> None:
    code = (
        "import sys; from pathlib import Path\nfrom console.__main__ import main\n"
        f"sys.argv = ['console', '--root', {str(techs.root)!r}, 'python', 'list']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = set(done.stderr.split())
    assert "console.pythons.listing" in modules
    assert not modules & {"textual", "rich", "psutil", "supervisor", "packaging", "console.venv.plan"}
