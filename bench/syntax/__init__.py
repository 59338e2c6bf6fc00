"""Benchmarks of parsing alone."""
