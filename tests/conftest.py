"""What all tests share: options of the command line, and how long laws are searched for a counterexample."""

from __future__ import annotations

import os
import signal
import tempfile

import pytest
from hypothesis import settings

# No deadline for one example: a machine that is busy with something else proves nothing about a law.
settings.register_profile("thorough", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=15)
settings.load_profile("thorough")

# What a shell starts in the background ignores SIGINT, and so would every command that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What the linter remembers of the user's own files is no concern of the tests, and theirs is none of the user's.
_cache = tempfile.TemporaryDirectory(prefix="dockerlang-tests-")
os.environ["XDG_CACHE_HOME"] = _cache.name


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-cases", action="store_true", help="write actual results into the Markdown cases")
