"""What the user wants of the linter, whatever file or command line it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from dockerlang.diagnostics import Severity
from dockerlang.records import record

# Findings of ShellCheck that are about the file rather than the script; hadolint leaves them out, too.
SHELLCHECK_IGNORED = frozenset({"SC1090", "SC1091", "SC2187"})


@record
class Settings:
    """One set of wishes for one run.

    `select` is None for the rules that are on by default, else the codes that are on; `extend_select` adds some to
    them, and `ignore` takes codes away again. In all three `SC` stands for all of ShellCheck's. `label_schema` maps a
    label's name to the format of its value.
    """

    select: frozenset[str] | None = None
    extend_select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    trusted_registries: tuple[str, ...] = ()
    label_schema: Mapping[str, str] = field(default_factory=dict)
    strict_labels: bool = False
    honours_pragmas: bool = True

    def is_on(self, code: str, *, by_default: bool = True) -> bool:
        """Whether findings under this code are wanted."""
        if _lists(self.ignore, code):
            return False
        if _lists(self.extend_select, code):
            return True
        if self.select is None:
            return by_default or code in self.severities
        return _lists(self.select, code)

    def severity_of(self, code: str, default: Severity) -> Severity:
        """How grave findings under this code are."""
        return self.severities.get(code, default)


def _lists(codes: frozenset[str], code: str) -> bool:
    return code in codes or ("SC" in codes and code.startswith("SC") and code[2:].isdigit())
