"""The request's path through the container, memory and disk, and all of it in one status."""
