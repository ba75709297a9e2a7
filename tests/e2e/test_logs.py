"""The logs' screen in a real terminal: a large log that rotates while it is read, and a hostile one."""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path

from console.container import Container
from tests.logs.logging_program import rotate
from tests.terminal import Terminal, console

from .test_console import UP

BACKUPS = 9


def rows(first: int, last: int) -> bytes:
    return b"".join(b"row %d of a log that is read\n" % number for number in range(first, last))


def write_history(log: Path, *, files: int, each: int) -> int:
    """Rotated files and the live one; the number of the next row."""
    for number in range(files):
        log.write_bytes(rows(number * each, (number + 1) * each))
        if number < files - 1:
            rotate(log, BACKUPS)
    return files * each


def shown(terminal: Terminal) -> list[int]:
    """The numbers of the rows on the screen."""
    return [int(number) for number in re.findall(r"^..row (\d+) of", terminal.text, re.MULTILINE)]


def test_a_large_log_is_read_in_peace_while_it_grows_and_rotates(container: Container) -> None:
    log = container.log_dir / "python.log"
    number = write_history(log, files=4, each=100_000)
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        terminal.press("l")
        terminal.wait_for(rf"(?s)following.*row {number - 1} of")
        terminal.press("\x1b[5~\x1b[5~")  # page up
        terminal.wait_for(r"paused")
        terminal.read(0.5)
        before = shown(terminal)
        assert before == list(range(before[0], before[0] + len(before)))
        for _rotation in range(3):
            with log.open("ab") as file:
                file.write(rows(number, number + 5000))
            number += 5000
            rotate(log, BACKUPS)
            terminal.read(0.4)
        with log.open("ab") as file:
            file.write(rows(number, number + 7))
        number += 7
        terminal.wait_for(r"paused, 15,0\d\d new lines")  # those of the app beside ours
        assert shown(terminal) == before

        terminal.press("g")
        terminal.wait_for(r"›.row 0 of")
        terminal.press("/row 123456 of\r")
        terminal.wait_for(r"›.row 123456 of")
        terminal.wait_for(r"1 line matches")
        terminal.press("t50%\r")
        terminal.wait_for(lambda _text: 200_000 < shown(terminal)[0] < 215_000)
        terminal.press("G")
        terminal.wait_for(rf"(?s)following.*row {number - 1} of")
        with log.open("ab") as file:
            file.write(rows(number, number + 3))
        terminal.wait_for(rf"row {number + 2} of")
        last = shown(terminal)
        assert last == list(range(last[0], number + 3))


def test_nothing_of_a_hostile_log_reaches_the_terminal(container: Container) -> None:
    log = container.log_dir / "python.log"
    evil = (
        b"\x1b]0;owned\x07\x1b[2J\x1bc \x9b31m \x90q\x9c [red]brackets[/red] [@click=app.quit]x[/] \x00\x0e \xff\xfe",
        "\u202egnp.exe \u200b\u2028".encode(),
        b"\x1b]52;c;b3duZWQ=\x07 clip",
        b"x" * 300_000 + b"\x1b[2J",
    )
    log.write_bytes(b"".join(line + b" evil\n" for line in evil) * 3 + b"the end\n")
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        begun = len(terminal.output)
        terminal.press("l")
        terminal.wait_for(r"(?s)following.*the end")
        for keys, then in (
            ("w", "cut here"),
            ("w", "the end"),
            ("/brackets\r", r"›.*\[red\]brackets\[/red\] \[@click=app\.quit\]x\[/\]"),
            ("&evil\r", "only: evil"),
            ("k\r", "╭─+╮"),
            ("q", "only: evil"),
        ):
            terminal.press(keys)
            terminal.wait_for(then)
            terminal.read(0.3)
        output = bytes(terminal.output[begun:])
        controls = (b"\x1b[2J", b"\x1bc", b"\x00", b"\x0e", b"\xff", b"\xc2\x9b", b"\xe2\x80\xae")
        for bad in (b"owned", b"b3duZWQ", *controls):
            assert bad not in output, bad


# Every control byte by itself and as UTF-8, and sequences that do something to a terminal.
CONTROLS = [*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0)]
SEQUENCES = (
    *(b"\x1b[2J", b"\x1b[3J", b"\x1b[6n", b"\x1b[5n", b"\x1b[c", b"\x1b[21t", b"\x1b[!p", b"\x1b[1;1r", b"\x1b[9P"),
    *(b"\x1b[?1049l", b"\x1b[?25l", b"\x1b[20h", b"\x1b[7m", b"\x1b[31;5m", b"\x1b[38;5;9m", b"\x1b[1;31", b"\x1b["),
    *(
        b"\x1b]0;t\x07",
        b"\x1b]52;c;YQ==\x07",
        b"\x1b]8;;http://x\x1b\\",
        b"\x1bP+q544e\x1b\\",
        b"\x1b^x\x1b\\",
        b"\x1b_x",
    ),
    *(b"\x1bc", b"\x1b7", b"\x1bD", b"\x1bM", b"\x1b(0", b"\x1b#8", b"\x1b%G", b"\x1b", b"\x9b2J", b"\x9d0;t\x9c"),
)
HOSTILE = [
    *(b"<%02x %c>" % (code, code) for code in CONTROLS),
    *(b"<u%02x %s>" % (code, chr(code).encode()) for code in CONTROLS),
    *(b"<s%d %s>" % (number, sequence) for number, sequence in enumerate(SEQUENCES)),
]
_CSI = re.compile(r"\x1b\[([<-?]*)[0-9;:]*([ -/]*[@-~])")
_OTHER = re.compile(r"\x1b([ -Z\\^-~])")


def kinds(output: bytes | bytearray) -> set[str]:
    """The kinds of sequences in what a terminal got, and every control character outside of them but line ends."""
    text = output.decode("utf-8", "replace")
    found = {f"CSI {match[1]}{match[2]}" for match in _CSI.finditer(text)}
    text = _CSI.sub("", text)
    found |= {f"ESC {match[1]}" for match in _OTHER.finditer(text)}
    text = _OTHER.sub("", text)
    return found | {f"{ord(char):#x}" for char in text if not char.isprintable() and char not in "\r\n\t"}


def test_every_control_byte_of_a_log_stays_away_from_the_terminal(container: Container) -> None:
    log = container.log_dir / "python.log"
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        got = []
        for lines in ([b"<%03d harmless>" % number for number in range(len(HOSTILE))], HOSTILE):
            begun = len(terminal.output)
            log.write_bytes(b"".join(b"%s\n" % line for line in lines) + b"the end\n")
            for keys, then in (
                ("l", "the end"),
                ("g", r"›.<0"),
                ("w", r"›.<0"),
                *((" ", "") for _page in range(len(HOSTILE) // 15)),
                ("G", "the end"),
                ("z/end\r", "line[s]? match"),
                ("w", "the end"),
                ("q", UP),
            ):
                terminal.press(keys)
                terminal.wait_for(then)
                terminal.read(0.1)
            got.append(kinds(terminal.output[begun:]))
        assert got[1] - got[0] == set()


def test_every_control_byte_of_a_log_stays_away_from_a_terminal_that_gets_it_printed(container: Container) -> None:
    log = container.log_dir / "python.log"
    log.write_bytes(b"".join(b"%s\n" % line for line in HOSTILE) + b"the end\n")
    for more in ((), ("--grep", "<|end"), ("--merged",), ("--json",)):
        with Terminal(console(container.root, "logs", "-n", "1000", *more)) as terminal:
            terminal.wait_for(r"the end")
            terminal.wait_for_end()
            assert {kind for kind in kinds(terminal.output) if kind != "CSI m"} == set(), more
            assert b"<00 " in terminal.output


def test_y_hands_the_line_to_the_terminal_and_to_a_file(container: Container) -> None:
    log = container.log_dir / "python.log"
    log.write_text("first\na line to copy\n")
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        terminal.press("l")
        terminal.wait_for(r"(?s)following.*a line to copy")
        terminal.press("/to copy\r")
        terminal.wait_for(r"› a line to copy")
        terminal.press("y")
        terminal.wait_for(r"Copied 1 line")
        assert b"\x1b]52;c;" + base64.b64encode(b"a line to copy") in terminal.output
        assert (container.state_dir / "copied.txt").read_text() == "a line to copy"


def test_clear_empties_the_programs_log_after_asking(container: Container) -> None:
    log = container.log_dir / "python.log"
    with log.open("ab") as file:
        file.write(rows(0, 1000))
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        terminal.press("l")
        terminal.wait_for(r"(?s)following.*row 999 of")
        terminal.press("C")
        terminal.wait_for(r"Clear the log of app \(")
        terminal.press("y")
        terminal.wait_for(r"The log of app is empty|The log was emptied")
        assert log.stat().st_size < 1000


def test_all_logs_are_one_with_the_restart_of_the_app_as_a_rule_between(container: Container) -> None:
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for(UP)
        terminal.press("l")
        terminal.wait_for(r"python\.log .* following")
        terminal.press("m")
        terminal.wait_for(r"merged: app, nginx, supervisord .* following")
        subprocess.run(console(container.root, "restart", "app"), check=True, capture_output=True)
        # Of whatever wrote in the same second nobody knows what came first.
        terminal.wait_for(r"(?s)── [\d:]{8} app stopped .*── [\d:]{8} app spawned pid \d+ ──")
        terminal.wait_for(r"app +│ .*Booting worker")
        terminal.press("/app.*spawned|spawned.*app\x12\r")
        terminal.wait_for(r"›.── [\d:]{8} app spawned")
        terminal.press("m")
        terminal.wait_for(r"(?s)── supervisord\.log .* paused.*›.[^\n]* INFO spawned: 'app'")
