"""The linter: rules over the tree of a Dockerfile, their fixes, and ShellCheck on its scripts."""

from dockerlang.linter.catalog import Catalog
from dockerlang.linter.engine import lint, lint_many, shell_findings
from dockerlang.linter.fixing import fix_text
from dockerlang.linter.rule import Family, Finding, Rule
from dockerlang.linter.settings import Settings
from dockerlang.linter.surroundings import Surroundings

__all__ = [
    "Catalog",
    "Family",
    "Finding",
    "Rule",
    "Settings",
    "Surroundings",
    "fix_text",
    "lint",
    "lint_many",
    "shell_findings",
]
