"""The virtualenv: what it is, what a rebuild would do, the rebuild itself, and the way back."""
