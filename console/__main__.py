"""Where the process starts: errors become sentences, interrupts an exit code, a closed pipe silence."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import ConsoleError

INTERRUPTED = 130


def main() -> None:
    """Run the command line and end the process with the contract's exit code."""
    from .login import signs

    signs.begin()
    from .cli.language import choose_language
    from .errors import ConsoleError, own_fault

    words = sys.argv[1:]
    choose_language(words)
    code = 0
    try:
        root = _bare_start(words)
        if words == ["login", "notice"]:  # part of every login with a notice: without click too
            from .cli.login_notice import print_notice
            from .container import find_container

            print_notice(find_container())
        elif root is None:
            from .cli.run import run_command_line

            code = run_command_line()
        else:
            from .cli.full_screen import open_console
            from .container import find_container

            open_console(find_container(root))
        sys.stdout.flush()
    except ConsoleError as error:
        _tell(error)
        code = error.exit_code
    except KeyboardInterrupt:
        print(file=sys.stderr)
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of the pipe has left, as `head` does; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001 - the last catch: a traceback is no answer for a customer
        _tell(own_fault(error, _keep_details(error)))
        code = 1
    sys.exit(code)


def _bare_start(words: list[str]) -> str | None:
    """The root when ``words`` ask for nothing but the screens (``console``, ``console --root DIR``), "" for the usual
    one; None when click has to read them. Loading click is a third of the time until the plain line, at every login.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    if not words:
        return ""
    return words[1] if len(words) == 2 and words[0] == "--root" and not words[1].startswith("-") else None


def _tell(error: ConsoleError) -> None:
    from .cli.printing import make_printer

    words = sys.argv[1:]
    make_printer(as_json="--json" in words, no_color="--no-color" in words).error(error)


def _keep_details(error: Exception) -> str:
    """Put the traceback into a file, not onto the user's screen; returns the sentence that says where."""
    import traceback

    from .atomic import write_file
    from .errors import ConsoleError
    from .text import _

    report = Path.home() / ".console" / "crash.log"
    try:
        report.parent.mkdir(parents=True, exist_ok=True)
        write_file(report, "".join(traceback.format_exception(error)).encode())
    except (OSError, ConsoleError) as reason:
        return _("The details could not be kept: {reason}").format(reason=reason)
    return _("The details are in {path}.").format(path=report)


if __name__ == "__main__":
    main()
