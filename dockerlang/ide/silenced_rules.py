"""The rules that comments name in order to silence them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dockerlang.linter import Catalog
from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.syntax.shift import touching
from dockerlang.text import Span

_IS_ABOUT_RULES = re.compile(r"[ \t]*#[ \t]*(hadolint[ \t]|check[ \t]*=)")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@record
class SilencedRule:
    """A rule's code or name in a comment, with the rule's page (Markdown) and its address on the web, if it has one."""

    span: Span
    page: str
    url: str


def silenced_rules(document: nodes.Document) -> Iterator[SilencedRule]:
    """All of them, in the order of the file; words that no rule is called by are passed over."""
    return _in_items(document.source.text, document.items)


def _in_items(text: str, items: Iterable[nodes.Item]) -> Iterator[SilencedRule]:
    for item in items:
        if not isinstance(item, (nodes.Comment, nodes.Directive)):
            continue
        if _IS_ABOUT_RULES.match(text, item.span.start, item.span.end) is None:
            continue
        for word in _WORD.finditer(text, item.span.start, item.span.end):
            rule = Catalog.load().find(word[0])
            if rule is not None:
                yield SilencedRule(Span(*word.span()), f"**{rule.code}** {rule.page.strip()}", rule.url)


def silenced_rule_at(document: nodes.Document, offset: int) -> SilencedRule | None:
    """The one that a cursor at `offset` touches."""
    return next(
        (
            rule
            for rule in _in_items(document.source.text, touching(document.items, offset))
            if rule.span.touches(offset)
        ),
        None,
    )
