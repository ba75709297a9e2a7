"""Where the process starts: errors become sentences, interrupts an exit code, a closed pipe silence."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import own_fault

INTERRUPTED = 130


def main() -> None:
    """Run the command line and end the process with the contract's exit code."""
    from .cli.language import choose_language

    choose_language(sys.argv[1:])
    import click

    from .cli.options import Asked
    from .cli.root import cli
    from .errors import ConsoleError

    asked = Asked()
    code = 0
    try:
        returned = cli.main(standalone_mode=False, obj=asked)
        code = returned if isinstance(returned, int) else 0
        sys.stdout.flush()
    except ConsoleError as error:
        asked.printer.error(error)
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        print(file=sys.stderr)
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of the pipe has left, as `head` does; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001 - the last catch: a traceback is no answer for a customer
        asked.printer.error(own_fault(error, _keep_details(error)))
        code = 1
    sys.exit(code)


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
