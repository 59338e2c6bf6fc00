"""Prints a Dockerfile in one style without changing what it means."""

from dockerlang.formatter.options import KeywordCase, Options
from dockerlang.formatter.printer import format_document, format_edits

__all__ = ["KeywordCase", "Options", "format_document", "format_edits"]
