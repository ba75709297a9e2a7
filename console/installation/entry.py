"""Becomes a tree's ``__main__.py``: ``python -I -S TREE MODULE ...`` runs MODULE of the tree, as ``python -m`` does.

Imports nothing of the console before it is asked to: any Python from 3.10 on reads it.
"""

from __future__ import annotations

import importlib
import runpy
import sys


def run() -> None:
    """Run what the arguments ask for."""
    sys.path.append(sys.path.pop(0))  # behind Python's own library, where site-packages stand
    module = sys.argv.pop(1) if len(sys.argv) > 1 else "console"
    if module == "console":
        sys.argv[0] = "console"  # its name in what click says about usage
        importlib.import_module("console.__main__").main()  # quicker than runpy, and a plain traceback
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    run()
