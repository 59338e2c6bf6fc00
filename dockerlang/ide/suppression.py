"""Silences a finding by a comment: for the instruction, or for the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.edits import Edit
from dockerlang.linter import Catalog, Family
from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.text import Span


@record
class Suppression:
    """A comment to insert, and the title to offer it under."""

    title: str
    edit: Edit


def suppressions(document: nodes.Document, finding: Diagnostic) -> Iterator[Suppression]:
    """How to silence a finding. Mistakes of syntax, which fail the build whatever a comment says, have no way."""
    rule = Catalog.load().find(finding.code)
    if rule is None and not re.fullmatch(r"SC\d+", finding.code):
        return
    is_check = rule is not None and rule.family is Family.BUILDKIT
    top = next((item.span.start for item in document.items if not isinstance(item, nodes.Directive)), 0)
    # A mark of byte order stays the first character of the file.
    top = max(top, len(document.source.text) - len(document.source.text.lstrip("\ufeff")))
    instruction = next((each for each in document.instructions if finding.span.start in each.span), None)
    # At the top, a `check` comment would be a directive, which holds for the file.
    if instruction is not None and not (is_check and instruction.span.start <= top):
        comment = f"check=skip={finding.code}" if is_check else f"hadolint ignore={finding.code}"
        at = max(instruction.span.start, top)
        yield _insertion(document, at, comment, f"Ignore {finding.code} here")
    if not is_check:
        yield _insertion(document, top, f"hadolint global ignore={finding.code}", f"Ignore {finding.code} in this file")
    elif not any(directive.name == "check" for directive in document.directives):
        yield _insertion(document, top, f"check=skip={finding.code}", f"Ignore {finding.code} in this file")


def _insertion(document: nodes.Document, offset: int, comment: str, title: str) -> Suppression:
    ending = "\r\n" if "\r\n" in document.source.text else "\n"
    return Suppression(title, Edit(Span(offset, offset), f"# {comment}{ending}"))
