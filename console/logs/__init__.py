"""Log files on disk: which there are, their last lines, following them, and text that is safe on a terminal."""
