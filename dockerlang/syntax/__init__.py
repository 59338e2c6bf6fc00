"""Text to tree: `parse` gives a typed `Document` for any text, `problems` says what is wrong with it."""

from dockerlang.syntax.check import problems
from dockerlang.syntax.document import parse

__all__ = ["parse", "problems"]
