"""Sharing the build cache between machines: written to a directory, a registry or an image, and read from there."""
