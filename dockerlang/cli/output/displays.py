"""Chooses how a build is shown."""

from __future__ import annotations

import sys

from dockerlang.cli.output.progress import Display, PlainDisplay, QuietDisplay


def display_for(kind: str) -> Display:
    """The display that `--progress` names; `auto` is live on a terminal and plain elsewhere."""
    if kind == "auto":
        kind = "tty" if sys.stderr.isatty() else "plain"
    if kind == "quiet":
        return QuietDisplay()
    if kind == "plain":
        return PlainDisplay()
    from dockerlang.cli.output.live_progress import LiveDisplay

    return LiveDisplay()
