"""Feeds the parser what a coverage-guided fuzzer makes up: `python -m tests.fuzz.parse [-max_total_time=600]`.

Whatever the bytes, parsing ends without an exception, loses no character, and what is done with a tree (mistakes of
syntax and meaning, expansion, printing, formatting, parsing again after an edit) ends without one too. Needs `atheris`
(the extra `fuzz`).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

from tests.fuzz.seeds import write_dictionary, write_seeds

with atheris.instrument_imports(include=["dockerlang"]):
    from dockerlang.builder.checking import check
    from dockerlang.edits import Edit
    from dockerlang.formatter.printer import format_document
    from dockerlang.semantics.static_scopes import static_scopes
    from dockerlang.syntax import parse, walk
    from dockerlang.syntax.reparse import reparse
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
    for node in walk.walk(document):
        assert 0 <= node.span.start <= node.span.end <= len(text)
    for found in check(document):
        assert 0 <= found.span.start <= found.span.end <= len(text)
    unparse(document)
    static_scopes(document)
    formatted = format_document(document)
    assert format_document(parse(formatted)) == formatted
    middle = len(text) // 2
    for edit in (Edit(Span(middle, middle), "\n"), Edit(Span(middle // 2, middle), "")):
        edited = reparse(document, edit)
        assert tuple(edited.items) == tuple(parse(edited.source).items)


def main() -> None:
    """Fuzz until told to stop."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        write_seeds(corpus)
        dictionary = Path(folder) / "words.dict"
        write_dictionary(dictionary)
        atheris.Setup([*sys.argv, f"-dict={dictionary}", str(corpus)], test_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
