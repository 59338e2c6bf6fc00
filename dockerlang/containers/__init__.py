"""Processes in images of the store: what `run` starts, and the records that stay."""
