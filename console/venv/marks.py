"""The names of what the console itself puts into a virtualenv."""

MARKER = ".rosti-build"  # it is half built
BACKUP = ".rosti-repair"  # what a repair that is under way has replaced
