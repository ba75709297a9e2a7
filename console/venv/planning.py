"""A plan made in a process of its own: what planning loads (14 MB) goes with it, where a screen would keep it for good.

``python -m console.venv.planning ROOT STRATEGY LANGUAGE [VERSION]`` prints one JSON object: ``result`` (a RebuildPlan;
null where VERSION, the Python to be chosen, is in use already), or ``error`` as a job's last record has it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ..container import Container, find_container
from ..errors import ConsoleError, own_fault
from ..out_of_memory import go_first
from ..own_python import own_command
from ..results import RebuildPlan, as_json, from_json
from ..text import _, current_language, use_language
from .launching import own_environment
from .outcome import as_error, raise_error


def plan_elsewhere(container: Container, *, strategy: str = "auto") -> RebuildPlan:
    """``plan_rebuild`` in a process of its own. Raises what that raises."""
    plan = _planned(container, strategy)
    assert plan is not None
    return plan


def plan_use_elsewhere(container: Container, version: str, *, strategy: str = "auto") -> RebuildPlan | None:
    """``plan_use`` in a process of its own. Raises what that raises."""
    return _planned(container, strategy, version)


def _planned(container: Container, strategy: str, *version: str) -> RebuildPlan | None:
    words = [str(container.root), strategy, current_language(), *version]
    ran = subprocess.run(
        own_command(f"{__package__}.planning", *words),
        cwd="/",
        env=own_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    try:
        told = json.loads(ran.stdout)
        if "result" in told:
            return from_json(RebuildPlan, told["result"]) if told["result"] is not None else None
    except (ValueError, TypeError) as error:
        last = ran.stderr.decode("utf-8", "replace").splitlines()[-1:]
        raise ConsoleError(_("The plan could not be made."), "".join(last) or str(error)) from error
    raise_error(told)


def main() -> None:
    """The process."""
    from .plan import plan_rebuild
    from .use_plan import plan_use

    go_first()
    root, strategy, language, *version = sys.argv[1:]
    use_language(language)
    try:
        container = find_container(Path(root))
        if version:
            plan = plan_use(container, *version, strategy=strategy, ends=True)
        else:
            plan = plan_rebuild(container, strategy=strategy, ends=True)
    except ConsoleError as error:
        told = {"error": as_error(error)}
    except Exception as error:  # noqa: BLE001 - its screen shows a sentence, and this process has none
        told = {"error": as_error(own_fault(error))}
    else:
        told = {"result": as_json(plan)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
