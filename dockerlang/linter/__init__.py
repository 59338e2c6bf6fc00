"""The linter: rules over the tree of a Dockerfile, their fixes, and ShellCheck on its scripts.

The names are looked up when they are first used: who only reads remembered findings does not wait for the rules.
"""

from importlib import import_module

# As type checkers know it; who only reads remembered findings does not wait for `typing` either.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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

_MODULES = {
    "Catalog": "catalog",
    "Family": "rule",
    "Finding": "rule",
    "Rule": "rule",
    "Settings": "settings",
    "Surroundings": "surroundings",
    "fix_text": "fixing",
    "lint": "engine",
    "lint_many": "engine",
    "shell_findings": "engine",
}


def __getattr__(name: str) -> "Any":
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
