"""Tracebacks in logs."""

from __future__ import annotations

import traceback

from hypothesis import given
from hypothesis import strategies as st

from console.logs.tracebacks import Raised, last_traceback, tracebacks
from tests.programs import log_samples as samples

LINES = st.sampled_from(
    [
        "Traceback (most recent call last):",
        "app | Traceback (most recent call last):",
        "  + Exception Group Traceback (most recent call last):",
        '  File "/srv/app/a.py", line 3, in main',
        '  File "/srv/app/a.py", line 3',
        "    do()",
        "       ^^^^",
        "ValueError: no",
        "SyntaxError: invalid syntax",
        "During handling of the above exception, another exception occurred:",
        "The above exception was the direct cause of the following exception:",
        "",
        "  | ValueError: x",
        "[2024-05-03 10:00:00 +0200] [712] [INFO] hello",
        "some text",
    ]
)


def test_gunicorns_traceback_is_found_whole() -> None:
    found = last_traceback(samples.GUNICORN_IMPORT_ERROR.splitlines())
    assert found is not None
    assert found.lines[0] == "Traceback (most recent call last):"
    assert found.lines[-1] == "ModuleNotFoundError: No module named 'django'"
    assert len(found.lines) == 10
    assert found.chain == (Raised("ModuleNotFoundError", "No module named 'django'", "/srv/app/wsgi.py", 1),)


def test_the_end_of_gunicorns_master_is_not_the_reason() -> None:
    found = last_traceback(samples.GUNICORN_19_PYTHON_2.splitlines())
    assert found is not None
    assert found.last.message == "cannot import name settings"


def test_chained_exceptions_are_one_traceback_with_all_lines() -> None:
    lines = samples.CHAINED.splitlines()
    found = last_traceback(["before", *lines, "after"])
    assert found is not None
    assert list(found.lines) == lines
    assert [raised.short_kind for raised in found.chain] == ["ConnectionRefusedError", "RuntimeError", "StartError"]
    assert found.end == len(lines) + 1


def test_a_syntax_error_is_where_the_code_is_wrong_not_where_it_was_imported() -> None:
    found = last_traceback(samples.SYNTAX_ERROR_IN_A_MODULE.splitlines())
    assert found is not None
    assert (found.last.file, found.last.line) == ("/srv/app/shop.py", 7)


def test_a_syntax_error_in_the_script_itself_has_no_header() -> None:
    found = last_traceback(samples.SYNTAX_ERROR_IN_THE_SCRIPT.splitlines())
    assert found is not None
    assert (found.last.kind, found.last.file, found.last.line) == ("SyntaxError", "/srv/app/run.py", 3)
    assert len(found.lines) == 4


def test_pythons_own_import_machinery_is_not_the_place() -> None:
    lines = samples.GUNICORN_IMPORT_ERROR.splitlines()
    lines.remove('  File "/srv/app/wsgi.py", line 1, in <module>')
    found = last_traceback(lines)
    assert found is not None
    assert found.last.file == "/srv/venv/lib/python3.11/site-packages/gunicorn/util.py"


def test_an_exception_group_is_found_whole() -> None:
    lines = samples.EXCEPTION_GROUP.splitlines()
    found = last_traceback([*lines, "after"])
    assert found is not None
    assert list(found.lines) == [lines[0].removeprefix("  + "), *[line.removeprefix("  + ") for line in lines[1:]]]
    assert found.last.kind == "ExceptionGroup"


def test_a_prefix_is_taken_off_though_its_numbers_change() -> None:
    lines = [
        f"10:00:0{n} web[{10 + n}]: {line}" for n, line in enumerate(samples.SYNTAX_ERROR_IN_A_MODULE.splitlines())
    ]
    found = last_traceback(lines)
    assert found is not None
    assert list(found.lines) == samples.SYNTAX_ERROR_IN_A_MODULE.splitlines()


def test_only_the_first_line_may_carry_a_prefix() -> None:
    lines = samples.SYNTAX_ERROR_IN_A_MODULE.splitlines()
    found = last_traceback(["ERROR:root:" + lines[0], *lines[1:]])
    assert found is not None
    assert list(found.lines) == lines


def test_other_records_in_between_are_left_out() -> None:
    lines = samples.SYNTAX_ERROR_IN_A_MODULE.splitlines()
    record = "[2024-05-03 10:00:00 +0200] [712] [INFO] Booting worker with pid: 719"
    found = last_traceback([*lines[:3], record, *lines[3:]])
    assert found is not None
    assert list(found.lines) == lines


def test_a_torn_traceback_gives_way_to_the_whole_one_after_it() -> None:
    torn = samples.GUNICORN_IMPORT_ERROR.splitlines()[5:8]
    found = list(tracebacks([*torn, *samples.SYNTAX_ERROR_IN_A_MODULE.splitlines()]))
    assert [one.last.kind for one in found] == ["SyntaxError"]


def test_an_orderly_end_is_no_failure() -> None:
    lines = ["Traceback (most recent call last):", '  File "/srv/app/a.py", line 3, in <module>', "KeyboardInterrupt"]
    assert last_traceback(lines) is None


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60))
def test_what_python_itself_formats_is_found(message: str) -> None:
    try:
        raise LookupError(message)
    except LookupError:
        lines = traceback.format_exc().rstrip("\n").split("\n")
    found = last_traceback(["noise", *lines])
    assert found is not None
    assert found.last.kind == "LookupError"
    assert list(found.lines) == lines
    assert found.last.message == message.strip()


@given(st.lists(LINES | st.text(max_size=40), max_size=60))
def test_arbitrary_lines_never_break_the_reading(lines: list[str]) -> None:
    for found in tracebacks(lines):
        assert found.lines
        assert found.chain
        assert 0 < found.end <= len(lines)


def test_a_megabyte_of_any_one_line_is_read_in_one_pass() -> None:
    """In time that grows with the square of the size, each of these would take minutes."""
    for line in (
        "Traceback (most recent call last):",
        '  File "/srv/app/a.py", line 3, in main',
        '  File "/srv/app/a.py", line 3',
        "[2024-05-03 10:00:00 +0200] x",
        "  | ValueError: x",
        "a" * 50,
        "",
    ):
        lines = [line] * (1_000_000 // (len(line) + 1))
        assert list(tracebacks(lines)) == []
        assert list(tracebacks(["Traceback (most recent call last):", *lines])) == []
    assert list(tracebacks(["Traceback (most recent call last):" + "x" * 1_000_000])) == []
    assert list(tracebacks(["A" * 1_000_000 + "Traceback (most recent call last):"])) == []
