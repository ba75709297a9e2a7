"""A copy of the console that needs no environment: put where it outlives a change of the image's Python."""
