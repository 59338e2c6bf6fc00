"""From the words of a command line (codes, names, families) to the codes of rules."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.linter.catalog import Catalog
from dockerlang.linter.rule import Family

SHELLCHECK = "SC"
_FAMILIES = {
    "hadolint": Family.HADOLINT,
    "dl": Family.HADOLINT,
    "buildkit": Family.BUILDKIT,
    "dockerlang": Family.OWN,
}


def codes_of(words: Iterable[str]) -> frozenset[str]:
    """The codes that the words mean; each may hold several, parted by commas.

    A word is a code (`DL3008`, `SC2086`), the name of a rule, a family (`hadolint`, `buildkit`, `dockerlang`,
    `shellcheck`), or a code that nobody knows, which is kept: it may belong to another version.
    """
    codes: set[str] = set()
    catalog = Catalog.load()
    for word in (part.strip() for text in words for part in text.split(",")):
        family = _FAMILIES.get(word.lower())
        rule = catalog.find(word)
        if family is not None:
            codes |= catalog.codes_of(family)
        elif word.lower() in ("shellcheck", "sc"):
            codes.add(SHELLCHECK)
        elif rule is not None:
            codes.add(rule.code)
        elif word:
            codes.add(word.upper() if word[:2].lower() in ("dl", "sc") and word[2:].isdigit() else word)
    return frozenset(codes)
