"""The interpreters that an image offers, and which of them is chosen."""
