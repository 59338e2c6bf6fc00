"""Where recorded cases are found: our own in `cases/`, those of public suites outside the repository."""

from __future__ import annotations

import os
from pathlib import Path

OWN_CASES = Path(__file__).parent / "cases"
VARIABLE = "DOCKERLANG_CONFORMANCE"


def cases_file(name: str) -> Path | None:
    """The file of that name: beside the tests, else in `$DOCKERLANG_CONFORMANCE` or `../shared/conformance`."""
    own = OWN_CASES / name
    if own.is_file():
        return own
    repository = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get(VARIABLE) or repository.parent / "shared" / "conformance")
    found = folder / name
    return found if found.is_file() else None
