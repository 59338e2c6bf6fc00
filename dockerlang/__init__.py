"""Everything around a Dockerfile: one tree with exact spans behind a linter, a formatter, an editor and a builder."""

__version__ = "0.1.0"
