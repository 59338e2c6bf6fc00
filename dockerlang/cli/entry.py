"""Where the `dockerlang` command begins and ends: what must hold before anything is imported, and a quick way out."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` adds enums to it, which take milliseconds
import gc
import os
import sys

# As type checkers know it; `typing` itself takes longer to import than a remembered run takes beside Python's start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_ALLOCATIONS = 200_000
"""Between two runs of the collector of cycles; Python's 700 would have it run a hundred times while modules load."""


def run() -> NoReturn:
    """Run the command line and end the process."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        # Until the command begins there is nothing to clear away, and a traceback would say nothing.
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    gc.set_threshold(_ALLOCATIONS)
    if sys.argv[1:2] == ["lint"]:
        # A run that is asked for again needs neither the command line nor anything that comes with it.
        from dockerlang.cli.linting.replay import replay

        code = replay(sys.argv[1:])
        if code is not None:
            _leave(code)
    from dockerlang.cli.main import main

    try:
        main()
    except SystemExit as ending:
        _leave(ending.code if isinstance(ending.code, int) else 0)
    except KeyboardInterrupt:
        _leave(130)


def _leave(code: int) -> NoReturn:
    """End without taking every module apart, which takes longer than a cached build's own work."""
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        sys.exit(code)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        # Python says the right thing about a stream that cannot be written.
        sys.exit(code)
    os._exit(code)
