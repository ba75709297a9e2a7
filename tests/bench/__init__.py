"""Benchmarks: measured here, in one run with a peer, and told as ratios. No test asserts a time."""
