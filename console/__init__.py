"""The console of a Python hosting: what a customer meets when they log in over SSH."""

__version__ = "0.1.0"
