"""Feeds the parser what a coverage-guided fuzzer makes up: `python -m tests.fuzz.parse [-max_total_time=600]`.

Whatever the bytes, parsing ends without an exception, loses no character, and what is done with a tree (problems,
suspicions, expansion, printing) ends without one too. Needs `atheris` (the extra `fuzz`).
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["dockerlang"]):
    from dockerlang.edits import Edit
    from dockerlang.semantics.static_scopes import static_scopes
    from dockerlang.syntax import parse, problems
    from dockerlang.syntax.reparse import reparse
    from dockerlang.syntax.suspicions import suspicions
    from dockerlang.syntax.unparse import unparse
    from dockerlang.text import Span, decode, encode


def test_one(data: bytes) -> None:
    """One input."""
    text = decode(data)
    assert encode(text) == data
    document = parse(text)
    offset = 0
    for item in document.items:
        assert item.span.start == offset
        offset = item.span.end
    assert offset == len(text)
    problems(document)
    suspicions(document)
    unparse(document)
    static_scopes(document)
    middle = len(text) // 2
    edited = reparse(document, Edit(Span(middle, middle), "\n"))
    assert tuple(edited.items) == tuple(parse(edited.source).items)


def main() -> None:
    """Fuzz until told to stop."""
    atheris.Setup(sys.argv, test_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
