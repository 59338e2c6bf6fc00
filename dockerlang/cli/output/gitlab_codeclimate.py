"""Diagnostics as the code quality report that GitLab shows at a merge request: Code Climate's issues in one array.

GitLab tells new findings from old ones by their fingerprints, so these do not change when a line moves.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence

from dockerlang.cli.output.codeclimate import issue
from dockerlang.diagnostics import Diagnostic
from dockerlang.text import Source


def as_gitlab_codeclimate(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> str:
    """All findings of all files, each with a fingerprint of its own."""
    seen: Counter[str] = Counter()
    issues = []
    for source, diagnostics in reports:
        for diagnostic in diagnostics:
            line = source.lines.line_text(source.lines.line_of(diagnostic.span.start))
            told = "\0".join((source.name, diagnostic.code, diagnostic.message, line))
            seen[told] += 1
            # The same on two equal lines is told apart by its number.
            data = f"{told}\0{seen[told]}".encode("utf-8", "surrogateescape")
            # It tells findings apart and protects nothing.
            fingerprint = hashlib.sha1(data, usedforsecurity=False).hexdigest()
            issues.append({**issue(source, diagnostic), "fingerprint": fingerprint})
    return json.dumps(issues)
