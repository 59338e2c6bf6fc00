"""All rules, found by walking the folder `rules/`: whoever adds a file adds a rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from importlib import import_module
from pathlib import Path

from dockerlang.linter.rule import Family, Rule
from dockerlang.syntax import nodes

_INSTRUCTIONS: tuple[type[nodes.Instruction], ...] = (*nodes.INSTRUCTIONS.values(), nodes.Invalid)
RULES = Path(__file__).with_name("rules")


class Catalog:
    """A set of rules, by code and by the kind of thing that they look at."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: rule.code))

    @staticmethod
    def load() -> Catalog:
        """The catalog of all rules of the package; the files are imported once a process."""
        return _whole_catalog()

    @cached_property
    def by_code(self) -> dict[str, Rule]:
        """The rules by their codes."""
        return {rule.code: rule for rule in self.rules}

    @cached_property
    def by_kind(self) -> dict[type, tuple[Rule, ...]]:
        """The rules by the type that they look at."""
        found: defaultdict[type, list[Rule]] = defaultdict(list)
        for rule in self.rules:
            for kind in rule.on:
                for one in _INSTRUCTIONS if kind is nodes.Instruction else (kind,):
                    found[one].append(rule)
        return {kind: tuple(rules) for kind, rules in found.items()}

    def find(self, code: str) -> Rule | None:
        """The rule of that code or name, whatever its case."""
        wanted = code.lower()
        return next((rule for rule in self.rules if wanted in (rule.code.lower(), rule.name)), None)

    def codes_of(self, family: Family) -> frozenset[str]:
        """The codes of one family."""
        return frozenset(rule.code for rule in self.rules if rule.family is family)


@lru_cache(maxsize=1)
def _whole_catalog() -> Catalog:
    return Catalog(_discover())


def _discover() -> Iterator[Rule]:
    for path in sorted(RULES.glob("*/*.py")):
        if path.stem == "__init__":
            continue
        module = import_module(f"dockerlang.linter.rules.{path.parent.name}.{path.stem}")
        yield from (value for value in vars(module).values() if isinstance(value, Rule))
