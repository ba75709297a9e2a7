"""Starting another process of this console: with its Python, and with its own packages only.

The console runs from an environment (a virtualenv, a clone of its repository) or from a tree that ``console install``
made (``console/installation``). A tree's packages are found by starting the tree itself, so that no variable has to
name it: PYTHONPATH would reach every Python that is started further on, the customer's own too.
"""

from __future__ import annotations

import os
import sys

TREE_FACTS = "tree.json"  # stands in every tree, beside the packages
# Isolated, and without the site module: no PYTHON* variable, no sitecustomize and no .pth file has a say.
OPTIONS = ("-I", "-S")
_PACKAGES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - at each start


def own_tree() -> str | None:
    """The tree that this console runs from; None when it runs from an environment."""
    return _PACKAGES if os.path.isfile(os.path.join(_PACKAGES, TREE_FACTS)) else None  # noqa: PTH113, PTH118


def own_command(module: str, *arguments: str) -> list[str]:
    """The command that runs ``module`` of this console's own packages, as ``python -m`` does."""
    tree = own_tree()
    if tree is None:
        return [sys.executable, "-m", module, *arguments]
    return [sys.executable, *OPTIONS, tree, module, *arguments]


def own_variables() -> dict[str, str]:
    """What the environment of such a process needs, on top of one without any PYTHON* variable.

    Outside of a tree the package is found also when the console was started from its source folder.
    """
    if own_tree() is not None:
        return {}
    return {"PYTHONPATH": os.pathsep.join([_PACKAGES, *filter(None, [os.environ.get("PYTHONPATH")])])}
