"""How often each rule was broken: a line a rule, the most broken one first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from dockerlang.diagnostics import Diagnostic
from dockerlang.linter.catalog import Catalog


def print_statistics(diagnostics: Sequence[Diagnostic], output_format: str, stream: TextIO) -> None:
    """Print the counts: as a table, or as JSON where a format of JSON was asked for."""
    counts = Counter(found.code for found in diagnostics)
    fixable = Counter(found.code for found in diagnostics if found.fixes)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [(code, count, fixable[code], _title(code, diagnostics)) for code, count in ordered]
    if output_format in ("json", "json-lines"):
        keys = ("code", "count", "fixable", "title")
        stream.write(json.dumps([dict(zip(keys, row, strict=True)) for row in rows]) + "\n")
        return
    widths = [max((len(str(row[column])) for row in rows), default=0) for column in range(2)]
    for code, count, fixes, title in rows:
        mark = "[fix]" if fixes else "     "
        stream.write(f"{count:>{widths[1]}}  {code:<{widths[0]}}  {mark}  {title}\n")


def _title(code: str, diagnostics: Sequence[Diagnostic]) -> str:
    """The rule's own words; for what is no rule of ours the message of the first finding."""
    rule = Catalog.load().by_code.get(code)
    if rule is not None:
        return rule.title
    return next(found.message for found in diagnostics if found.code == code)
