"""From the words of a command line (codes, names, families) to the codes of rules.

A word is a code (`DL3008`, `SC2086`), the name of a rule, a family (`hadolint`, `buildkit`, `dockerlang`,
`shellcheck`), or a code that nobody knows, which is kept: it may belong to another version. Each text may hold
several, parted by commas.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerlang.linter.catalog import Catalog
from dockerlang.linter.rule import Family, Rule

SHELLCHECK = "SC"
_FAMILIES = {
    "hadolint": Family.HADOLINT,
    "dl": Family.HADOLINT,
    "buildkit": Family.BUILDKIT,
    "dockerlang": Family.OWN,
}


def selected_codes(texts: Iterable[str]) -> frozenset[str]:
    """The codes to report; a family stands for those of its rules that are on by default."""
    return frozenset(code for text in texts for code, is_sure in _codes(text) if is_sure)


def ignored_codes(texts: Iterable[str]) -> frozenset[str]:
    """The codes not to report; a family stands for all of its rules."""
    return frozenset(code for text in texts for code, _ in _codes(text))


def _codes(text: str) -> Iterator[tuple[str, bool]]:
    """Each code that the text means, and whether it was named itself or is on by default."""
    catalog = Catalog.load()
    for word in filter(None, (part.strip() for part in text.split(","))):
        family = _FAMILIES.get(word.lower())
        rule = catalog.find(word)
        if family is not None:
            yield from ((each.code, each.is_default) for each in catalog.rules if each.family is family)
        else:
            yield _one_code(word, rule), True


def _one_code(word: str, rule: Rule | None) -> str:
    if rule is not None:
        return rule.code
    if word.lower() in ("shellcheck", "sc"):
        return SHELLCHECK
    is_number = word[:2].lower() in ("dl", "sc") and word[2:].isdigit()
    return word.upper() if is_number else word
