"""Pages that are made from the code say what the code says."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_reference_of_the_tree_is_up_to_date() -> None:
    page = runpy.run_path(str(DOCS / "make_language.py"))["page"]()
    assert (DOCS / "language.md").read_text("utf-8") == page, "run `python docs/make_language.py`"
