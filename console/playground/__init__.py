"""A real container in a folder: supervisord, nginx and a sample app, without root."""

from .down import container_down
from .interpreters import Interpreter, interpreters_on_this_machine
from .status import Playground, PlaygroundProgram, container_status
from .switch import switch_python
from .up import container_up

__all__ = [
    "Interpreter",
    "Playground",
    "PlaygroundProgram",
    "container_down",
    "container_status",
    "container_up",
    "interpreters_on_this_machine",
    "switch_python",
]
