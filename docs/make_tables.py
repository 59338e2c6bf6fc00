"""Writes grammar/tables.jsonl, the parser tables made from the grammars beside it: `python docs/make_tables.py`."""

from __future__ import annotations

from dockerlang.syntax.tables import FILE_NAME, file_content, grammar_directory

if __name__ == "__main__":
    (grammar_directory() / FILE_NAME).write_text(file_content(), encoding="utf-8")
