"""The command line: parses, calls an operation, prints. The names are a contract (docs/cli.md).

One module a command, imported when it is called: ``console status`` is typed over slow lines and in loops, and
must not pay for what it does not use.
"""
